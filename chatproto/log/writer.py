"""The one thread that writes the log: everything that waits becomes one transaction, one fsync.

It is handed lists of what was asked for, and hands back what is durable, or what is not and why.  When there is nothing
to write it brings the index of words up to date.
Must not know the reactor: `give` is called in this thread, and takes it from there.
"""

from __future__ import annotations

import sqlite3
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from chatproto.core.events import Draft, Event, Presence
from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.log import database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatproto.core.events import Asked, Happened

# What the thread is handed: things to write, or something to do once all before it is durable.
Job: TypeAlias = "list[Asked] | Callable[[sqlite3.Connection], None]"

ROOMS_KNOWN: Final = 10_000  # storing a room again that is not known to be stored does no harm
IDLE_SECONDS: Final = 0.25  # quiet for so long, and the index of words may have its turn


class Writer(Thread):
    """Writes what it is handed, in order."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        give: Callable[[list[Happened], list[Asked], NotSaid | None], None],
    ) -> None:
        super().__init__(name="chat log writer", daemon=True)
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._connection = connection
        self._give = give
        self._last = database.last(connection)
        self._rooms: set[str] = set()  # those that are known to be stored; not all of them
        self._indexed = False

    def run(self) -> None:
        """Work until a None comes."""
        while (job := self._next()) is not None:
            if callable(job):
                job(self._connection)
            elif self._write_all(job):
                break
        self._connection.close()

    def _next(self) -> Job | None:
        """Give the next job; while there is none, index."""
        while True:
            try:
                return self.jobs.get(timeout=None if self._indexed else IDLE_SECONDS)
            except Empty:
                self._index()

    def _index(self) -> None:
        """Index step by step, until done or there is something to write."""
        try:
            while self.jobs.empty():
                if not database.index(self._connection):
                    self._indexed = True
                    return
        except sqlite3.Error:
            self._indexed = True  # a search tries again, and tells

    def _write_all(self, asked: list[Asked]) -> bool:
        """Write this and all that waits behind it; give whether the end came up meanwhile."""
        while True:
            try:
                job = self.jobs.get_nowait()
            except Empty:
                self._write(asked)
                return False
            if job is None or callable(job):
                self._write(asked)
                if job is None:
                    return True
                job(self._connection)
                return False
            asked = asked + job

    def _write(self, asked: Sequence[Asked]) -> None:
        last = self._last
        happened: list[Happened] = []
        for one in asked:
            if isinstance(one, Draft):
                last += 1
                happened.append(Event(last, *one))
            else:
                happened.append(one)
        try:
            if last > self._last:
                self._store([event for event in happened if isinstance(event, Event)])
        except Exception as error:  # noqa: BLE001 - whatever it is, the speaker is told and the log lives on
            self._refuse(asked, error)
            return
        self._last = last
        self._give(happened, [], None)

    def _store(self, events: list[Event]) -> None:
        with database.transaction(self._connection):
            database.store(self._connection, events, self._rooms)
        if len(self._rooms) > ROOMS_KNOWN:
            self._rooms.clear()
        self._rooms.update(event.room for event in events)
        self._indexed = False

    def _refuse(self, asked: Sequence[Asked], error: Exception) -> None:
        reason = NotSaid(
            _("The log could not be written ({reason}). It was not sent.", reason=error)
        )
        passed: list[Happened] = [one for one in asked if isinstance(one, Presence)]
        self._give(passed, [one for one in asked if isinstance(one, Draft)], reason)
