"""The log in one SQLite file: one writer thread with group commit, a few threads that read, one that searches.

Everything asked for in one turn of the reactor is handed to the writer as one list.  What is durable comes back to the
reactor's thread in the order in which it was asked for.
Must not know who is reading.  The reactor is passed in, as the few things that are needed of it.
"""

from __future__ import annotations

import threading
from queue import Empty
from typing import IO, TYPE_CHECKING, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatproto.core.events import Draft, Event, Presence
from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.limits import IDLE_ROOMS, SEARCHES_WAITING, UNWRITTEN_EVENTS
from chatproto.log import database, reading, searching
from chatproto.log.files import OpenFiles
from chatproto.log.readers import Readers, not_read
from chatproto.log.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from chatproto.core.events import Asked, Happened
    from chatproto.core.ports import Follower, RoomRecord
    from chatproto.core.queries import Found, Piece, Query, Scope

READING_THREADS: Final = 2  # reading is short; more would only crowd the processor
SEARCHING_THREADS: Final = (
    1  # searching is not: whoever searches waits for others who do, and nobody else
)
REPLAYED_AT_ONCE: Final = 1_000


class Turns(Protocol):
    """What the log needs of a reactor."""

    def seconds(self) -> float:
        """Return the time, by a clock that runs evenly; from any thread."""

    def callLater(self, delay: float, call: Callable[..., object], /, *args: object) -> object:
        """Call in a later turn."""

    def callFromThread(self, call: Callable[..., object], /, *args: object) -> None:
        """Call in the reactor's thread; from any thread."""


class SqliteLog:
    """A log in a folder of its own."""

    def __init__(self, folder: Path, reactor: Turns) -> None:
        self._folder = folder
        self._reactor = reactor
        self._followers: list[Follower] = []
        self._asked: list[Asked] = []
        self._unwritten = 0
        self._waiting: list[Callable[[], None]] = []
        self._failing = False
        self._lost: NotSaid | None = None
        self._on_lost: list[Callable[[NotSaid], None]] = []
        self._levelling: set[Deferred[None]] = set()
        self._log = Logger(namespace="chatproto.log")
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
        self._writer = Writer(connection, OpenFiles(self._folder), self._give, self._end)
        self._writer.start()
        for readers in (self._readers, self._searchers):
            readers.open(self._folder)
        return head, rooms

    def close(self) -> Deferred[None]:
        """Write what is asked for, then stop the threads."""
        self._hand_over()
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

    def append(self, asked: Asked) -> None:
        """Ask; the answer comes to the followers."""
        if not self._asked:
            self._reactor.callLater(0, self._hand_over)
        self._asked.append(asked)
        self._unwritten += 1

    def is_full(self) -> bool:
        """Return whether too much waits for the disk."""
        return self._unwritten >= UNWRITTEN_EVENTS

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once there is room."""
        self._waiting.append(call)

    def _hand_over(self) -> None:
        asked, self._asked = self._asked, []
        if asked and self._lost:
            self._refuse(asked, self._lost)
        elif asked:
            self._writer.jobs.put(asked)

    def _give(self, happened: list[Happened], refused: list[Asked], error: NotSaid | None) -> None:
        """Bring what the writer has done to the reactor's thread."""
        self._reactor.callFromThread(self._take, happened, refused, error)

    def _take(self, happened: list[Happened], refused: list[Asked], error: NotSaid | None) -> None:
        """Tell the followers, whatever becomes of any of them."""
        self._unwritten -= len(happened) + len(refused)
        self._note(happened, error)
        for follower in tuple(self._followers):
            with self._log.failuresHandled("A follower of the log failed"):
                if happened:
                    follower.happened(happened)
                if error:
                    follower.refused(refused, error)
        if self._waiting and self._unwritten < UNWRITTEN_EVENTS // 2:
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                with self._log.failuresHandled("Somebody who waited for the log failed"):
                    call()

    def _refuse(self, asked: Sequence[Asked], error: NotSaid) -> None:
        """Refuse what nobody will write; who comes and goes is told all the same."""
        passed: list[Happened] = [one for one in asked if isinstance(one, Presence)]
        self._take(passed, [one for one in asked if isinstance(one, Draft)], error)

    def _note(self, happened: list[Happened], error: NotSaid | None) -> None:
        """Tell the operator once that writing began to fail, and once that it works again."""
        if error and not self._failing:
            self._failing = True
            self._log.error("{error}", error=error)
        elif self._failing and any(isinstance(one, Event) for one in happened):
            self._failing = False
            self._log.info("The log can be written again.")

    # -- the writer's end -----------------------------------------------------------------------

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, should the writer's thread die."""
        self._on_lost.append(call)

    def _end(self, error: BaseException, in_hand: Sequence[Asked]) -> None:
        """Bring to the reactor's thread that the writer's has died."""
        self._reactor.callFromThread(self._lose, error, in_hand)

    def _lose(self, error: BaseException, in_hand: Sequence[Asked]) -> None:
        """Refuse what the writer had in hand, what waits for it, and all that is asked for later."""
        self._lost = NotSaid(
            _(
                "The log's writer has died ({reason}). It was not sent. Only starting the server again helps.",
                reason=repr(error),
            )
        )
        self._refuse([*in_hand, *self._left_behind()], self._lost)
        levelling, self._levelling = self._levelling, set()
        for level in levelling:
            level.errback(self._lost)
        for call in self._on_lost:
            call(self._lost)

    def _left_behind(self) -> list[Asked]:
        """Take what the writer will not."""
        left: list[Asked] = []
        try:
            while True:
                job = self._writer.jobs.get_nowait()
                if isinstance(job, list):
                    left += job
        except Empty:
            return left

    # -- following ------------------------------------------------------------------------------

    def follow(self, after: int, follower: Follower) -> None:
        """Replay, then follow: both in the writer's order, so that nothing falls between them."""
        self._hand_over()
        self._writer.jobs.put(lambda connection: self._replay(connection, after, follower))

    def _replay(self, connection: sqlite3.Connection, after: int, follower: Follower) -> None:
        while events := reading.all_after(connection, after, REPLAYED_AT_ONCE):
            self._reactor.callFromThread(follower.happened, events)
            after = events[-1].seq
        self._reactor.callFromThread(self._followers.append, follower)

    # -- reading --------------------------------------------------------------------------------

    def room(self, name: str) -> Deferred[RoomRecord | None]:
        """Look a room up."""
        return self._readers.ask(lambda connection: reading.room(connection, name))

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read back."""
        return self._readers.ask(lambda connection: reading.before(connection, rooms, seq, limit))

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        """Read on."""
        return self._readers.ask(
            lambda connection: reading.after(connection, scope, seq, upto, limit)
        )

    def back(self, scope: Scope, seq: int, count: int) -> Deferred[int]:
        """Count back."""
        return self._readers.ask(lambda connection: reading.back(connection, scope, seq, count))

    def count(self, scope: Scope, seq: int, upto: int) -> Deferred[int]:
        """Count."""
        return self._readers.ask(lambda connection: reading.count(connection, scope, seq, upto))

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Find, after the indexes have taken in everything that is in the log now."""
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
        self._hand_over()  # what was asked for in this turn comes before
        self._levelling.add(level)

        def index(_connection: sqlite3.Connection) -> None:
            try:
                more = self._writer.index()
            except Exception as error:  # noqa: BLE001 - the reader is told, the writer lives on
                self._reactor.callFromThread(self._level, level, not_read(error))
                return
            if more:  # a step at a time, so that nobody's line waits for all of it
                self._writer.jobs.put(index)
            else:
                self._reactor.callFromThread(self._level, level, None)

        self._writer.jobs.put(index)
        return level

    def _level(self, level: Deferred[None], error: Exception | None) -> None:
        if level in self._levelling:
            self._levelling.discard(level)
            level.errback(error) if error else level.callback(None)
