"""An archive that keeps nothing: the newest events in memory, for tests, benchmarks, and rooms that leave no trace.

Written at once, when it is asked to be: an order that hands on in the turn after the one in which it was asked does so
over this archive, too.
Must not know readers or the order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from chatproto.core.events import sender
from chatproto.core.facts import FACTUAL, facts, rooms_there
from chatproto.core.ports import RoomRecord
from chatproto.core.queries import Found, Scope, has_letters, is_beginning
from chatproto.limits import IDLE_ROOMS, SEARCHED_AT_ONCE
from chatproto.log import numbering
from chatproto.log.pieces import piece

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from chatproto.core.events import Draft, Event, Sender
    from chatproto.core.ports import Store
    from chatproto.core.queries import Piece, Query
    from chatproto.errors import NotSaid
    from chatproto.log.turns import Later

T = TypeVar("T")

_log = Logger(namespace="chatproto.log")

KEPT_EVENTS: Final = 100_000  # about 40 MB when full

_WORD: Final = re.compile(r"[^\W_]+")
_LATIN_MARKS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")


class MemoryArchive:
    """The newest events, and nothing on disk.  It is written in the reactor's thread, so it is its own store."""

    def __init__(self, reactor: Later) -> None:
        self._reactor = reactor
        self._kept: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._by_ref: dict[tuple[Sender, str], Event] = {}
        self._last = 0

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Begin with what is kept: nothing, as a rule."""
        records = sorted(_records(self._kept).values(), key=_latest_topic_first)
        return self._last, records[:IDLE_ROOMS]

    def close(self) -> Deferred[None]:
        """Wait for nothing."""
        return succeed(None)

    # -- writing --------------------------------------------------------------------------------

    def write(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        """Call `work` at once."""
        try:
            result = work(self)
        except Exception:  # noqa: BLE001 - as where another thread writes
            _log.failure("A job of the log's writer failed")
        else:
            done(result)

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Do nothing: memory is never lost."""

    def find(self, draft: Draft) -> Event | None:
        """Return the event that a draft with a ref repeats; None when it is new."""
        return self._by_ref.get((sender(draft), draft.ref))

    def store(self, events: Sequence[Event]) -> None:
        """Keep events, and as many fewer of the oldest."""
        numbering.check(events, self._last)
        by_ref = {(sender(event), event.ref): event for event in events if event.ref}
        if by_ref:
            self._keep_refs(events, by_ref)
        self._kept.extend(events)
        self._last = events[-1].seq
        if self._by_ref:
            self._forget_refs()

    def _keep_refs(self, events: Sequence[Event], by_ref: dict[tuple[Sender, str], Event]) -> None:
        count = sum(1 for event in events if event.ref)
        if len(by_ref) < count or by_ref.keys() & self._by_ref.keys():
            raise ValueError("a sender has used a ref before")
        self._by_ref |= by_ref

    def _forget_refs(self) -> None:
        """Forget the refs of events that are not kept any more."""
        forgotten = self._last - len(self._kept)
        while self._by_ref:
            key, oldest = next(iter(self._by_ref.items()))
            if oldest.seq > forgotten:
                return
            del self._by_ref[key]

    def all_after(self, seq: int, limit: int) -> list[Event]:
        """Return the first events over `seq`, of all that is kept."""
        skipped = max(0, seq + len(self._kept) - self._last)
        return list(islice(self._kept, skipped, skipped + limit))

    # -- reading --------------------------------------------------------------------------------

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Return what the events that are kept tell of a room; None when they tell nothing."""
        here = [event for event in self._kept if event.room == name]
        return succeed(_records(here).get(name))

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Return the last events of some rooms below `seq`."""
        found = islice(self._backwards(Scope(tuple(rooms)), seq), limit)
        return succeed(piece(found, 0, limit).events[::-1])

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Return the next piece of a scope, in the next turn, so that a long way is no deep recursion."""
        answer: Deferred[Piece] = Deferred()
        self._reactor.callLater(0, answer.callback, self._read_on(scope, seq, upto, limit))
        return answer

    def _read_on(self, scope: Scope, seq: int, upto: int, limit: int) -> Piece:
        return piece(self._forwards(scope, seq, upto), upto, limit)

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Return the number at which the last `count` events below `seq` begin."""
        numbers = [event.seq for event in islice(self._backwards(scope, seq), count)]
        return succeed(numbers[-1] if numbers else 0)

    def count(self, scope: Scope, seq: int, upto: int) -> Deferred[int]:
        """Return how many events a scope has over `seq`, up to and with number `upto`."""
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
        """Return what is sought.

        It looks at everything that is kept; at some of it in each turn, beginning with the next.
        """
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

        # In the next turn: what was asked of the order in this one comes before.
        self._reactor.callLater(0, lambda: look(self._last + 1, []))
        return answer


def _records(events: Collection[Event]) -> dict[str, RoomRecord]:
    """Return what these events tell of rooms, by name."""
    records = {name: RoomRecord(name) for name in rooms_there(events)}
    for fact in chain.from_iterable(facts(event) for event in events if event.kind in FACTUAL):
        records[fact.room] = RoomRecord(fact.room, fact.topic)
    return records


def _latest_topic_first(record: RoomRecord) -> tuple[int, str]:
    return (-record.topic.time if record.topic else 0), record.name


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
