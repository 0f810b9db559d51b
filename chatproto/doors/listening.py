"""A door that listens: the endpoint that an operator has described, and the port that it becomes.

    8023                     loopback alone, and our backlog
    tcp:8023                 Twisted's endpoint of that description, with our backlog unless it names one
    anything else            Twisted's endpoint, as it is

Must not know sessions or rooms.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from twisted.application.service import Service
from twisted.internet import endpoints
from twisted.internet.address import UNIXAddress
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.logger import Logger

from chatproto.errors import CannotStart, reason
from chatproto.language import Sentence, _, from_environment, language

if TYPE_CHECKING:
    from typing import NoReturn

    from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint
    from twisted.python.failure import Failure

    from chatproto.doors.table import Door

_log = Logger(namespace="chatproto")
_say = language(from_environment()).read

BACKLOG: Final = 1024
"""Connections waiting to be accepted: a class that joins at once.  Prosody: 128."""


class ListeningDoor(Service):
    """One door, and where it is: it listens from `open` until the service stops.

    Not Twisted's StreamServerEndpointService, which logs why it cannot listen, with a traceback, and goes on.

    port   what listens; None until it does
    """

    def __init__(self, door: Door, where: str, reactor: Any) -> None:
        """Raise CannotStart when it is no endpoint that an operator has described."""
        self.door = door
        self.port: IListeningPort | None = None
        self._where = where
        self._endpoint = _endpoint(door, where, reactor)
        self._opening: Deferred[None] | None = None

    def open(self, factory: Any) -> Deferred[None]:
        """Begin to listen, and say how one joins once it does.  Fail with CannotStart."""
        listening = maybeDeferred(self._endpoint.listen, factory)
        self._opening = listening.addCallbacks(self._opened, self._not_opened)
        return self._opening

    def _opened(self, port: IListeningPort) -> None:
        self.port = port
        _log.info("{sentence}", sentence=_say(_joining(self.door, self._where, port)))

    def _not_opened(self, failure: Failure) -> NoReturn:
        if failure.check(CancelledError):
            failure.raiseException()
        why: Any = failure.value
        raise _not_opened(self.door, self._where, why) from why

    # Twisted calls this

    def stopService(self) -> Deferred[Any] | None:
        """Listen no more, and do not begin to either."""
        super().stopService()
        if self._opening:
            self._opening.cancel()
        return self.port.stopListening() if self.port else None


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
    """Return that a door is open, and the command that joins by it."""
    address: Any = port.getHost()
    if isinstance(address, UNIXAddress):
        path = os.fsdecode(address.name or b"")
        command = door.join_unix.format(path=path)
    else:
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(address.host, address.host)  # noqa: S104
        template = door.join_tls if where.startswith("ssl:") else door.join
        command = template.format(host=host, port=address.port)
    return _("The {door} door is open. To join: {command}", door=door.option, command=command)
