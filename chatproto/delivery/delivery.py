"""Delivery: the audience of the chat.  See the package for how it works.

Must not know commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.core import whereabouts
from chatproto.delivery.batch import Place, Tail
from chatproto.delivery.catchup import CatchUp
from chatproto.delivery.crowds import Crowds
from chatproto.delivery.fanout import FanOut
from chatproto.delivery.groups import Groups
from chatproto.delivery.mentions import Mentions
from chatproto.delivery.renderings import Renderings
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.clock import Clock
    from chatproto.core.events import Draft, Event, Happened, Ids
    from chatproto.core.ports import Archive
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.delivery.reader import Reader
    from chatproto.errors import NotSaid

_log = Logger(namespace="chatproto.delivery")


class Delivery:
    """All readers who have a name, and what they have yet to read."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        # By each id of a member, all its readers.
        self._readers: dict[int, tuple[Reader, ...]] = {}
        self._ids: dict[int, Ids] = {}  # by member, the ids that stand there
        # By member and room, where they came in: each of their readers is given what happens after that.
        self._joined: dict[int, dict[str, Place]] = {}
        self._raw: set[Reader] = set()  # whose voice does not gather, level or not
        self._groups = Groups(self._readers)
        self._tail = Tail()
        self._mentions = Mentions()
        renderings = Renderings()
        self._catch_up = CatchUp(archive, self._tail, self._groups, renderings)
        self._fan_out = FanOut(self._tail, self._mentions, self._groups, renderings, self._catch_up)
        self._crowds = Crowds(clock, self._member_id, self._fan_out.send)

    def open(self, head: int) -> None:
        """Begin after the event of that seq: a reader who is attached from now on has read up to there."""
        self._tail.head = head

    # -- readers -------------------------------------------------------------------------------

    def attach(self, reader: Reader, seat: Seat, seen: int | None = None) -> None:
        """Let a reader read at a seat: from now on, or what happened after the event `seen`."""
        reader.seat = seat
        reader.source = self._catch_up
        member = seat.member
        reader.joined = self._joined.setdefault(member.id, {})
        self._set_readers(member, (*self._readers.get(member.id, ()), reader))
        self._catch_up.place(reader, self._tail.head if seen is None else seen)
        self.refresh(member)
        self._catch_up.catch_up(reader)

    def detach(self, reader: Reader) -> None:
        """Let a reader go."""
        self._groups.remove(reader)
        self._raw.discard(reader)
        reader.live = False
        reader.source = None
        if reader.seat:
            member = reader.seat.member
            others = (one for one in self._readers.get(member.id, ()) if one is not reader)
            self._set_readers(member, tuple(others))
            self._forget(member)
            self.refresh(member)

    def _set_readers(self, member: Member, readers: tuple[Reader, ...]) -> None:
        for one_id in self._ids.pop(member.id, ()):  # some of them may be the member's no more
            del self._readers[one_id]
        if readers:
            self._ids[member.id] = member.ids
            self._readers.update(dict.fromkeys(member.ids, readers))

    def _member_id(self, one_id: int) -> int:
        """Return the id of the member of whom this is an id."""
        readers = self._readers.get(one_id)
        seat = readers[0].seat if readers else None
        return seat.member.id if seat else one_id

    def _forget(self, member: Member) -> None:
        """Keep nothing of a member who reads no more."""
        if member.id not in self._readers and not self._joined.get(member.id):
            self._joined.pop(member.id, None)

    def cursor(self, reader: Reader) -> int:
        """Return the seq of the last event that a reader was brought."""
        return self._tail.head if reader.live else reader.seq

    def enter(self, member: Member, room: Room) -> None:
        """Let a member read a room: what happens in it from now on."""
        place = Place(self._tail.index, self._tail.head)
        self._joined.setdefault(member.id, {})[room.name] = place
        self._crowds.enter(member.id, room.name, member.entries[room.name])
        self.refresh(member)

    def leave(self, member: Member, room: Room) -> None:
        """Let a member read a room no more."""
        del self._joined[member.id][room.name]
        self._forget(member)
        self._crowds.leave(member.id, room.name)
        self.refresh(member)

    def refresh(self, member: Member) -> None:
        """Take note that a member reads otherwise: another room, nick or voice, some member ignored."""
        readers = self._readers.get(member.id, ())
        self._mentions.note(member, are_marked=any(one.voice.marks_mentions for one in readers))
        for reader in readers:
            reader.note_current_room()
            self._note_voice(reader)
            if reader.live:
                self._groups.add(reader)

    def _note_voice(self, reader: Reader) -> None:
        """While no reader takes presences as they are, they are left out of the batches."""
        if reader.voice.gathers:
            self._raw.discard(reader)
        else:
            self._raw.add(reader)

    def set_typing(self, reader: Reader, *, typing: bool) -> None:
        """Take note whether something stands after a reader's prompt."""
        if reader.typing != typing:
            reader.typing = typing
            if reader.live:
                self._groups.add(reader)

    def hold(self, reader: Reader) -> None:
        """Send a reader nothing that happens, until `release`: they are shown something older."""
        self._catch_up.hold(reader)

    def release(self, reader: Reader) -> None:
        """Let a reader catch up with what happened while they were held."""
        self._catch_up.release(reader)

    def moved(self, seat: Seat, left: Room) -> None:
        """Tell at a seat that the member left its room at another one."""
        for reader in self._at(seat.id):
            reader.tell(whereabouts.left(left, seat.current_room))

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell at the seat that asked for it that it is not sent."""
        for reader in self._at(asked.origin):
            reader.tell(error.sentence, _("Not sent: {text}", text=asked.text))

    def _at(self, seat_id: int) -> list[Reader]:
        """Return the readers at the seat of that id."""
        readers = self._readers.get(seat_id, ())
        return [reader for reader in readers if reader.seat and reader.seat.id == seat_id]

    def acknowledge(self, asked: Draft, event: Event) -> None:
        """Show nothing: to a person the line in the room is what tells that it was taken."""

    def fail(self, fault: Exception) -> None:
        """Log a fault in showing a reader a room, for the operator."""
        _log.failure("A fault in showing a room's past", Failure(fault))

    # -- what happened --------------------------------------------------------------------------

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring it to everybody, with the crowds that are to be told."""
        if shown := self._crowds.among(batch, raw=bool(self._raw)):
            self._fan_out.send(shown)

    def close(self) -> None:
        """Tell of no crowd later than now."""
        self._crowds.close()
