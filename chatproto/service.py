"""The service: makes the parts, opens and closes them.  The only module that knows them all.

    start   the log opens, then all doors in one turn; it is over when each of them listens
    end     no door listens any more, goodbyes are said and read, the log commits

A start may take some turns of the reactor, and Twisted awaits none: `process` awaits the Deferred that is returned.
Must not know the command line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, FirstError, gatherResults, maybeDeferred

from chatproto.clock import WallClock
from chatproto.core.chat import Chat
from chatproto.core.ports import Log
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.gated import GatedFactory
from chatproto.doors.listening import ListeningDoor
from chatproto.limits import END_SECONDS
from chatproto.log.archive import SqliteArchive
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from chatproto.sessions.context import Context
from chatproto.settings import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from chatproto.core.ports import Archive
    from chatproto.errors import NotSaid
    from chatproto.settings import Settings


class ChatService(MultiService):
    """The chat, from its start to its end, with a service for each of its doors.

    lost   called with the reason when the log takes nothing more: only a new start helps
    """

    def __init__(self, settings: Settings, reactor: Any, lost: Callable[[NotSaid], None]) -> None:
        super().__init__()
        self.settings = settings
        self.doors: list[ListeningDoor] = []
        self._reactor = reactor
        self._opening: Deferred[None] | None = None
        self._has_log = False
        clock = WallClock(reactor)
        log = _log_of(settings.data, reactor)
        delivery = Delivery(log.archive, clock)
        self.chat = Chat(log, delivery, clock)
        log.order.when_lost(lost)
        self.context = Context(
            self.chat, delivery, clock, settings.title, settings.motd, settings.language,
            settings.rate,
        )  # fmt: skip

    async def _open(self) -> None:
        """Open the log, then the doors.  Raise CannotStart; what is open by then, `_close` closes."""
        settings = self.settings
        doors = [ListeningDoor(door, where, self._reactor) for door, where in settings.doors]
        gate = self._gate()
        await maybeDeferred(self.chat.open)
        self._has_log = True
        folder = None if settings.data == IN_MEMORY else Path(settings.data)
        factories = [GatedFactory(gate, one.door.factory(self.context, folder)) for one in doors]
        for door in doors:
            door.setServiceParent(self)
        self.doors = doors
        # All begin to listen in this turn: in a later one there are no privileges left for ports under 1024.
        opening = [door.open(factory) for door, factory in zip(doors, factories, strict=True)]
        await gatherResults(opening, consumeErrors=True).addErrback(_first_fault)

    def _gate(self) -> Gate:
        """Return the gate.  Raise CannotStart when this process may open too little."""
        settings = self.settings
        return Gate(
            self.context.clock, settings.per_address, settings.rate,
            loopback_is_exempt=settings.loopback_is_exempt,
        )  # fmt: skip

    async def _close(self) -> None:
        """Close the doors, say goodbye, commit."""
        if self._opening:
            self._opening.cancel()
        await super().stopService()
        self.context.say_goodbye()
        await self.context.when_empty().addTimeout(END_SECONDS, self._reactor, _go_on)
        if self._has_log:
            await self.chat.close()

    # Twisted calls these

    def privilegedStartService(self) -> Deferred[None]:
        """Start while ports under 1024 may still be opened.  Fail with CannotStart."""
        super().privilegedStartService()
        self._opening = Deferred.fromCoroutine(self._open())
        return self._opening

    def startService(self) -> Deferred[None] | None:
        """Start, for an operator who runs a service without privileges (`twist`).  Fail with CannotStart."""
        super().startService()
        return None if self._opening else self.privilegedStartService()

    def stopService(self) -> Deferred[None]:
        """Stop, whether it has started, has failed to, or is about to."""
        return Deferred.fromCoroutine(self._close())


def _first_fault(failure: Failure) -> Failure:
    """Return the fault inside a FirstError."""
    assert isinstance(failure.value, FirstError)
    return failure.value.subFailure


def _go_on(_cancelled: object, _seconds: float) -> None:
    """Stop waiting for the last goodbyes."""


def _log_of(data: str, reactor: Any) -> Log:
    archive: Archive = (
        MemoryArchive(reactor) if data == IN_MEMORY else SqliteArchive(Path(data), reactor)
    )
    return Log(EmbeddedOrder(archive, reactor), archive)
