"""The service: makes the parts, opens and closes them.  The only file that knows them all.

Whatever keeps the server from starting is a CannotStart; `process` makes one sentence and exit status 1 of it.
"""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatproto.clock import WallClock
from chatproto.core.chat import Chat
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.listening import endpoint_of, joining, not_opened
from chatproto.errors import CannotStart
from chatproto.language import from_environment, language
from chatproto.limits import GOODBYE_SECONDS
from chatproto.log.memory import MemoryLog
from chatproto.log.sqlite import SqliteLog
from chatproto.sessions.context import Context
from chatproto.settings import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Generator

    from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint

    from chatproto.core.ports import Log
    from chatproto.doors.table import Door
    from chatproto.errors import NotSaid
    from chatproto.settings import Settings

_log = Logger(namespace="chatproto")
_say = language(from_environment()).read

_SHORTEST_WAIT: Final = 0.02


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
            (door, endpoint_of(door, where, self._reactor), where)
            for door, where in self.settings.doors
        ]
        gate = self._gate()
        self.chat.open()
        data = self.settings.data
        folder = None if data == IN_MEMORY else Path(data)
        try:
            for door, endpoint, where in doors:
                self._open_door(door, endpoint, where, door.factory(self.context, gate, folder))
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
            raise not_opened(door, where, failed[0]) from failed[0]
        _log.info("{sentence}", sentence=_say(joining(door, where, self.ports[-1])))

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
