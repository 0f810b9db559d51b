"""`twistd chat`: the options, and the service made from them.  The only file that knows every part.

Whatever keeps the server from starting is one sentence and exit status 1.
"""

from __future__ import annotations

import atexit
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from twisted.application.service import Service
from twisted.internet import endpoints
from twisted.internet.address import UNIXAddress
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks, maybeDeferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python import usage

from chatproto.core import text
from chatproto.core.chat import Chat
from chatproto.core.limits import (
    ARRIVALS_PER_ADDRESS,
    CONNECTIONS_PER_ADDRESS,
    GOODBYE_SECONDS,
    RATE_BURST,
    RATE_PER_SECOND,
)
from chatproto.core.pace import Rate
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.lines import DoorFactory
from chatproto.doors.origins import PerAddress
from chatproto.doors.plain import PlainDoor
from chatproto.doors.telnet.protocol import TelnetDoor
from chatproto.errors import CannotStart
from chatproto.language import LANGUAGES, _, from_environment, language
from chatproto.log.memory import MemoryLog
from chatproto.log.sqlite import SqliteLog
from chatproto.session import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint

    from chatproto.core.doorway import Arranged
    from chatproto.doors.lines import LineDoor
    from chatproto.errors import NotSaid
    from chatproto.language import Sentence
    from chatproto.log.interface import Log

_log = Logger(namespace="chatproto")
_say = language(from_environment()).read

IN_MEMORY: Final = ":memory:"
BACKLOG: Final = 1024
"""Connections waiting to be accepted: a class that joins at once.  Prosody: 128."""
_SHORTEST_WAIT: Final = 0.02
_DIGITS: Final = 6  # of a number of connections


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of door: the option that names it, what stands behind it, how one joins by it.

    `factory` is given the folder in which everything is kept, None when nothing is.
    """

    option: str
    factory: Callable[[Server, Gate, Path | None], Any]
    port: int
    join: str
    join_unix: str
    join_tls: str


def _lines(protocol: type[LineDoor]) -> Callable[[Server, Gate, Path | None], Any]:
    return lambda server, gate, _folder: DoorFactory(protocol, server, gate)


def _ssh(server: Server, gate: Gate, folder: Path | None) -> Any:
    # conch takes a third of a second to import, and imports the reactor
    from chatproto.doors.ssh.factory import SSHDoorFactory  # noqa: PLC0415

    return SSHDoorFactory(server, gate, folder)


DOORS: Final = (
    Door(
        "telnet", _lines(TelnetDoor), 8023, "telnet {host} {port}", "nc -U {path}",
        "openssl s_client -quiet -connect {host}:{port}",
    ),
    Door(
        "plain", _lines(PlainDoor), 8080, "nc {host} {port}", "nc -U {path}",
        "openssl s_client -quiet -connect {host}:{port}",
    ),
    Door(
        "ssh", _ssh, 8022, "ssh -p {port} NAME@{host}",
        "ssh -o ProxyCommand='nc -U {path}' NAME@localhost",
        "ssh -o ProxyCommand='openssl s_client -quiet -connect {host}:{port}' NAME@localhost",
    ),
)  # fmt: skip


class Options(usage.Options):
    """What `twistd chat` can be told."""

    synopsis = "[options]"
    longdesc = _say(
        _(
            "A chat that anything can join. Without a door named: telnet on port 8023, plain on port"
            " 8080 and ssh on port 8022, on this machine alone. DOOR is a port, or a Twisted endpoint: tcp:8023,"
            " ssl:8024:privateKey=key.pem:certKey=cert.pem, unix:/run/chat. :memory: as the"
            " directory keeps nothing."
        )
    )

    optParameters: Final = [  # noqa: N815 - Twisted's name
        ["data", "d", "chat-data", _say(_("The directory in which everything is kept."))],
        ["name", None, "chat", _say(_("What the chat is called."))],
        ["motd", None, None, _say(_("A file with what everybody is told on joining."))],
        [
            "language",
            None,
            None,
            _say(_("The language people read until they choose one: en or ru.")),
        ],
        [
            "rate",
            None,
            f"{RATE_BURST}/{RATE_PER_SECOND:g}",
            _say(_("How fast one may talk: lines at once / lines per second, or off.")),
        ],
        [
            "per-address",
            None,
            f"{CONNECTIONS_PER_ADDRESS}/{ARRIVALS_PER_ADDRESS}",
            _say(_("Connections / new ones in ten minutes from one address, or off.")),
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.doors: list[tuple[Door, str]] = []

    def opt_telnet(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[0], description))

    def opt_plain(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[1], description))

    def opt_ssh(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[2], description))

    # usage.Options takes its help from docstrings; these must be read in the right language
    opt_telnet.__doc__ = _say(_("A door for people: telnet, nc, MUD clients. May be repeated."))
    opt_plain.__doc__ = _say(_("A door for programs: lines, no telnet. May be repeated."))
    opt_ssh.__doc__ = _say(_("A door for people: ssh, by key or as a guest. May be repeated."))

    def parseArgs(self) -> None:
        """Take nothing that is not an option."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, understood."""

    doors: tuple[tuple[Door, str], ...]
    data: str
    title: str
    motd: str
    language: str
    rate: Rate | None
    per_address: PerAddress | None
    loopback_is_exempt: bool = True


def understand(options: Options) -> Settings:
    """Understand the options.  Raises CannotStart, with what was seen and what is allowed."""
    doors = options.doors or [(door, str(door.port)) for door in DOORS]
    return Settings(
        doors=tuple((door, _endpoint(description)) for door, description in doors),
        data=options["data"],
        title=text.clean(os.fsencode(options["name"]).decode(errors="replace")),
        motd=_motd(options["motd"]),
        language=_language(options["language"]),
        rate=_rate(options["rate"]),
        per_address=_per_address(options["per-address"]),
    )


def _endpoint(description: str) -> str:
    """Give the endpoint: a bare port is one on loopback; a backlog is added where none is said."""
    if description.isascii() and description.isdigit():
        description = f"tcp:{description}:interface=127.0.0.1"
    if description.startswith(("tcp:", "tcp6:", "ssl:")) and ":backlog=" not in description:
        description += f":backlog={BACKLOG}"
    return description


def _language(code: str | None) -> str:
    code = code or from_environment()
    if code not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise CannotStart(
            _("--language takes one of {known}, not “{seen}”.", known=known, seen=code)
        )
    return code


def _rate(wish: str) -> Rate | None:
    if wish == "off":
        return None
    burst, _slash, per_second = wish.partition("/")
    try:
        rate = Rate(int(burst), float(per_second))
    except ValueError:
        rate = Rate(0, 0.0)
    if rate.burst < 1 or not 0.0 < rate.per_second < math.inf:
        raise CannotStart(
            _("--rate takes BURST/PER_SECOND such as 5/2, or off, not “{seen}”.", seen=wish)
        )
    return rate


def _per_address(wish: str) -> PerAddress | None:
    if wish == "off":
        return None
    numbers = wish.split("/")
    if len(numbers) != 2 or not all(_is_count(number) for number in numbers):  # noqa: PLR2004
        raise CannotStart(
            _("--per-address takes CONNECTIONS/NEW such as 16/32, or off, not “{seen}”.", seen=wish)
        )
    return PerAddress(*map(int, numbers))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:_DIGITS]) > 0 and len(text) <= _DIGITS


def _motd(path: str | None) -> str:
    if not path:
        return ""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or _("it is not UTF-8")
        raise CannotStart(
            _("--motd: {path} cannot be read: {reason}.", path=path, reason=reason)
        ) from error
    return "\n".join(text.clean(line) for line in lines)


class WallClock:
    """The time of day, and the reactor's calls: what everything in here is given as its clock."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def seconds(self) -> float:
        """Give the seconds since 1970."""
        return time.time()

    def callLater(self, delay: float, call: Callable[..., object], *args: object) -> Arranged:
        """Call in so many seconds."""
        arranged: Arranged = self._reactor.callLater(delay, call, *args)
        return arranged


class ChatService(Service):
    """The chat, from its start to its end."""

    def __init__(self, settings: Settings, reactor: Any) -> None:
        self.settings = settings
        self.ports: list[IListeningPort] = []
        self._reactor = reactor
        clock = WallClock(reactor)
        log = _log_of(settings.data, reactor)
        delivery = Delivery(log)
        self.chat = Chat(log, delivery, clock)
        log.when_lost(self._end_failed)
        self.server = Server(
            self.chat, delivery, clock, settings.title, settings.motd, settings.language,
            settings.rate,
        )  # fmt: skip

    def open(self) -> None:
        """Open the log, then the doors.  Raises CannotStart; then nothing is left open."""
        doors = [
            (door, self._understood(door, where), where) for door, where in self.settings.doors
        ]
        gate = self._gate()
        self.chat.open()
        data = self.settings.data
        folder = None if data == IN_MEMORY else Path(data)
        try:
            for door, endpoint, where in doors:
                self._open_door(door, endpoint, where, door.factory(self.server, gate, folder))
        except CannotStart:
            self.close()
            raise

    def _gate(self) -> Gate:
        """Make the gate.  Raise CannotStart when this process may open too little."""
        settings = self.settings
        return Gate(
            self.server.clock, settings.per_address, settings.rate,
            loopback_is_exempt=settings.loopback_is_exempt,
        )  # fmt: skip

    def _understood(self, door: Door, where: str) -> IStreamServerEndpoint:
        try:
            endpoint: IStreamServerEndpoint = endpoints.serverFromString(self._reactor, where)
        except Exception as error:
            raise CannotStart(
                _("--{option}: “{seen}” is neither a port nor an endpoint such as tcp:8023 ({reason}).",
                  option=door.option, seen=where, reason=_reason(error))
            ) from error  # fmt: skip
        return endpoint

    def _open_door(
        self, door: Door, endpoint: IStreamServerEndpoint, where: str, factory: Any
    ) -> None:
        failed: list[BaseException] = []
        endpoint.listen(factory).addCallbacks(
            self.ports.append, lambda failure: failed.append(failure.value)
        )
        if failed:
            raise CannotStart(
                _("--{option}: {where} cannot be opened: {reason}.",
                  option=door.option, where=where, reason=_reason(failed[0]))
            ) from failed[0]  # fmt: skip
        _log.info("{sentence}", sentence=_say(_joining(door, where, self.ports[-1])))

    def _end_failed(self, error: NotSaid) -> None:
        """Say goodbye and end with exit status 1: the log takes nothing more, and only a new start helps."""
        _log.critical("{sentence}", sentence=_say(error.sentence))
        atexit.register(os._exit, 1)  # twistd knows of no other end than a good one, or a signal's
        self._reactor.stop()

    @inlineCallbacks
    def close(self) -> Generator[Deferred[Any], Any, None]:
        """Open the doors no more, say goodbye, commit."""
        yield gatherResults([maybeDeferred(port.stopListening) for port in self.ports])
        self.server.say_goodbye()
        waited = 0.0
        while self.server.sessions and waited < GOODBYE_SECONDS + 1:
            yield deferLater(self._reactor, _SHORTEST_WAIT)
            waited += _SHORTEST_WAIT
        yield self.chat.close()

    # Twisted calls these

    def privilegedStartService(self) -> None:
        """Start while ports under 1024 may still be opened."""
        try:
            self.open()
        except CannotStart as error:
            refuse_to_start(error, self.pid_file, quiet=self.is_daemon)

    def stopService(self) -> Deferred[None]:
        """Stop."""
        super().stopService()
        return self.close()

    pid_file = ""
    is_daemon = False


def _log_of(data: str, reactor: Any) -> Log:
    return MemoryLog(reactor) if data == IN_MEMORY else SqliteLog(Path(data), reactor)


def _reason(error: BaseException) -> object:
    """Give what an error says, in as few words as it has."""
    inner = getattr(error, "socketError", error)
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _joining(door: Door, where: str, port: IListeningPort) -> Sentence:
    """Say that a door is open, and the command that joins by it."""
    address: Any = port.getHost()
    if isinstance(address, UNIXAddress):
        path = os.fsdecode(address.name or b"")
        command = door.join_unix.format(path=path)
    else:
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(address.host, address.host)  # noqa: S104
        template = door.join_tls if where.startswith("ssl:") else door.join
        command = template.format(host=host, port=address.port)
    return _("The {door} door is open. To join: {command}", door=door.option, command=command)


def refuse_to_start(error: CannotStart, pid_file: str, *, quiet: bool) -> NoReturn:
    """Say why, and end: twistd would show a traceback, and leave its pid file behind."""
    sentence = f"chat: {_say(error.sentence)}"
    if quiet:  # a daemon has no screen any more
        _log.critical("{sentence}", sentence=sentence)
    else:
        print(sentence, file=sys.__stderr__)
    path = Path(pid_file)
    if pid_file and path.exists() and path.read_text() == str(os.getpid()):
        path.unlink()
    raise SystemExit(1)


def makeService(options: Options) -> Service:
    """Make the service twistd runs."""
    from twisted.internet import reactor  # noqa: PLC0415 - twistd may have been told which one only now

    try:
        service = ChatService(understand(options), reactor)
    except CannotStart as error:
        refuse_to_start(error, "", quiet=False)
    twistd: Any = options.parent or {}
    service.pid_file = twistd.get("pidfile") or ""
    service.is_daemon = bool(twistd) and not twistd.get("nodaemon")
    return service
