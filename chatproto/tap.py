"""`twistd chat`: the options, and the service made from them.  The only file that knows every part.

Whatever keeps the server from starting is a CannotStart; `process` makes one sentence and exit status 1 of it.
"""

from __future__ import annotations

import atexit
import math
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from twisted.application.service import Service
from twisted.internet import endpoints
from twisted.internet.address import UNIXAddress
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python import usage

from chatproto import __version__
from chatproto.clock import WallClock
from chatproto.core import text
from chatproto.core.chat import Chat
from chatproto.core.pace import Rate
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.gated import GatedFactory
from chatproto.doors.lines import DoorFactory
from chatproto.doors.origins import PerAddress
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.errors import CannotStart, reason
from chatproto.language import LANGUAGES, Sentence, _, from_environment, language
from chatproto.limits import (
    ARRIVALS_PER_ADDRESS,
    CONNECTIONS_PER_ADDRESS,
    GOODBYE_SECONDS,
    RATE_BURST,
    RATE_PER_SECOND,
)
from chatproto.log.memory import MemoryLog
from chatproto.log.sqlite import SqliteLog
from chatproto.process import Process
from chatproto.sessions.session import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import NoReturn

    from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint

    from chatproto.core.ports import Log
    from chatproto.doors.lines import LineProtocol
    from chatproto.errors import NotSaid

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
    factory: Callable[[Context, Path | None], Any]
    port: int
    join: str
    join_unix: str
    join_tls: str


def _lines(protocol: type[LineProtocol]) -> Callable[[Context, Path | None], Any]:
    return lambda context, _folder: DoorFactory(protocol, context)


def _ssh(context: Context, folder: Path | None) -> Any:
    # conch takes a third of a second to import, and imports the reactor
    from chatproto.doors.ssh.factory import SSHDoorFactory  # noqa: PLC0415

    return SSHDoorFactory(context, folder)


DOORS: Final = (
    Door(
        "telnet", _lines(TelnetProtocol), 8023, "telnet {host} {port}", "nc -U {path}",
        "openssl s_client -quiet -connect {host}:{port}",
    ),
    Door(
        "plain", _lines(PlainProtocol), 8080, "nc {host} {port}", "nc -U {path}",
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

    def opt_version(self) -> NoReturn:  # noqa: D102 - below
        sys.stdout.write(f"chatproto {__version__}\n")
        raise SystemExit(0)

    opt_version.__doc__ = _say(_("Show the version, and end."))

    def parseArgs(self) -> None:
        """Take nothing that is not an option."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, understood; `doors` are endpoints, as they were asked for."""

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
        doors=tuple(doors),
        data=options["data"],
        title=text.clean(os.fsencode(options["name"]).decode(errors="replace")),
        motd=_motd(options["motd"]),
        language=_language(options["language"]),
        rate=_rate(options["rate"]),
        per_address=_per_address(options["per-address"]),
    )


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
        why = reason(error) if isinstance(error, OSError) else _("it is not UTF-8")
        raise CannotStart(
            _("--motd: {path} cannot be read: {reason}.", path=path, reason=why)
        ) from error
    return "\n".join(text.clean(line) for line in lines)


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
        self.context = Context(
            self.chat, delivery, clock, settings.title, settings.motd, settings.language,
            settings.rate,
        )  # fmt: skip

    def open(self) -> None:
        """Open the log, then the doors.  Raises CannotStart; then nothing is left open."""
        doors = [
            (door, _endpoint(door, where, self._reactor), where)
            for door, where in self.settings.doors
        ]
        gate = self._gate()
        self.chat.open()
        data = self.settings.data
        folder = None if data == IN_MEMORY else Path(data)
        try:
            for door, endpoint, where in doors:
                factory = GatedFactory(gate, door.factory(self.context, folder))
                self._open_door(door, endpoint, where, factory)
        except CannotStart:
            self.close()
            raise

    def _gate(self) -> Gate:
        """Make the gate.  Raise CannotStart when this process may open too little."""
        settings = self.settings
        return Gate(
            self.context.clock, settings.per_address, settings.rate,
            loopback_is_exempt=settings.loopback_is_exempt,
        )  # fmt: skip

    def _open_door(
        self, door: Door, endpoint: IStreamServerEndpoint, where: str, factory: Any
    ) -> None:
        failed: list[BaseException] = []
        endpoint.listen(factory).addCallbacks(
            self.ports.append, lambda failure: failed.append(failure.value)
        )
        if failed:
            raise _not_opened(door, where, failed[0]) from failed[0]
        _log.info("{sentence}", sentence=_say(_joining(door, where, self.ports[-1])))

    def _end_failed(self, error: NotSaid) -> None:
        """Say goodbye and end with exit status 1: the log takes nothing more, and only a new start helps."""
        _log.critical("{sentence}", sentence=_say(error.sentence))
        atexit.register(os._exit, 1)  # twistd knows of no other end than a good one, or a signal's
        with suppress(ReactorNotRunning):  # it stops already
            self._reactor.stop()

    @inlineCallbacks
    def close(self) -> Generator[Deferred[Any], Any, None]:
        """Open the doors no more, say goodbye, commit."""
        yield gatherResults([maybeDeferred(port.stopListening) for port in self.ports])
        self.context.say_goodbye()
        waited = 0.0
        while self.context.sessions and waited < GOODBYE_SECONDS + 1:
            yield deferLater(self._reactor, _SHORTEST_WAIT)
            waited += _SHORTEST_WAIT
        yield self.chat.close()

    # Twisted calls these

    def privilegedStartService(self) -> None:
        """Start while ports under 1024 may still be opened.  Raises CannotStart."""
        self.open()

    def startService(self) -> None:
        """Start, for whoever runs a service without privileges (`twist`).  Raises CannotStart."""
        super().startService()
        if not self.ports:
            self.open()

    def stopService(self) -> Deferred[None]:
        """Stop."""
        super().stopService()
        return self.close()


def _log_of(data: str, reactor: Any) -> Log:
    return MemoryLog(reactor) if data == IN_MEMORY else SqliteLog(Path(data), reactor)


def _endpoint(door: Door, where: str, reactor: Any) -> IStreamServerEndpoint:
    """Return the endpoint: a bare port is one on loopback, and our backlog is used where none is named."""
    described = where
    if where.isascii() and where.isdigit():
        described = f"tcp:{where}:interface=127.0.0.1"
    try:
        endpoint: IStreamServerEndpoint = endpoints.serverFromString(reactor, described)
        if described.startswith(("tcp:", "tcp6:", "ssl:")):
            with suppress(TypeError):  # it names a backlog by its place
                endpoint = _with_backlog(reactor, described)
    except OSError as error:  # a file that it names
        why = Sentence("{file}: {why}", values={"file": error.filename, "why": reason(error)})
        raise _not_opened(door, where, why) from error
    except Exception as error:
        raise _no_endpoint(door, where, error) from error
    return endpoint


def _with_backlog(reactor: Any, described: str) -> IStreamServerEndpoint:
    backlog = "" if ":backlog=" in described else f":backlog={BACKLOG}"
    endpoint: IStreamServerEndpoint = endpoints.serverFromString(reactor, described + backlog)
    return endpoint


def _no_endpoint(door: Door, where: str, error: Exception) -> CannotStart:
    if type(error).__module__.startswith("OpenSSL."):
        return _not_opened(door, where, _("a file is no key or certificate in PEM form"))
    if where.startswith("systemd:") and isinstance(error, LookupError):
        return _not_opened(door, where, _("systemd passed no such socket"))
    return CannotStart(
        _("--{option}: “{seen}” is neither a port nor an endpoint such as tcp:8023.",
          option=door.option, seen=where)
    )  # fmt: skip


def _not_opened(door: Door, where: str, why: BaseException | Sentence | str) -> CannotStart:
    if isinstance(why, OverflowError):  # what Python says of a port beyond the last
        why = _("a port is a number from 0 to 65535")
    elif isinstance(why, BaseException):
        why = reason(getattr(why, "socketError", why))
    return CannotStart(
        _("--{option}: {where} cannot be opened: {reason}.",
          option=door.option, where=where, reason=why)
    )  # fmt: skip


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


def makeService(options: Options) -> Service:
    """Return the service that twistd runs."""
    from twisted.internet import reactor  # noqa: PLC0415 - twistd may have been told which one only now

    twistd: Any = options.parent or {}
    process = Process(twistd, reactor)
    try:
        process.check()
        ChatService(understand(options), reactor).setServiceParent(process)
    except CannotStart as error:
        process.refuse(error)
    return process
