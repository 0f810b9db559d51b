"""Threads that read the log, each with a connection of its own.

The connections are opened with the log, not when they are first needed: so they read the file that is written, even
when another has taken its place.  Answers come a few in each turn of the reactor, so that many readers at once do not
take the time of all other connections.
Must not know queries.  The reactor is passed in.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from chatproto.errors import Busy, NotRead, reason
from chatproto.language import _
from chatproto.limits import ANSWERS_PER_TURN
from chatproto.log import database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatproto.log.turns import Turns

T = TypeVar("T")


def not_read(error: Exception) -> Exception:
    """Return what a reader is told of: the disk's refusal, or a fault of ours as it is."""
    if isinstance(error, (sqlite3.Error, OSError)):
        return NotRead(_("The log could not be read: {reason}.", reason=reason(error)))
    return error


class Readers:
    """A few threads that answer questions.

    `most` is how many questions may wait or be answered at once; None for as many as are asked.
    """

    def __init__(self, reactor: Turns, name: str, threads: int, most: int | None = None) -> None:
        self._reactor = reactor
        self._threads = threads
        self._most = most
        self._asked = 0
        self._closing = False
        self._pool = ThreadPool(0, threads, name)
        self._free: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._answers: deque[tuple[Deferred[Any], Any]] = deque()
        self._giving = False

    def open(self, folder: Path) -> None:
        """Open the connections, and be ready."""
        for _number in range(self._threads):
            self._free.put(database.open_to_read(folder))
        self._pool.start()

    def close(self) -> None:
        """Answer what is being answered, and no more.  Blocks."""
        self._closing = True
        self._pool.stop()
        for _number in range(self._threads):
            self._free.get().close()

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> Deferred[T]:
        """Return the answer to a question, found in another thread.  Fail with Busy."""
        if self._most is not None and self._asked >= self._most:
            return fail(Busy(_("Too many are searching just now. Try again in a moment.")))
        self._asked += 1
        answer: Deferred[T] = Deferred()
        self._pool.callInThread(self._work, question, answer)
        return answer

    def _work(self, question: Callable[[sqlite3.Connection], T], answer: Deferred[T]) -> None:
        connection = self._free.get()
        result: T | Failure
        try:
            if self._closing:
                raise Busy(_("The server is going down. Goodbye."))  # noqa: TRY301 - it is an answer
            result = question(connection)
        except Exception as error:  # noqa: BLE001 - the one who asked is told
            told = not_read(error)
            result = Failure() if told is error else Failure(told)
        finally:
            self._free.put(connection)
        self._reactor.callFromThread(self._take, answer, result)

    def _take(self, answer: Deferred[T], result: T | Failure) -> None:
        self._asked -= 1
        self._answers.append((answer, result))
        if not self._giving:
            self._giving = True
            self._give()

    def _give(self) -> None:
        """Hand out some of the answers there are; the rest is for the next turn."""
        some = [self._answers.popleft() for _ in range(min(ANSWERS_PER_TURN, len(self._answers)))]
        self._giving = bool(some)
        if some:
            self._reactor.callLater(0, self._give)
        for answer, result in some:
            answer.callback(result)
