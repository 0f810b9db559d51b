"""A log that keeps nothing: the newest events in memory, for tests, benchmarks, and rooms that should leave no trace.

It numbers, orders and delivers as any log does, in the turn after the one in which it was asked.
Must not know who is reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from chatproto.core.events import Draft, Event
from chatproto.core.facts import FACTUAL, facts, rooms_there
from chatproto.core.ports import RoomRecord
from chatproto.core.queries import Found, Scope, has_letters, is_beginning
from chatproto.limits import SEARCHED_AT_ONCE, UNWRITTEN_EVENTS
from chatproto.log.pieces import piece

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from chatproto.core.events import Asked, Happened
    from chatproto.core.ports import Follower
    from chatproto.core.queries import Piece, Query
    from chatproto.errors import NotSaid
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
        self._log = Logger(namespace="chatproto.log")

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
        """Return whether too much waits."""
        return len(self._asked) >= UNWRITTEN_EVENTS

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once there is room."""
        self._waiting.append(call)

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Never call: nothing can happen to it."""

    def _deliver(self) -> None:
        """Tell the followers, whatever becomes of any of them."""
        asked, self._asked = self._asked, []
        happened = self._numbered(asked)
        if happened:
            for follower in tuple(self._followers):  # one may bring another, who was replayed it
                with self._log.failuresHandled("A follower of the log failed"):
                    follower.happened(happened)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            with self._log.failuresHandled("Somebody who waited for the log failed"):
                call()

    def _numbered(self, asked: Sequence[Asked]) -> list[Happened]:
        last, keep = self._last, self._kept.append
        happened: list[Happened] = []
        for one in asked:
            if isinstance(one, Draft):
                last += 1
                event = Event._make((last, *one))
                keep(event)
                happened.append(event)
            else:
                happened.append(one)
        self._last = last
        return happened

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Look a room up, by what is kept."""
        here = [event for event in self._kept if event.room == name]
        record = RoomRecord(name) if rooms_there(here) else None
        for fact in chain.from_iterable(facts(event) for event in here if event.kind in FACTUAL):
            record = RoomRecord(name, fact.topic)
        return succeed(record)

    # -- reading --------------------------------------------------------------------------------

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read back."""
        found = islice(self._backwards(Scope(tuple(rooms)), seq), limit)
        return succeed(piece(found, 0, limit).events[::-1])

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Read on; the answer comes in the next turn, so that a long way is no deep recursion."""
        answer: Deferred[Piece] = Deferred()
        self._reactor.callLater(0, answer.callback, self._read_on(scope, seq, upto, limit))
        return answer

    def _read_on(self, scope: Scope, seq: int, upto: int, limit: int) -> Piece:
        return piece(self._forwards(scope, seq, upto), upto, limit)

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Count back."""
        numbers = [event.seq for event in islice(self._backwards(scope, seq), count)]
        return succeed(numbers[-1] if numbers else 0)

    def count(self, scope: Scope, seq: int, upto: int) -> Deferred[int]:
        """Count."""
        return succeed(sum(1 for _event in self._forwards(scope, seq, upto)))

    def _forwards(self, scope: Scope, seq: int, upto: int) -> Iterator[Event]:
        """Return the events over `seq`, up to and with number `upto`."""
        forgotten = self._last - len(self._kept)
        kept = islice(self._kept, max(0, seq - forgotten), max(0, upto - forgotten))
        return (event for event in kept if scope.has(event))

    def _backwards(self, scope: Scope, seq: int) -> Iterator[Event]:
        """Return the events below `seq`, the newest first."""
        newer = max(0, self._last + 1 - seq)
        return (e for e in islice(reversed(self._kept), newer, None) if scope.has(e))

    # -- searching ------------------------------------------------------------------------------

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Find, by looking at everything that is kept; some of it in each turn."""
        self._deliver()  # what was asked for in this turn comes before
        answer: Deferred[Found] = Deferred()
        wanted = [_as_sought(word) for word in query.words if has_letters(word)]
        if query.words and not wanted:
            answer.callback(Found([]))
            return answer

        def look(seq: int, found: list[Event]) -> None:
            """Look at the next events below `seq`."""
            newer = max(0, self._last + 1 - seq)
            kept = islice(reversed(self._kept), newer, newer + SEARCHED_AT_ONCE)
            found += [e for e in kept if query.fits(e) and _has_all(wanted, e.text)]
            if len(found) >= limit or newer + SEARCHED_AT_ONCE >= len(self._kept):
                answer.callback(Found(found[:limit][::-1]))
            else:
                self._reactor.callLater(0, look, seq - SEARCHED_AT_ONCE, found)

        look(self._last + 1, [])
        return answer


def _words(text: str) -> str:
    """Return the words as an index of words has them: folded, Latin without accents, spaces around."""
    letters = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    found = _WORD.findall(unicodedata.normalize("NFC", letters))
    return f" {' '.join(found)} "


def _has_all(wanted: Sequence[str], text: str) -> bool:
    words = _words(text) if wanted else ""
    return all(word in words for word in wanted)


def _as_sought(word: str) -> str:
    """Return a word (or several written together) with the spaces around that must be there, too."""
    return _words(word).rstrip() if is_beginning(word) else _words(word)
