"""Ports: what the core asks of others, who import it and not the other way round.

    Order      gives what is asked for its number and its place, makes it durable, and hands it on
    Archive    has what became durable: it is read and searched there
    Log        both in one, as every log of this server is
    Follower   is told what became durable: the chat
    Audience   brings what happened to the readers

The promise of an order: what is asked for is handed to every follower in the order it was asked for; an event is
durable, and has its number, before it is handed on; a presence keeps its place among the events but is not kept.  An
event that could not be made durable is handed to no follower and refused to whoever asked.
Of an archive: what is read comes in pieces, bounded in bytes.  Catching up, paging back and feeding a slow reader are
one operation, which is reading on from a number.
The contract is tests/log/test_contract.py; every log passes it.
Must not know who is reading, or what a log is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Asked, Draft, Event, Happened
    from chatproto.core.facts import Topic
    from chatproto.core.queries import Found, Piece, Query, Scope
    from chatproto.core.rooms import Member, Room
    from chatproto.errors import NotSaid


class RoomRecord(NamedTuple):
    """What an archive knows of a room: facts, kept in the transaction that stores the events they follow from."""

    name: str
    topic: Topic | None = None


class Follower(Protocol):
    """What an order hands the events to."""

    def happened(self, batch: Sequence[Happened]) -> None:
        """Take what is now durable, in order."""

    def refused(self, batch: Sequence[Asked], error: NotSaid) -> None:
        """Take what was not made durable, and why."""


class Order(Protocol):
    """One order for everybody."""

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Open it; return the number of the last event and the rooms, at most IDLE_ROOMS of them.

        First those whose topic was set last.  Raise CannotStart.
        """

    def follow(self, after: int, follower: Follower) -> None:
        """Hand the follower every event numbered over `after`, then all that happens: no gap, no repeat.

        A follower that raises is logged, and the others are told all the same.
        """

    def append(self, asked: Asked) -> None:
        """Ask for an event, or for a presence to keep its place among them.  Never blocks."""

    def is_full(self) -> bool:
        """Return whether so much waits for the disk that nobody should ask for more."""

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once, when the order is no longer full."""

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, if ever nothing more can be made durable until the server is started anew."""

    def close(self) -> Deferred[None]:
        """Make durable what was asked for, then stop."""


class Archive(Protocol):
    """What became durable."""

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Return what is known of one room; None when nothing was ever said in it."""

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read the last `limit` events of these rooms numbered below `seq`, oldest first.

        Fewer when they are longer than CATCH_UP_BYTES together: for a few lines, where they will do.
        """

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Read on: the first events over `seq`, `limit` and CATCH_UP_BYTES of them at the most."""

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Return the number at which the last `count` events below `seq` begin; 0 when there are none."""

    def count(self, rooms: Collection[str], member: int, after: int, upto: int) -> Deferred[int]:
        """Count what `after` would read, up to and with number `upto`."""

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Find the newest `limit` events, oldest first.  Fails with Busy when too many are searching."""


class Log(Order, Archive, Protocol):
    """An order that keeps its own archive."""


class Audience(Protocol):
    """What brings to the readers what happened, and tells of a crowd as suits them."""

    def open(self, head: int) -> None:
        """Begin: the event of that number is the last one before all that will be delivered."""

    def enter(self, member: Member, room: Room) -> None:
        """From now on this member reads this room."""

    def leave(self, member: Member, room: Room) -> None:
        """From now on they do not."""

    def set_current_room(self, member: Member, room: Room | None) -> None:
        """From now on this is the room that what they say goes to."""

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring this to everybody who reads it."""

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell the member who asked for it that nobody will see it."""

    def close(self) -> None:
        """Tell no more of who came and went than what is delivered from now on."""

    def fail(self, fault: Exception) -> None:
        """Take note that one of them could not be shown a room's past; the others were."""
