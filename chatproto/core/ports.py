"""Ports: what the core asks of others, which import it and not the other way round.

    Order      gives what is asked for its number and its place, has it stored, and hands it on
    Archive    stores events, and is read and searched; every node has one
    Store      an archive in the place where it is written, as an order has it
    Log        an order and the archive that it keeps here
    Follower   is told what became durable: the chat
    Audience   brings what happened to the readers
    Claims     has a say in which peer may bear a nick, beside the members who are here

The promise of an order: what is asked for is handed to every follower in the order it was asked for; an event is
durable, and has its number, before it is handed on; a presence keeps its place among the events but is not kept.  An
event that could not be made durable is handed to no follower, and the seat that asked is refused.  What a sender asks
for by a ref that it has used before is not stored again, in one turn, later or after a restart: the followers are told
which event it is.  Contract: tests/log/test_order.py.

Of an archive: events are stored with the facts that follow from them, whole or not at all, and no ref of a sender
twice; what is read comes in pieces, bounded in bytes.  Catching up, paging back and feeding a slow reader are one
operation, which is reading on from a number.  Contract: tests/log/test_archive.py.

Every order and every archive passes its own contract, on its own: so an order may be a stream that numbers for all
nodes, while each of them stores and reads in a file of its own.
Must not know readers or the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Asked, Draft, Event, Happened
    from chatproto.core.facts import Topic
    from chatproto.core.identity import Identity
    from chatproto.core.queries import Found, Piece, Query, Scope
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.errors import NotSaid

T = TypeVar("T")


class RoomRecord(NamedTuple):
    """What an archive knows of a room: facts, kept in the transaction that stores the events they follow from."""

    name: str
    topic: Topic | None = None


class Follower(Protocol):
    """What an order hands the events to."""

    def happened(self, batch: Sequence[Happened]) -> None:
        """Take what is now durable, in order."""

    def refused(self, batch: Sequence[Draft], error: NotSaid) -> None:
        """Take what was not made durable, and why."""

    def repeated(self, draft: Draft, event: Event) -> None:
        """Take note of a draft that was asked for before, by its ref, and is this event: no other comes of it."""


class Order(Protocol):
    """One order for all followers."""

    def open(self, head: int) -> None:
        """Begin: its archive, which is open, ends with the event of that seq.  Raise CannotStart."""

    def follow(self, after: int, follower: Follower) -> None:
        """Hand the follower every event numbered over `after`, then all that happens: no gap, no repeat.

        A follower that raises is logged, and the others are told all the same.
        """

    def append(self, asked: Asked) -> None:
        """Ask for an event, or for a presence to keep its place among them.  Never blocks."""

    def is_full(self) -> bool:
        """Return whether so much waits for the disk that no more should be asked for."""

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once, when the order is no longer full."""

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, if ever nothing more can be made durable until the server is started anew."""

    def close(self) -> Deferred[None]:
        """Give the archive all that was asked for: when that is closed, all of it has been handed on."""


class Store(Protocol):
    """An archive in the place where it is written, and where nothing else is written meanwhile.  A call may block."""

    def find(self, draft: Draft) -> Event | None:
        """Return the event that the sender of a draft has asked for by the same ref, if there is one."""

    def store(self, events: Sequence[Event]) -> None:
        """Make some events durable, numbered on from the last, and with them the facts that follow.

        Raise when they are not numbered so, or a sender's ref among them is not new, or they cannot be written: then
        none of them is stored.
        """

    def all_after(self, seq: int, limit: int) -> list[Event]:
        """Return the first events over `seq`, of all rooms and of none, at most so many."""


class Archive(Protocol):
    """What became durable."""

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Open it; return the seq of the last event and the rooms, at most IDLE_ROOMS of them.

        First those whose topic was set last.  Raise CannotStart.
        """

    def close(self) -> Deferred[None]:
        """Do what it was asked to, and answer, then close."""

    def write(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        """Call `work` where the archive is written, after all that was asked for before.

        Then call `done` with what it returned, in the order of asking, in the thread that asked.  Work that raises is
        logged, and has no answer.
        """

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, if ever nothing that waits or comes later can be written until the server is started anew."""

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Return what is known of one room; None when nothing was ever said in it."""

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Return the last `limit` events of these rooms below `seq`, oldest first.

        Fewer when they are longer than CATCH_UP_BYTES together: for a few lines, where they will do.
        """

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Return the first events over `seq`, `limit` and CATCH_UP_BYTES of them at the most."""

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Return the seq at which the last `count` events below `seq` begin; 0 when there are none."""

    def count(self, scope: Scope, seq: int, upto: int) -> Deferred[int]:
        """Return how many events `after` would read, up to and with seq `upto`."""

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Return the newest `limit` events that are sought, oldest first.

        Sought is among all that is stored when the next turn begins.  Fail with Busy when too many are searching.
        """


@dataclass(frozen=True, slots=True)
class Log:
    """An order, and the archive that it keeps here: opened and closed together."""

    order: Order
    archive: Archive

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Open both; return what the archive knows: its last seq, and rooms.  Raise CannotStart."""
        head, rooms = self.archive.open()
        self.order.open(head)
        return head, rooms

    def close(self) -> Deferred[None]:
        """Make durable what was asked for, then close both."""
        return self.order.close().addCallback(lambda _none: self.archive.close())


class Audience(Protocol):
    """Brings what happened to the readers, with crowds told as their voices want it."""

    def open(self, head: int) -> None:
        """Begin: the event of that seq is the last one before all that will be delivered."""

    def enter(self, member: Member, room: Room) -> None:
        """Deliver what happens in this room to this member, at each of its seats, from now on."""

    def leave(self, member: Member, room: Room) -> None:
        """Deliver nothing more of this room to this member."""

    def refresh(self, member: Member) -> None:
        """Take note that a member reads otherwise: another nick, another current room, some member ignored."""

    def moved(self, seat: Seat, left: Room) -> None:
        """Tell at a seat that its current room is another now: the member left it at another seat."""

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring this to all its readers."""

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell the seat that asked for it that no reader will see it."""

    def acknowledge(self, asked: Draft, event: Event) -> None:
        """Tell the member who asked for it again that it is in the room, as this event, and comes no second time."""

    def close(self) -> None:
        """Announce no crowd later than what is delivered from now on."""

    def fail(self, fault: Exception) -> None:
        """Take note that one reader could not be shown a room's past; the others were."""


class Claims(Protocol):
    """What else decides whether a peer may bear a nick: the accounts, the other nodes."""

    def claim(self, nick: str, identity: Identity) -> Deferred[None]:
        """Ask for a nick that no member here bears; fire when this peer may bear it.  Fail with NotAllowed, Taken."""

    def release(self, nick: str) -> None:
        """Take note that a nick which was claimed is borne no more."""
