"""`twistd chat`: the options, what keeps it from starting, and a service from start to end."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from twisted.application.service import IService
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater
from twisted.python import usage

from chatproto import tap
from chatproto.core.limits import RATE_BURST, RATE_PER_SECOND
from chatproto.core.pace import Rate
from chatproto.doors.origins import PerAddress
from chatproto.errors import CannotStart
from chatproto.language import _
from chatproto.tap import BACKLOG, ChatService, Options, Settings, makeService, understand
from following import reactor, soon, waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twisted.python.failure import Failure


def settings(*arguments: str) -> Settings:
    options = Options()
    options.parseOptions(["--data", ":memory:", *arguments])
    return understand(options)


def doors(*arguments: str) -> list[tuple[str, str]]:
    return [(door.option, where) for door, where in settings(*arguments).doors]


def loopback(port: int) -> str:
    return f"tcp:{port}:interface=127.0.0.1:backlog={BACKLOG}"


def test_without_a_word_there_are_three_doors_on_this_machine_alone() -> None:
    assert doors() == [
        ("telnet", loopback(8023)),
        ("plain", loopback(8080)),
        ("ssh", loopback(8022)),
    ]


def test_naming_one_door_means_only_that_one() -> None:
    assert doors("--plain", "9000") == [("plain", loopback(9000))]


def test_doors_may_be_repeated() -> None:
    assert doors("--telnet", "1", "--plain", "2", "--telnet", "3") == [
        ("telnet", loopback(1)),
        ("plain", loopback(2)),
        ("telnet", loopback(3)),
    ]


@pytest.mark.parametrize("where", ["unix:/run/chat", "systemd:domain=INET:index=0"])
def test_an_endpoint_is_left_as_it_is(where: str) -> None:
    assert doors("--telnet", where) == [("telnet", where)]


def test_an_endpoint_keeps_the_interface_it_names() -> None:
    ((_option, where),) = doors("--telnet", "tcp:8023:interface=0.0.0.0")
    assert "interface=0.0.0.0" in where
    assert "127.0.0.1" not in where


def test_the_rate_has_a_default() -> None:
    assert settings().rate == Rate(RATE_BURST, RATE_PER_SECOND)


@pytest.mark.parametrize(
    ("wish", "rate"), [("off", None), ("10/0.5", Rate(10, 0.5)), ("1/100", Rate(1, 100.0))]
)
def test_a_rate_may_be_named(wish: str, rate: Rate | None) -> None:
    assert settings("--rate", wish).rate == rate


@pytest.mark.parametrize(
    "wish", ["", "5", "5/", "/2", "0/2", "-1/2", "5/0", "5/-1", "5/nan", "5/inf", "a/b", "5/2/1"]
)
def test_a_rate_that_is_none_is_said_so(wish: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(f"such as 5/2, or off, not “{wish}”")):
        settings("--rate", wish)


@pytest.mark.parametrize(
    ("wish", "limits"),
    [
        ("off", None),
        ("16/32", PerAddress()),
        ("60/600", PerAddress(60, 600)),
        ("1/1", PerAddress(1, 1)),
    ],
)
def test_what_one_address_may_do_may_be_named(wish: str, limits: PerAddress | None) -> None:
    assert settings("--per-address", wish).per_address == limits


@pytest.mark.parametrize(
    "wish", ["", "16", "16/", "0/1", "1/0", "-1/2", "1.5/2", "1/2/3", "²/1", "9999999/1"]
)
def test_a_limit_for_one_address_that_is_none_is_said_so(wish: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(f"such as 16/32, or off, not “{wish}”")):
        settings("--per-address", wish)


def test_this_machine_is_exempt_from_what_one_address_may_do() -> None:
    assert settings().loopback_is_exempt


def test_a_language_that_is_not_there_is_said_so() -> None:
    with pytest.raises(CannotStart, match="--language takes one of en, ru, not “tlh”"):
        settings("--language", "tlh")


def test_a_language_may_be_named() -> None:
    assert settings("--language", "ru").language == "ru"


def test_the_message_of_the_day_is_read_and_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "motd"
    path.write_bytes(b"Be \x1b[31mkind\x1b[0m.\r\nAnd read.\n")
    assert settings("--motd", str(path)).motd == "Be kind.\nAnd read."


def test_a_message_of_the_day_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"--motd: .*nothing cannot be read: No such file"):
        settings("--motd", str(tmp_path / "nothing"))


def test_a_message_of_the_day_that_is_not_utf8_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "motd"
    path.write_bytes(b"\xe9")
    with pytest.raises(CannotStart, match="it is not UTF-8"):
        settings("--motd", str(path))


def test_the_title_is_cleaned() -> None:
    assert settings("--name", "the \x1b[1mlab\x07").title == "the lab"


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--telnet"], ["stray"]])
def test_what_is_no_option_is_an_error_of_usage(arguments: list[str]) -> None:
    with pytest.raises(usage.UsageError):
        Options().parseOptions(arguments)


# -- a service ------------------------------------------------------------------------------------


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
    return ChatService(settings(*arguments), reactor)


async def dial(port: Any) -> Talker:
    address = port.getHost()
    endpoint = HostnameEndpoint(reactor, "127.0.0.1", address.port)
    talker: Any = await soon(endpoint.connect(Factory.forProtocol(Talker)))
    assert isinstance(talker, Talker)
    return talker


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Give what was said on the screen while it could not start."""
    screen = StringIO()
    monkeypatch.setattr(sys, "__stderr__", screen)
    return screen.getvalue


def test_make_service_gives_a_service() -> None:
    options = Options()
    options.parseOptions(["--data", ":memory:"])
    assert IService.providedBy(makeService(options))


def test_make_service_says_why_not_in_one_sentence(said: Callable[[], str]) -> None:
    options = Options()
    options.parseOptions(["--rate", "fast"])
    with pytest.raises(SystemExit) as ended:
        makeService(options)
    assert ended.value.code == 1
    lines = said().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("chat: ")
    assert "fast" in lines[0]


@waits
async def test_it_starts_serves_says_goodbye_and_stops() -> None:
    chat = service("--telnet", "0", "--plain", "0")
    chat.privilegedStartService()
    chat.startService()
    telnet, plain = [await dial(port) for port in chat.ports]
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
    assert not chat.server.sessions


@waits
async def test_a_whole_server_can_be_made_to_count_this_machine_like_any_other() -> None:
    chosen = replace(settings("--plain", "0", "--per-address", "1/10"), loopback_is_exempt=False)
    chat = ChatService(chosen, reactor)
    chat.privilegedStartService()
    first, second = await dial(chat.ports[0]), await dial(chat.ports[0])
    await soon(second.lost)
    assert b"There is 1 connection from your address" in second.got
    await soon(chat.stopService())
    await soon(first.lost)


def test_with_too_few_descriptors_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatproto.doors.gate._descriptors", lambda: 64)
    chat = service("--plain", "0")
    with pytest.raises(CannotStart, match="ulimit -n"):
        chat.open()
    assert not chat.ports


@waits
async def test_what_was_said_is_there_after_a_restart(tmp_path: Path) -> None:
    welcomes = []
    for _start in range(2):
        chat = service("--plain", "0", "--data", str(tmp_path / "chat"))
        chat.privilegedStartService()
        try:
            talker = await dial(chat.ports[0])
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
    chat.privilegedStartService()
    connected: Any = await soon(
        UNIXClientEndpoint(reactor, str(path)).connect(Factory.forProtocol(Talker))
    )
    connected.transport.write(b"alice\n")
    await connected.until(b"You are alice.")
    await soon(chat.stopService())
    await soon(connected.lost)
    assert not path.exists()


@waits
async def test_a_port_that_is_taken_is_said_and_nothing_is_left_open(
    said: Callable[[], str],
) -> None:
    first = service("--plain", "0")
    first.open()
    taken = first.ports[0].getHost().port  # type: ignore[attr-defined]
    second = service("--telnet", "0", "--plain", str(taken))
    with pytest.raises(SystemExit):
        second.privilegedStartService()
    (line,) = said().splitlines()
    assert re.search(rf"chat: --plain: .*{taken}.* cannot be opened: .*in use", line)
    await soon(first.close())
    for _turn in range(100):
        if not second.ports[0].connected:  # type: ignore[attr-defined]
            break
        await deferLater(reactor, 0.01)
    assert not second.ports[0].connected  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:.*unclosed.*socket")  # of Twisted, for a port beyond the last
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("where", ["nonsense", "tcp:http-or-so", "tcp:", "ssl:8024", "99999999"])
@waits
async def test_an_endpoint_that_is_none_is_said_and_no_log_is_left_open(where: str) -> None:
    chat = service("--telnet", where)
    with pytest.raises(CannotStart, match="--telnet: ") as refused:
        chat.open()
    assert "Traceback" not in str(refused.value)
    await deferLater(reactor, 0)


def test_a_pid_file_of_ours_is_taken_away(said: Callable[[], str], tmp_path: Path) -> None:
    ours, other = tmp_path / "ours.pid", tmp_path / "other.pid"
    ours.write_text(str(os.getpid()))
    other.write_text("1")
    for path in (ours, other):
        with pytest.raises(SystemExit):
            tap.refuse_to_start(CannotStart(_("No.")), str(path), quiet=False)
    assert not ours.exists()
    assert other.exists()
    assert said() == "chat: No.\nchat: No.\n"
