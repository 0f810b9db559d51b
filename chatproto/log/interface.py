"""What a log does, whatever it is made of: append, follow, read, search.

The promise: what is asked for is handed to every follower in the order it was asked for; an event is durable, and has
its number, before it is handed on; a presence keeps its place among the events but is not kept.  An event that could
not be made durable is handed to nobody and refused to whoever asked.  What is read comes in pieces, bounded in bytes:
catching up, paging back and feeding a slow reader are one operation, which is reading on from a number.
Must not know who is reading.  The contract is tests/log/test_contract.py; every log passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from chatproto.core.queries import Piece
from chatproto.limits import CATCH_UP_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Asked, Event, Happened
    from chatproto.core.queries import Found, Query, Scope
    from chatproto.errors import NotSaid


class RoomRecord(NamedTuple):
    """What the log knows of a room: state derived from events, in the transaction that stores them."""

    name: str
    topic: str
    topic_author: str
    topic_time: int


class Follower(Protocol):
    """Whoever is told what the log has made durable."""

    def happened(self, batch: Sequence[Happened]) -> None:
        """Take what is now durable, in order."""

    def refused(self, batch: Sequence[Asked], error: NotSaid) -> None:
        """Take what was not made durable, and why."""


class Log(Protocol):
    """One order for everybody."""

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Open it; give the number of the last event and the rooms, at most IDLE_ROOMS of them.

        First those whose topic was set last.  Raises CannotStart.
        """

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Give what is known of one room; None when nothing was ever said in it."""

    def follow(self, after: int, follower: Follower) -> None:
        """Hand the follower every event numbered over `after`, then all that happens: no gap, no repeat.

        A follower that raises is logged, and the others are told all the same.
        """

    def append(self, asked: Asked) -> None:
        """Ask for an event, or for a presence to keep its place among them.  Never blocks."""

    def is_full(self) -> bool:
        """Tell whether so much waits for the disk that nobody should ask for more."""

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once, when the log is no longer full."""

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, if ever nothing more can be made durable until the server is started anew."""

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read the last `limit` events of these rooms numbered below `seq`, oldest first.

        Fewer when they are longer than CATCH_UP_BYTES together: for a few lines, where they will do.
        """

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Read on: the first events over `seq`, `limit` and CATCH_UP_BYTES of them at the most."""

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Give the number at which the last `count` events below `seq` begin; 0 when there are none."""

    def count(self, rooms: Collection[str], member: int, after: int, upto: int) -> Deferred[int]:
        """Count what `after` would read, up to and with number `upto`."""

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Find the newest `limit` events, oldest first.  Fails with Busy when too many are searching."""

    def close(self) -> Deferred[None]:
        """Make durable what was asked for, then stop."""


def piece(events: Iterable[Event], upto: int, limit: int) -> Piece:
    """Take a piece off the events, which come in order and end at number `upto`."""
    taken: list[Event] = []
    size = 0
    for event in events:
        size += len(event.text.encode())
        if taken and (size > CATCH_UP_BYTES or len(taken) >= limit):
            return Piece(taken, taken[-1].seq)
        taken.append(event)
    return Piece(taken, upto)
