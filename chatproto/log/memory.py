"""A log that keeps nothing: the newest events in memory, for tests, benchmarks, and rooms that should leave no trace.

It numbers, orders and delivers as any log does, in the turn after the one in which it was asked.
Must not know who is reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from typing import TYPE_CHECKING, Final

from twisted.internet.defer import Deferred, succeed

from chatproto.core.events import Draft, Event, Kind
from chatproto.core.limits import UNWRITTEN_EVENTS
from chatproto.log.interface import RoomRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from chatproto.core.events import Asked, Happened
    from chatproto.log.interface import Follower
    from chatproto.log.sqlite import Turns

KEPT_EVENTS: Final = 100_000  # about 40 MB when full

_WORD: Final = re.compile(r"[^\W_]+")
_LATIN_MARKS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")


class MemoryLog:
    """The newest events, and nothing on disk."""

    def __init__(self, reactor: Turns) -> None:
        self._reactor = reactor
        self._kept: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._asked: list[Asked] = []
        self._followers: list[Follower] = []
        self._waiting: list[Callable[[], None]] = []
        self._last = 0

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Begin with nothing."""
        return 0, []

    def close(self) -> Deferred[None]:
        """Deliver what was asked for."""
        self._deliver()
        return succeed(None)

    def follow(self, after: int, follower: Follower) -> None:
        """Replay what is kept, then follow."""
        self._deliver()
        replay = [event for event in self._kept if event.seq > after]
        self._followers.append(follower)
        if replay:
            follower.happened(replay)

    def append(self, asked: Asked) -> None:
        """Ask; the answer comes in the next turn."""
        if not self._asked:
            self._reactor.callLater(0, self._deliver)
        self._asked.append(asked)

    def is_full(self) -> bool:
        """Tell whether too much waits."""
        return len(self._asked) >= UNWRITTEN_EVENTS

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once there is room."""
        self._waiting.append(call)

    def _deliver(self) -> None:
        asked, self._asked = self._asked, []
        happened = [self._number(one) for one in asked]
        if happened:
            for follower in tuple(self._followers):  # one may bring another, who was replayed it
                follower.happened(happened)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def _number(self, asked: Asked) -> Happened:
        if not isinstance(asked, Draft):
            return asked
        self._last += 1
        event = Event(self._last, *asked)
        self._kept.append(event)
        return event

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Look a room up, by what is kept."""
        here = [event for event in self._kept if event.room == name]
        topic = next((e for e in reversed(here) if e.kind == Kind.TOPIC), None)
        if topic is None or not topic.text:
            return succeed(RoomRecord(name, "", "", 0) if here else None)
        return succeed(RoomRecord(name, topic.text, topic.author, topic.time))

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read back."""
        return succeed(
            self._newest(
                (e for e in reversed(self._kept) if e.seq < seq and e.room in rooms), limit
            )
        )

    def after(
        self, rooms: Collection[str], member: int, seq: int, limit: int
    ) -> Deferred[list[Event]]:
        """Read on."""
        return succeed(self._after(rooms, member, seq)[:limit])

    def count(self, rooms: Collection[str], member: int, after: int, upto: int) -> Deferred[int]:
        """Count."""
        return succeed(sum(1 for e in self._after(rooms, member, after) if e.seq <= upto))

    def search(self, rooms: Collection[str], words: str, limit: int) -> Deferred[list[Event]]:
        """Find, by looking at everything that is kept."""
        wanted = [word for part in words.split() if (word := _words(part)).strip()]
        if not wanted:
            return succeed([])
        found = (
            e for e in reversed(self._kept) if e.room in rooms and _has_all(wanted, _words(e.text))
        )
        return succeed(self._newest(found, limit))

    def _newest(self, backwards: Iterable[Event], limit: int) -> list[Event]:
        return [event for event, _ in zip(backwards, range(limit), strict=False)][::-1]

    def _after(self, rooms: Collection[str], member: int, seq: int) -> list[Event]:
        return [
            e
            for e in self._kept
            if e.seq > seq
            and (e.room in rooms or (e.kind == Kind.PRIVATE and member in (e.origin, e.target)))
        ]


def _words(text: str) -> str:
    """Give the words as an index of words has them: folded, Latin without accents, spaces around."""
    letters = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    found = _WORD.findall(unicodedata.normalize("NFC", letters))
    return f" {' '.join(found)} "


def _has_all(wanted: list[str], words: str) -> bool:
    return all(word in words for word in wanted)
