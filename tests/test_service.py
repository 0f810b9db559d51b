"""A service from its start to its end, and what keeps it from starting."""

from __future__ import annotations

import errno
import re
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater

from chatproto.doors.listening import BACKLOG
from chatproto.doors.table import Door
from chatproto.errors import CannotStart
from chatproto.language import _
from chatproto.service import ChatService
from chatproto.settings import understand
from chatproto.tap import Options, with_doors
from following import reactor, soon, turn, waits
from starting import NO_FILE, read, settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twisted.python.failure import Failure

    from chatproto.errors import NotSaid
    from chatproto.language import Sentence


class Talker(Protocol):
    """A client that keeps what it got."""

    def __init__(self) -> None:
        self.got = b""
        self.wanted = b""
        self.found: Deferred[None] = Deferred()
        self.lost: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.got += data
        if self.wanted and self.wanted in self.got:
            self.wanted = b""
            self.found.callback(None)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.lost.callback(None)

    def until(self, wanted: bytes) -> Deferred[None]:
        self.wanted, self.found = wanted, Deferred()
        self.dataReceived(b"")
        return soon(self.found)


def service(*arguments: str) -> ChatService:
    return ChatService(settings(*arguments), reactor, _not_lost)


def _not_lost(error: NotSaid) -> None:
    pytest.fail(str(error))


def ports(chat: ChatService) -> list[Any]:
    return [door.port for door in chat.doors if door.port]


async def start(chat: ChatService) -> None:
    """Start it as twistd does."""
    started = chat.privilegedStartService()
    chat.startService()
    await soon(started)


async def dial(port: Any) -> Talker:
    address = port.getHost()
    endpoint = HostnameEndpoint(reactor, "127.0.0.1", address.port)
    talker: Any = await soon(endpoint.connect(Factory.forProtocol(Talker)))
    assert isinstance(talker, Talker)
    return talker


@waits
async def test_it_starts_serves_says_goodbye_and_stops() -> None:
    chat = service("--telnet", "0", "--plain", "0")
    await start(chat)
    telnet, plain = [await dial(port) for port in ports(chat)]
    assert plain.transport
    await telnet.until(b"Your name: ")
    plain.transport.write(b"alice\n")
    await plain.until(b"You are alice.")
    await soon(chat.stopService())
    for talker in (telnet, plain):
        await soon(talker.lost)
        assert talker.got.endswith(
            (
                b"-- The server is going down. Goodbye.\r\n",
                b"-- The server is going down. Goodbye.\n",
            )
        )
    assert not chat.context.sessions


@waits
async def test_a_whole_server_can_be_made_to_count_this_machine_like_any_other() -> None:
    chosen = replace(settings("--plain", "0", "--per-address", "1/10"), loopback_is_exempt=False)
    chat = ChatService(chosen, reactor, _not_lost)
    await start(chat)
    first, second = await dial(ports(chat)[0]), await dial(ports(chat)[0])
    await soon(second.lost)
    assert b"There is 1 connection from your address" in second.got
    await soon(chat.stopService())
    await soon(first.lost)


@waits
async def test_with_too_few_descriptors_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatproto.doors.gate._descriptors", lambda: 64)
    chat = service("--plain", "0")
    with pytest.raises(CannotStart, match="ulimit -n"):
        await start(chat)
    assert not chat.doors
    await soon(chat.stopService())


@waits
async def test_what_was_said_is_there_after_a_restart(tmp_path: Path) -> None:
    welcomes = []
    for _start in range(2):
        chat = service("--plain", "0", "--data", str(tmp_path / "chat"))
        await start(chat)
        try:
            talker = await dial(ports(chat)[0])
            assert talker.transport
            talker.transport.write(b"alice\n")
            await talker.until(b"You are alice.")
            welcomes.append(b"alice: once upon a time" in talker.got)
            talker.transport.write(b"once upon a time\n/quit\n")
            await soon(talker.lost)
        finally:
            await soon(chat.stopService())
    assert welcomes == [False, True]


@waits
async def test_a_unix_socket_is_a_door_too(tmp_path: Path) -> None:
    path = tmp_path / "door"
    chat = service("--plain", f"unix:{path}")
    await start(chat)
    connected: Any = await soon(
        UNIXClientEndpoint(reactor, str(path)).connect(Factory.forProtocol(Talker))
    )
    connected.transport.write(b"alice\n")
    await connected.until(b"You are alice.")
    await soon(chat.stopService())
    await soon(connected.lost)
    assert not path.exists()


@waits
async def test_who_starts_it_without_privileges_has_open_doors_too() -> None:
    chat = service("--plain", "0")
    opening = chat.startService()  # as `twist` does
    assert opening
    await soon(opening)
    assert len(ports(chat)) == 1
    await soon(chat.stopService())


@waits
async def test_a_bare_port_is_on_this_machine_alone_and_has_our_backlog() -> None:
    chat = service("--plain", "0")
    await start(chat)
    (port,) = ports(chat)
    assert port.getHost().host == "127.0.0.1"
    assert port.backlog == BACKLOG
    await soon(chat.stopService())


@pytest.mark.parametrize("where", ["tcp:0:127.0.0.1:7", "tcp:0:backlog=7:interface=127.0.0.1"])
@waits
async def test_an_endpoint_keeps_the_backlog_and_the_interface_it_names(where: str) -> None:
    chat = service("--plain", where)
    await start(chat)
    (port,) = ports(chat)
    assert port.getHost().host == "127.0.0.1"
    assert port.backlog == 7
    await soon(chat.stopService())


@waits
async def test_a_port_that_is_taken_is_said_and_nothing_is_left_open() -> None:
    first = service("--plain", "0")
    await start(first)
    taken = ports(first)[0].getHost().port
    second = service("--telnet", "0", "--plain", str(taken))
    with pytest.raises(CannotStart) as refused:
        await start(second)
    assert read(refused) == (
        f"--plain: {taken} cannot be opened: Address already in use.",
        f"--plain: не удаётся открыть {taken}: адрес уже занят.",
    )
    await soon(first.stopService())
    await soon(second.stopService())
    assert [port.connected for port in ports(second)] == [False]


# -- a start that takes a while ------------------------------------------------------------------


class LateEndpoint:
    """An endpoint that listens in a later turn: when it is told to."""

    def __init__(self, where: str) -> None:
        self._endpoint = serverFromString(reactor, where)
        self.listening: Deferred[Any] = Deferred()
        self._factory: Any = None

    def listen(self, factory: Any) -> Deferred[Any]:
        self._factory = factory
        return self.listening

    def go_on(self) -> None:
        self._endpoint.listen(self._factory).chainDeferred(self.listening)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> LateEndpoint:
    """Return the endpoint that `late:` describes, as a plugin would."""
    endpoint = LateEndpoint("tcp:0:interface=127.0.0.1")

    def described(reactor: Any, where: str) -> Any:
        return endpoint if where == "late:" else serverFromString(reactor, where)

    monkeypatch.setattr("chatproto.doors.listening.endpoints.serverFromString", described)
    return endpoint


@waits
async def test_a_start_is_over_when_the_last_door_listens(late: LateEndpoint) -> None:
    chat = service("--telnet", "late:", "--plain", "0")
    started = chat.privilegedStartService()
    chat.startService()
    assert len(ports(chat)) == 1  # its own turn is the one in which there are privileges
    assert not started.called
    late.go_on()
    await soon(started)
    talkers = [await dial(port) for port in ports(chat)]
    for talker in talkers:
        await talker.until(b"Your name: ")
    await soon(chat.stopService())
    for talker in talkers:
        await soon(talker.lost)


@waits
async def test_a_door_that_fails_later_fails_the_start_and_nothing_is_left_open(
    late: LateEndpoint,
) -> None:
    chat = service("--telnet", "late:", "--plain", "0")
    started = chat.privilegedStartService()
    late.listening.errback(CannotListenError("", 1, OSError(errno.EADDRINUSE, "in use")))
    with pytest.raises(CannotStart, match="--telnet: late: cannot be opened: Address already in"):
        await soon(started)
    (port,) = ports(chat)
    await soon(chat.stopService())
    assert not port.connected


@waits
async def test_one_that_is_stopped_while_it_starts_opens_no_more(
    late: LateEndpoint, tmp_path: Path
) -> None:
    data = ("--data", str(tmp_path))
    chat = service("--telnet", "late:", "--plain", "0", *data)
    started = chat.privilegedStartService()
    stopped = chat.stopService()
    with pytest.raises(CancelledError):
        await soon(started)
    await soon(stopped)
    assert not any(port.connected for port in ports(chat))
    assert late.listening.called
    again = service("--plain", "0", *data)  # the log was closed
    await start(again)
    await soon(again.stopService())


@waits
async def test_one_that_never_started_can_be_stopped() -> None:
    await soon(service().stopService())


@waits
async def test_a_log_that_opens_later_is_awaited_before_any_door_is_open() -> None:
    chat = service("--plain", "0")
    opened: Deferred[None] = Deferred()
    chat.chat.open = lambda: opened  # type: ignore[assignment,method-assign]
    started = chat.privilegedStartService()
    assert not chat.doors
    opened.callback(None)
    await soon(started)
    assert len(ports(chat)) == 1
    await soon(chat.stopService())


@waits
async def test_a_door_that_is_added_to_the_table_needs_nothing_else() -> None:
    class Bell(Protocol):
        def connectionMade(self) -> None:
            assert self.transport
            self.transport.write(b"ding")
            self.transport.loseConnection()

    class BellFactory(Factory):
        name = "bell"
        protocol = Bell

        def refusal(self, _sentence: Sentence) -> bytes:
            return b"dong"

    bell = Door("bell", _("Rings."), lambda *_: BellFactory(), 1, "nc {port}", "", "")

    @with_doors([bell])
    class WithBell(Options):
        """Options of a server with a bell at the door."""

    options = WithBell()
    options.parseOptions(["--data", ":memory:", "--bell", "0"])
    chat = ChatService(understand(options, options.doors), reactor, _not_lost)
    await start(chat)
    talker = await dial(ports(chat)[0])
    await talker.until(b"ding")
    await soon(chat.stopService())
    await soon(talker.lost)


# -- the end --------------------------------------------------------------------------------------


@waits
async def test_the_end_waits_for_the_last_session(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = service("--plain", "0")
    await start(chat)
    talker = await dial(ports(chat)[0])
    await talker.until(b"Your name: ")
    (session,) = chat.context.sessions
    monkeypatch.setattr(type(session), "send_home", lambda _self, _sentence: None)
    stopped = chat.stopService()
    while any(port.connected for port in ports(chat)):
        await turn()
    await turn()
    assert not stopped.called
    assert talker.transport
    talker.transport.loseConnection()
    await soon(stopped)
    assert not chat.context.sessions
    await soon(talker.lost)


@waits
async def test_the_end_waits_for_no_session_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatproto.service.END_SECONDS", 0.0)
    chat = service("--plain", "0")
    await start(chat)
    talker = await dial(ports(chat)[0])
    await talker.until(b"Your name: ")
    (session,) = chat.context.sessions
    monkeypatch.setattr(type(session), "send_home", lambda _self, _sentence: None)
    await soon(chat.stopService())
    assert chat.context.sessions
    assert talker.transport
    talker.transport.loseConnection()
    await soon(talker.lost)
    await soon(chat.context.when_empty())


# -- why it cannot start: each sentence, provoked, in both languages --------------------------------


async def _open(*arguments: str) -> None:
    """Start what cannot start, and stop it."""
    chat = service(*arguments)
    try:
        await start(chat)
        pytest.fail("it started")
    finally:
        await soon(chat.stopService())


WHERE = "{folder}"
NO_ENDPOINT = "--plain: “{0}” is neither a port nor an endpoint such as tcp:8023."
NO_ENDPOINT_RU = "--plain: «{0}» — не порт и не точка подключения вида tcp:8023."
NOT_OPENED = "--plain: {0} cannot be opened: {1}."
NOT_OPENED_RU = "--plain: не удаётся открыть {0}: {1}."
PORTS = ("a port is a number from 0 to 65535", "порт — это число от 0 до 65535")
PEM = (
    "a file is no key or certificate in PEM form",
    "файл не содержит ключа или сертификата в формате PEM",
)
BAD_DOORS = {
    **{
        where: (NO_ENDPOINT.format(where), NO_ENDPOINT_RU.format(where))
        for where in ("", "nonsense", "tcp:", "tcp:no", "tcp:http-or-so", "udp:9", "tcp:1:2:3:4",
                      "tcp:0:huh=3", "tcp:0:backlog=x", "systemd:")
    },
    **{
        where: (NOT_OPENED.format(where, why), NOT_OPENED_RU.format(where, why_in_russian))
        for where, (why, why_in_russian) in {
            "65536": PORTS,
            "tcp:-1": PORTS,
            "tcp:0:interface=192.0.2.1": (
                "Cannot assign requested address", "у этой машины нет такого адреса"),
            "systemd:domain=INET:index=0": (
                "systemd passed no such socket", "systemd не передал такого сокета"),
            "unix:{folder}/nothing/x": NO_FILE,
            "unix:{folder}/full": ("Address already in use", "адрес уже занят"),
            "unix:{folder}/" + "x" * 200: ("AF_UNIX path too long", "AF_UNIX path too long"),
            "ssl:0:privateKey={folder}/nothing": (
                f"{WHERE}/nothing: {NO_FILE[0]}", f"{WHERE}/nothing: {NO_FILE[1]}"),
            "ssl:0:privateKey={folder}": (
                f"{WHERE}: Is a directory", f"{WHERE}: это каталог"),
            "ssl:0:privateKey={folder}/full/file:certKey={folder}/full/file": PEM,
        }.items()
    },
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*unclosed.*socket")  # of Twisted, for a port beyond the last
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("where", BAD_DOORS)
@waits
async def test_a_door_that_cannot_be_opened_is_said(tmp_path: Path, where: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("my shopping list")
    with pytest.raises(CannotStart) as refused:
        await _open("--plain", where.replace(WHERE, str(tmp_path)))
    wanted = (sentence.replace(WHERE, str(tmp_path)) for sentence in BAD_DOORS[where])
    assert read(refused) == tuple(wanted)
    assert "backlog=1024" not in read(refused)[0]
    await deferLater(reactor, 0)


def _make_file(folder: Path) -> None:
    (folder / "data").write_text("")


def _make_no_database(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "chat.sqlite").write_text("This is my shopping list. " * 100)


def _make_newer_database(folder: Path) -> None:
    (folder / "data").mkdir()
    connection = sqlite3.connect(folder / "data" / "chat.sqlite")
    connection.execute("PRAGMA user_version = 1000")
    connection.close()


def _make_directory_for_database(folder: Path) -> None:
    (folder / "data" / "chat.sqlite").mkdir(parents=True)


def _make_key(text: str, mode: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "data").mkdir()
        (folder / "data" / "ssh_host_ed25519_key").write_text(text)
        (folder / "data" / "ssh_host_ed25519_key").chmod(mode)

    return make


def _make_directory_for_key(folder: Path) -> None:
    (folder / "data" / "ssh_host_ed25519_key").mkdir(mode=0o700, parents=True)


DATABASE = "{folder}/data/chat.sqlite cannot be used as a chat database: "
DATABASE_RU = "{folder}/data/chat.sqlite не годится как база данных чата: "
KEY = "{folder}/data/ssh_host_ed25519_key cannot be used as the key of the SSH door: "
KEY_RU = "{folder}/data/ssh_host_ed25519_key не годится как ключ двери SSH: "
NO_KEY = ("it is no private ed25519 key.", "это не закрытый ключ ed25519.")
BAD_FOLDERS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a file": (
        _make_file,
        "The data directory {folder}/data cannot be written to: Not a directory.",
        "В каталог данных {folder}/data нельзя писать: это не каталог.",
    ),
    "no database": (
        _make_no_database, DATABASE + "file is not a database.",
        DATABASE_RU + "file is not a database.",
    ),
    "a directory for a database": (
        _make_directory_for_database, DATABASE + "unable to open database file.",
        DATABASE_RU + "unable to open database file.",
    ),
    "a newer database": (
        _make_newer_database,
        "{folder}/data/chat.sqlite was written by a newer version of this program (form 1000;",
        "{folder}/data/chat.sqlite: записано более новой версией программы (формат 1000;",
    ),
    "a key that others may read": (
        _make_key("", 0o644), KEY + "others may read it; chmod 600 it.",
        KEY_RU + "его могут читать другие; сделайте chmod 600.",
    ),
    "an empty key": (_make_key("", 0o600), KEY + NO_KEY[0], KEY_RU + NO_KEY[1]),
    "no key": (_make_key("my shopping list.", 0o600), KEY + NO_KEY[0], KEY_RU + NO_KEY[1]),
    "a directory for a key": (
        _make_directory_for_key, KEY + "Is a directory.", KEY_RU + "это каталог."
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_FOLDERS)
@waits
async def test_a_directory_that_will_not_do_is_said(tmp_path: Path, what: str) -> None:
    make, *wanted = BAD_FOLDERS[what]
    make(tmp_path)
    with pytest.raises(CannotStart) as refused:
        await _open("--ssh", "0", "--data", str(tmp_path / "data"))
    for sentence, expected in zip(read(refused), wanted, strict=True):
        assert sentence.startswith(expected.replace(WHERE, str(tmp_path)))
        assert re.search(r"[^.]\.$", sentence)
    await deferLater(reactor, 0.1)
