"""The one thread that writes the database: it does what it is told, one job after the other.

When nothing waits it brings the indexes up to date.  A job that fails is logged, and the next one is done; should the
thread die all the same, it says so with its last breath.
`end` is called in this thread, and takes it from there.
Must not know the reactor or events.
"""

from __future__ import annotations

import sqlite3
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.log.store import SqliteStore

Job: TypeAlias = "Callable[[SqliteStore], None]"

IDLE_SECONDS: Final = 0.25  # quiet for so long, and the index of words may have its turn

_log = Logger(namespace="chatproto.log")


class Writer(Thread):
    """Does jobs on a database, in order.

    end   is given what the thread died of
    """

    def __init__(self, store: SqliteStore, end: Callable[[BaseException], None]) -> None:
        super().__init__(name="chat log writer", daemon=True)
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._store = store
        self._end = end

    def run(self) -> None:
        """Work until a None comes."""
        try:
            while (job := self._next()) is not None:
                self._do(job)
        except BaseException as error:  # noqa: BLE001 - whatever it is: nothing may be left waiting
            self._end(error)
        finally:
            self._store.close()

    def _do(self, job: Job) -> None:
        try:
            job(self._store)
        except Exception:  # noqa: BLE001 - whatever it is, the next one is done
            _log.failure("A job of the log's writer failed")

    def _next(self) -> Job | None:
        """Return the next job; while there is none, index."""
        while True:
            try:
                return self.jobs.get(timeout=None if self._store.is_indexed else IDLE_SECONDS)
            except Empty:
                self._index()

    def _index(self) -> None:
        """Index step by step, until done or there is something to write."""
        try:
            while self.jobs.empty():
                if not self._store.index():
                    self._store.is_indexed = True
                    return
        except sqlite3.Error:
            self._store.is_indexed = True  # a search tries again, and tells
