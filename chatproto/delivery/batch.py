"""Batches: what happened together, rendered once for each way of reading it; and the tail of them kept in memory.

Must not know who is reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chatproto.core.events import Change, Event, Kind, Presence
from chatproto.core.limits import BATCH_BYTES, LINE_BYTES, TAIL_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chatproto.core.events import Happened
    from chatproto.language import Sentence

_FRAMING_BYTES = 64  # the room, the nick and the end of a line: enough for a guess at its size


class Voice(Protocol):
    """How events read for one kind of reader.  Hashable; equal voices render alike.

    own_lines   who reads so is brought their own lines too
    calls       who reads so is to be told when they are mentioned
    """

    @property
    def own_lines(self) -> bool:
        """Tell whether one's own lines come back."""

    @property
    def calls(self) -> bool:
        """Tell whether a mention reads in a way of its own."""

    def render(
        self, events: Iterable[Happened], looking: str, number: int = 0, called: str = ""
    ) -> list[bytes]:
        """Give the bytes of each event, for somebody who looks at that room.

        `number` and `called` are the member and their nick, where that makes a difference.
        """

    def frame(self, lines: bytes) -> bytes:
        """Give the bytes that bring these lines to the screen."""

    def notice(self, sentence: Sentence) -> bytes:
        """Give the bytes of something that nobody said."""


class Batch:
    """What happened together, and how it reads.

    number    1, 2, 3, ...: what cursors count
    before    the number of the last event before it; `upto`, of the last one up to its end
    rooms     where it happened; "" is among them when something private did
    talk      the room in which all of it was said, when it is nothing but talk in one room; else ""
    concerns  the members who spoke in it or are addressed in it: they read it in a way of their own
    mentions  those of them whose names are said in it
    """

    __slots__ = (
        "_lines",
        "_whole",
        "before",
        "concerns",
        "events",
        "mentions",
        "number",
        "rooms",
        "talk",
        "upto",
    )

    def __init__(self, number: int, before: int, events: Sequence[Happened]) -> None:
        self.number = number
        self.before = self.upto = before
        self.events = events
        rooms, concerns, talk = set(), set(), True
        for event in events:
            rooms.add(event.room)
            concerns.add(event.origin)
            if not isinstance(event, Event):
                talk = False
                continue
            self.upto = event.seq
            if event.kind > Kind.DID:
                talk = False
                concerns.add(event.target)
        self.rooms = frozenset(rooms)
        self.concerns = frozenset(concerns - {0})
        self.mentions: frozenset[int] = frozenset()
        self.talk = next(iter(rooms)) if talk and len(rooms) == 1 else ""
        self._lines: dict[tuple[Voice, str], list[bytes]] = {}
        self._whole: dict[tuple[Voice, str], bytes] = {}

    def mention(self, members: frozenset[int]) -> None:
        """Note whose names are said in it."""
        self.mentions = members
        self.concerns |= members

    def lines(self, voice: Voice, looking: str) -> list[bytes]:
        """Give the bytes of each event, rendered once."""
        way = (voice, looking if looking in self.rooms else "")
        if way not in self._lines:
            self._lines[way] = voice.render(self.events, looking)
        return self._lines[way]

    def whole(self, voice: Voice, looking: str) -> bytes:
        """Give all of it: the same object for everybody who reads it in this way."""
        way = (voice, looking if looking in self.rooms else "")
        if way not in self._whole:
            self._whole[way] = voice.frame(b"".join(self.lines(voice, looking)))
        return self._whole[way]


class Tail:
    """The newest batches, from which slow readers catch up."""

    def __init__(self) -> None:
        self.number = 0  # of the last batch
        self.head = 0  # number of the last event
        self._batches: dict[int, Batch] = {}
        self._events = 0

    def add(self, happened: Sequence[Happened]) -> Iterator[Batch]:
        """Make batches of what happened, none much longer than BATCH_BYTES, and keep them."""
        for events in pieces(happened):
            batch = Batch(self.number + 1, self.head, events)
            self.number, self.head = batch.number, batch.upto
            self._batches[batch.number] = batch
            self._events += len(events)
            self._forget()
            yield batch

    def _forget(self) -> None:
        while self._events > TAIL_EVENTS and len(self._batches) > 1:
            oldest = self._batches.pop(next(iter(self._batches)))
            self._events -= len(oldest.events)

    def batch(self, number: int) -> Batch | None:
        """Give the batch of that number, while it is kept."""
        return self._batches.get(number)

    def batch_after(self, seq: int) -> Batch | None:
        """Give the batch from which a reader goes on who has read all up to event `seq`.

        None when that is no longer kept, or there is nothing more.
        """
        first = next(iter(self._batches.values()), None)
        if first is None or first.before > seq:
            return None
        return next((batch for batch in self._batches.values() if batch.upto > seq), None)


def pieces(happened: Sequence[Happened]) -> Iterator[Sequence[Happened]]:
    """Cut what happened into pieces of about BATCH_BYTES."""
    if len(happened) * (LINE_BYTES + _FRAMING_BYTES) <= BATCH_BYTES:
        yield happened
        return
    start = size = 0
    for place, event in enumerate(happened):
        size += len(event.text) + _FRAMING_BYTES
        if size > BATCH_BYTES and place > start and not _goes_on(happened[place - 1], event):
            yield happened[start:place]
            start, size = place, len(event.text) + _FRAMING_BYTES
    yield happened[start:]


def _goes_on(before: Happened, event: Happened) -> bool:
    """Tell whether this is the same rename, told in one room more: who is in both reads it once."""
    return (
        isinstance(event, Presence)
        and isinstance(before, Presence)
        and event.change is Change.RENAMED
        and event.names == before.names
    )
