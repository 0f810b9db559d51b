"""The log in one SQLite file: one writer thread with group commit, a few threads that read.

Everything asked for in one turn of the reactor is handed to the writer as one list.  What is durable comes back to the
reactor's thread in the order in which it was asked for.
Must not know who is reading.  The reactor is passed in, as the three things that are needed of it.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from chatproto.core.events import Event
from chatproto.core.limits import UNWRITTEN_EVENTS
from chatproto.errors import NotRead, reason
from chatproto.language import _
from chatproto.log import database
from chatproto.log.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from chatproto.core.events import Asked, Happened
    from chatproto.errors import NotSaid
    from chatproto.log.interface import Follower, RoomRecord

READING_THREADS: Final = 2  # reading is short; more would only crowd the processor
REPLAYED_AT_ONCE: Final = 1_000

T = TypeVar("T")


class Turns(Protocol):
    """What the log needs of a reactor."""

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
        self._log = Logger(namespace="chatproto.log")
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._pool = ThreadPool(0, READING_THREADS, "chat log readers")
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
        head, rooms = database.last(connection), database.rooms(connection)
        self._writer = Writer(connection, self._give)
        self._writer.start()
        self._pool.start()
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
        self._pool.stop()
        for connection in self._readers:
            connection.close()
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
        """Tell whether too much waits for the disk."""
        return self._unwritten >= UNWRITTEN_EVENTS

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once there is room."""
        self._waiting.append(call)

    def _hand_over(self) -> None:
        if self._asked:
            asked, self._asked = self._asked, []
            self._writer.jobs.put(asked)

    def _give(self, happened: list[Happened], refused: list[Asked], error: NotSaid | None) -> None:
        """Bring what the writer has done to the reactor's thread."""
        self._reactor.callFromThread(self._take, happened, refused, error)

    def _take(self, happened: list[Happened], refused: list[Asked], error: NotSaid | None) -> None:
        self._unwritten -= len(happened) + len(refused)
        self._note(happened, error)
        for follower in self._followers:
            if happened:
                follower.happened(happened)
            if error:
                follower.refused(refused, error)
        if self._waiting and self._unwritten < UNWRITTEN_EVENTS // 2:
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call()

    def _note(self, happened: list[Happened], error: NotSaid | None) -> None:
        """Tell the operator once that writing began to fail, and once that it works again."""
        if error and not self._failing:
            self._failing = True
            self._log.error("{error}", error=error)
        elif self._failing and any(isinstance(one, Event) for one in happened):
            self._failing = False
            self._log.info("The log can be written again.")

    # -- following ------------------------------------------------------------------------------

    def follow(self, after: int, follower: Follower) -> None:
        """Replay, then follow: both in the writer's order, so that nothing falls between them."""
        self._hand_over()
        self._writer.jobs.put(lambda connection: self._replay(connection, after, follower))

    def _replay(self, connection: sqlite3.Connection, after: int, follower: Follower) -> None:
        while events := database.all_after(connection, after, REPLAYED_AT_ONCE):
            self._reactor.callFromThread(follower.happened, events)
            after = events[-1].seq
        self._reactor.callFromThread(self._followers.append, follower)

    # -- reading --------------------------------------------------------------------------------

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        """Read back."""
        return self._read(lambda connection: database.before(connection, rooms, seq, limit))

    def after(
        self, rooms: Collection[str], member: int, seq: int, limit: int
    ) -> Deferred[list[Event]]:
        """Read on."""
        return self._read(lambda connection: database.after(connection, rooms, member, seq, limit))

    def count(self, rooms: Collection[str], member: int, after: int, upto: int) -> Deferred[int]:
        """Count."""
        return self._read(lambda connection: database.count(connection, rooms, member, after, upto))

    def search(self, rooms: Collection[str], words: str, limit: int) -> Deferred[list[Event]]:
        """Find, after the index has taken in everything that is in the log now."""
        return self._indexed().addCallback(
            lambda _none: self._read(
                lambda connection: database.search(connection, rooms, words, limit)
            )
        )

    def _indexed(self) -> Deferred[None]:
        """Wait until the index of words is level with the log."""
        level: Deferred[None] = Deferred()

        def index(connection: sqlite3.Connection) -> None:
            try:
                more = database.index(connection)
            except Exception as error:  # noqa: BLE001 - the reader is told, the writer lives on
                self._reactor.callFromThread(level.errback, _not_read(error))
                return
            if more:  # a step at a time, so that nobody's line waits for all of it
                self._writer.jobs.put(index)
            else:
                self._reactor.callFromThread(level.callback, None)

        self._writer.jobs.put(index)
        return level

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> Deferred[T]:
        pool: Any = deferToThreadPool  # its stub asks for more of a reactor than it uses
        answer: Deferred[T] = pool(self._reactor, self._pool, self._answer, question)
        return answer

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return question(self._reading())
        except Exception as error:
            raise _not_read(error) from error

    def _reading(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = database.open_to_read(self._folder)
            self._readers.append(connection)
        return connection


def _not_read(error: Exception) -> Exception:
    """Return what a reader is told of: the disk's refusal, or a fault of ours as it is."""
    if isinstance(error, (sqlite3.Error, OSError)):
        return NotRead(_("The log could not be read: {reason}.", reason=reason(error)))
    return error
