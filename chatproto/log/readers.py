"""Threads that read the log, each with a connection of its own.

The connections are opened with the log, not when they are first needed: so they read the file that is written, even
when another has taken its place.
Must not know what is asked.  The reactor is passed in.
"""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from chatproto.errors import Busy
from chatproto.language import _
from chatproto.log import database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class Readers:
    """A few threads that answer questions.

    `most` is how many questions may wait or be answered at once; None for as many as are asked.
    """

    def __init__(self, reactor: Any, name: str, threads: int, most: int | None = None) -> None:
        self._reactor = reactor
        self._threads = threads
        self._most = most
        self._asked = 0
        self._closing = False
        self._pool = ThreadPool(0, threads, name)
        self._free: SimpleQueue[sqlite3.Connection] = SimpleQueue()

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
        """Answer a question in another thread.  Fails with Busy."""
        if self._most is not None and self._asked >= self._most:
            return fail(Busy(_("Too many are searching just now. Try again in a moment.")))
        self._asked += 1
        pool: Any = deferToThreadPool  # its stub asks for more of a reactor than it uses
        answer: Deferred[T] = pool(self._reactor, self._pool, self._answer, question)
        return answer.addBoth(self._answered)

    def _answered(self, result: T) -> T:
        self._asked -= 1
        return result

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        if self._closing:
            raise Busy(_("The server is going down. Goodbye."))
        connection = self._free.get()
        try:
            return question(connection)
        finally:
            self._free.put(connection)
