"""What a log does, whatever it is made of: append, follow, read, search.

The promise: what is asked for is handed to every follower in the order it was asked for; an event is durable, and has
its number, before it is handed on; a presence keeps its place among the events but is not kept.  An event that could
not be made durable is handed to nobody and refused to whoever asked.
Must not know who is reading.  The contract is tests/log/test_contract.py; every log passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Asked, Event, Happened
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
        """Hand the follower every event numbered over `after`, then all that happens: no gap, no repeat."""

    def append(self, asked: Asked) -> None:
        """Ask for an event, or for a presence to keep its place among them.  Never blocks."""

    def is_full(self) -> bool:
        """Tell whether so much waits for the disk that nobody should ask for more."""

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once, when the log is no longer full."""

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read the last `limit` events of these rooms numbered below `seq`, oldest first."""

    def after(
        self, rooms: Collection[str], member: int, seq: int, limit: int
    ) -> Deferred[list[Event]]:
        """Read the first `limit` events over `seq` in these rooms or private to or from `member`."""

    def count(self, rooms: Collection[str], member: int, after: int, upto: int) -> Deferred[int]:
        """Count what `after` would read, up to and with number `upto`."""

    def search(self, rooms: Collection[str], words: str, limit: int) -> Deferred[list[Event]]:
        """Find the newest `limit` events said in these rooms with all of the words, oldest first."""

    def close(self) -> Deferred[None]:
        """Make durable what was asked for, then stop."""
