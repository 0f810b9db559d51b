"""Batches: what happened together; and the tail of them kept in memory.

Must not know readers.
"""

from __future__ import annotations

from operator import attrgetter
from sys import getsizeof
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from chatproto.core.events import ADDRESSED, EVENTS, SHOWN, TALK, Event, Presence, ref_of
from chatproto.limits import BATCH_BYTES, LINE_BYTES, TAIL_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chatproto.voices.voice import Crowd, Shown

_NONE_NAMED: Final[Mapping[int, list[int]]] = {}

_kind, _room, _origin, _data = map(attrgetter, ("kind", "room", "origin", "data"))

EVENT_BYTES: Final = 352  # a tuple of thirteen, its numbers, and the nick
_FRAMING_BYTES: Final = (
    64  # the room, the nick and the end of a line: enough for a guess at its size
)


class Place(NamedTuple):
    """Where in what happened: the last batch, and the last event, up to there."""

    batch: int
    seq: int


class Batch:
    """What happened together, and how it reads.

    index     1, 2, 3, ...: what cursors count
    before    the seq of the last event before it; `upto`, of the last one up to its end
    bytes     what its events take in memory, nearly
    rooms     where it happened, as far as it is shown at all; "" is among them when something private did
    origins   of each event, the id of its author; 0 for one that is shown to no reader
    talk      the room in which all of it was said, when it is nothing but talk in one room; else ""
    concerns  the ids of members who spoke in it or are addressed in it: they read it in a way of their own
    personal  by member, the places of the events that read otherwise to them: private ones, and mentions
    is_raw    it is nothing but presences, which voices that gather do not read
    is_wide   something in it is told in several rooms: a member in more than one reads it in a way of its own
    """

    __slots__ = (
        "before", "bytes", "concerns", "events", "index", "is_raw", "is_wide", "origins", "personal", "rooms",
        "talk", "upto",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        before: int,
        events: Sequence[Shown],
        named: Mapping[int, list[int]] = _NONE_NAMED,
    ) -> None:
        """`named` has, by member, the places of the events in which they are mentioned."""
        self.index = index
        self.before = self.upto = before
        self.events = events
        self.bytes = _bytes(events)
        self.personal = dict(named)
        self.origins = [*map(_origin, events)]
        self.concerns = set(named)
        self.rooms: set[str] = set()
        self.is_wide = self.is_raw = False
        if is_talk := _is_talk(events):
            self.rooms.update(map(_room, events))
            self.upto = events[-1].seq
        else:
            is_talk = self._note_each(events)
        self.concerns.update(self.origins)
        self.concerns.discard(0)
        self.talk = next(iter(self.rooms)) if is_talk and len(self.rooms) == 1 else ""

    def _note_each(self, events: Sequence[Shown]) -> bool:
        """Note the room of each and the members it concerns; return whether all that is shown is talk."""
        self.is_raw = is_talk = True
        for place, event in enumerate(events):
            if not isinstance(event, Event):
                is_talk = False
                self._pass(event)
                continue
            self.is_raw = False
            self.upto = event.seq
            if event.data or event.ref:
                self.bytes += getsizeof(event.data) + getsizeof(event.ref)
            if event.kind in TALK:
                self.rooms.add(event.room)
            elif event.kind in SHOWN:
                is_talk = False
                self._address(event, place)
            else:
                self.origins[place] = 0
        return is_talk

    def _pass(self, shown: Presence | Crowd) -> None:
        """Note where members came and went, and the members who read only part of it."""
        if isinstance(shown, Presence):
            self.rooms.update(shown.rooms)
            return
        self.is_raw = False
        self.rooms.add(shown.room)
        self.concerns.update(shown.after)
        self.is_wide = self.is_wide or any(len(rooms) > 1 for rooms in shown.told_in)

    def _address(self, event: Event, place: int) -> None:
        """Note the members concerned by an event that is more than talk."""
        self.rooms.add(event.room)
        self.concerns.add(event.target)
        if event.kind in ADDRESSED:
            for member in {event.origin, event.target}:
                self.personal.setdefault(member, []).append(place)


class Tail:
    """The newest batches, from which slow readers catch up."""

    def __init__(self) -> None:
        self.index = 0  # of the last batch
        self.head = 0  # the seq of the last event
        self._batches: dict[int, Batch] = {}
        self._bytes = 0

    def add(self, events: Sequence[Shown], named: Mapping[int, list[int]] = _NONE_NAMED) -> Batch:
        """Keep and return a batch of what happened together; `named` as in a Batch."""
        batch = Batch(self.index + 1, self.head, events, named)
        self.index, self.head = batch.index, batch.upto
        self._batches[batch.index] = batch
        self._bytes += batch.bytes
        self._forget()
        return batch

    def _forget(self) -> None:
        while self._bytes > TAIL_BYTES and len(self._batches) > 1:
            oldest = self._batches.pop(next(iter(self._batches)))
            self._bytes -= oldest.bytes

    def batch(self, index: int) -> Batch | None:
        """Return the batch of that index, while it is kept."""
        return self._batches.get(index)

    def batch_after(self, seq: int) -> Batch | None:
        """Return the batch from which a reader goes on that has read all up to event `seq`.

        None when that is no longer kept, or there is nothing more.
        """
        first = next(iter(self._batches.values()), None)
        if first is None or first.before > seq:
            return None
        return next((batch for batch in self._batches.values() if batch.upto > seq), None)


def _is_talk(events: Sequence[Shown]) -> TypeGuard[Sequence[Event]]:
    """Return whether these are several plain lines, as in a flood, with nothing beside their words."""
    return (
        len(events) > 1
        and EVENTS.issuperset(map(type, events))
        and TALK.issuperset(map(_kind, events))
        and not (any(map(ref_of, events)) or any(map(_data, events)))
    )


def is_in(shown: Shown, room: str) -> bool:
    """Return whether something shows in that room."""
    return room in shown.rooms if isinstance(shown, Presence) else shown.room == room


def _bytes(events: Sequence[Shown]) -> int:
    """Return what events take in memory, nearly: a text may have four bytes to a letter."""
    return EVENT_BYTES * len(events) + sum(map(getsizeof, [event.text for event in events]))


def pieces(happened: Sequence[Shown]) -> Iterator[Sequence[Shown]]:
    """Yield what happened in pieces of about BATCH_BYTES."""
    if len(happened) * (LINE_BYTES + _FRAMING_BYTES) <= BATCH_BYTES:
        yield happened
        return
    start = size = 0
    for place, event in enumerate(happened):
        size += len(event.text) + _FRAMING_BYTES
        if size > BATCH_BYTES and place > start:
            yield happened[start:place]
            start, size = place, len(event.text) + _FRAMING_BYTES
    yield happened[start:]
