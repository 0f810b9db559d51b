"""The archive in one SQLite file: a thread that writes, a few that read, one that searches.

Every node has one, whatever numbers the events.  What is written is written in the order in which it was asked for, and
its answers come back to the reactor's thread in that order.
Must not know readers or the order.  The reactor is passed in, as the few things that are needed of it.
"""

from __future__ import annotations

import threading
from typing import IO, TYPE_CHECKING, Final, TypeVar

from twisted.internet.defer import Deferred

from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.limits import IDLE_ROOMS, SEARCHES_WAITING
from chatproto.log import database, reading, searching
from chatproto.log.files import OpenFiles
from chatproto.log.readers import Readers, not_read
from chatproto.log.store import SqliteStore
from chatproto.log.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from chatproto.core.events import Event
    from chatproto.core.ports import RoomRecord, Store
    from chatproto.core.queries import Found, Piece, Query, Scope
    from chatproto.log.turns import TimedTurns

READING_THREADS: Final = 2  # reading is short; more would only crowd the processor
SEARCHING_THREADS: Final = (
    1  # searching is not: a search waits for other searches, and for nothing else
)

T = TypeVar("T")


class SqliteArchive:
    """An archive in a folder of its own."""

    def __init__(self, folder: Path, reactor: TimedTurns) -> None:
        self._folder = folder
        self._reactor = reactor
        self._lost: NotSaid | None = None
        self._on_lost: list[Callable[[NotSaid], None]] = []
        self._levelling: set[Deferred[None]] = set()
        self._readers = Readers(reactor, "chat log readers", READING_THREADS)
        self._searchers = Readers(
            reactor, "chat log search", SEARCHING_THREADS, SEARCHING_THREADS + SEARCHES_WAITING
        )
        self._lock: IO[str]
        self._writer: Writer

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        """Open it, and start the threads."""
        self._lock = database.claim(self._folder)
        try:
            connection = database.open_to_write(self._folder)
        except BaseException:
            self._lock.close()
            raise
        head, rooms = database.last(connection), database.rooms(connection, IDLE_ROOMS)
        self._writer = Writer(SqliteStore(connection, OpenFiles(self._folder)), self._end)
        self._writer.start()
        for readers in (self._readers, self._searchers):
            readers.open(self._folder)
        return head, rooms

    def close(self) -> Deferred[None]:
        """Write what is asked for, then stop the threads."""
        closed: Deferred[None] = Deferred()
        self._writer.jobs.put(None)
        # Joining may wait for the disk, so another thread does it.
        threading.Thread(target=self._join, args=(closed,), daemon=True).start()
        return closed

    def _join(self, closed: Deferred[None]) -> None:
        self._writer.join()
        for readers in (self._readers, self._searchers):
            readers.close()
        self._lock.close()
        self._reactor.callFromThread(closed.callback, None)

    # -- writing --------------------------------------------------------------------------------

    def write(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        """Call `work` in the writer's thread, then `done` in the reactor's."""
        self._writer.jobs.put(lambda store: self._reactor.callFromThread(done, work(store)))

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, should the writer's thread die."""
        self._on_lost.append(call)

    def _end(self, error: BaseException) -> None:
        """Tell the reactor's thread that the writer's has died."""
        self._reactor.callFromThread(self._lose, error)

    def _lose(self, error: BaseException) -> None:
        """Drop what waits for the writer, which has died."""
        self._lost = NotSaid(
            _(
                "The log's writer has died ({reason}). It was not sent. Only starting the server again helps.",
                reason=repr(error),
            )
        )
        levelling, self._levelling = self._levelling, set()
        for level in levelling:
            level.errback(self._lost)
        for call in self._on_lost:
            call(self._lost)

    # -- reading --------------------------------------------------------------------------------

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Return what is known of a room; None when nothing is."""
        return self._readers.ask(lambda connection: reading.room(connection, name))

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Return the last events of some rooms below `seq`."""
        return self._readers.ask(lambda connection: reading.before(connection, rooms, seq, limit))

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Return the next piece of a scope, over `seq`."""
        return self._readers.ask(
            lambda connection: reading.after(connection, scope, seq, upto, limit)
        )

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Return the number at which the last `count` events below `seq` begin."""
        return self._readers.ask(lambda connection: reading.back(connection, scope, seq, count))

    def count(self, scope: Scope, seq: int, upto: int) -> Deferred[int]:
        """Return how many events a scope has over `seq`, up to and with number `upto`."""
        return self._readers.ask(lambda connection: reading.count(connection, scope, seq, upto))

    # -- searching ------------------------------------------------------------------------------

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Return what is sought, after the indexes have taken in everything that is in the log by then."""
        now = self._reactor.seconds
        return self._indexed().addCallback(
            lambda _none: self._searchers.ask(
                lambda connection: searching.search(connection, query, limit, now)
            )
        )

    def _indexed(self) -> Deferred[None]:
        """Wait until the indexes are level with the log."""
        level: Deferred[None] = Deferred()
        if self._lost:
            level.errback(self._lost)
            return level
        self._levelling.add(level)

        def index(store: SqliteStore) -> None:
            try:
                more = store.index()
            except Exception as error:  # noqa: BLE001 - the reader is told, the writer lives on
                self._reactor.callFromThread(self._level, level, not_read(error))
                return
            if more:  # a step at a time, so that no line waits for all of it
                self._writer.jobs.put(index)
            else:
                self._reactor.callFromThread(self._level, level, None)

        # In the next turn: what was asked of the order in this one comes before.
        self._reactor.callLater(0, self._writer.jobs.put, index)
        return level

    def _level(self, level: Deferred[None], error: Exception | None) -> None:
        if level in self._levelling:
            self._levelling.discard(level)
            level.errback(error) if error else level.callback(None)
