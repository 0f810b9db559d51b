"""The one thread that writes the log: everything that waits becomes one transaction, one fsync.

It is handed lists of what was asked for, and hands back what is durable, or what is not and why.  When there is nothing
to write it brings the indexes up to date.  A job that fails is logged, and the next one is done; should the thread die
all the same, it says so with its last breath.
Must not know the reactor: `give` and `end` are called in this thread, and take it from there.
"""

from __future__ import annotations

import sqlite3
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from twisted.logger import Logger

from chatproto.core.events import Draft, Event, Presence
from chatproto.core.facts import rooms_there
from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.log import database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatproto.core.events import Asked, Happened
    from chatproto.log.files import OpenFiles

# What the thread is handed: things to write, or something to do once all before it is durable.
Job: TypeAlias = "list[Asked] | Callable[[sqlite3.Connection], None]"

ROOMS_KNOWN: Final = 10_000  # storing a room again that is not known to be stored does no harm
IDLE_SECONDS: Final = 0.25  # quiet for so long, and the index of words may have its turn


_log = Logger(namespace="chatproto.log")


class Writer(Thread):
    """Writes what it is handed, in order.

    give   is given what happened, or what was refused and why
    end    is given what the thread died of, and what it had in hand
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        files: OpenFiles,
        give: Callable[[list[Happened], list[Asked], NotSaid | None], None],
        end: Callable[[BaseException, Sequence[Asked]], None],
    ) -> None:
        super().__init__(name="chat log writer", daemon=True)
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._connection = connection
        self._files = files
        self._give = give
        self._end = end
        self._last = database.last(connection)
        self._rooms: set[str] = set()  # those that are known to be stored; not all of them
        self._indexed = False
        self._in_hand: Sequence[Asked] = ()

    def run(self) -> None:
        """Work until a None comes."""
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - whatever it is: nobody may be left waiting
            self._end(error, self._in_hand)
        finally:
            self._connection.close()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if callable(job):
                self._do(job)
            elif self._write_all(job):
                break

    def _do(self, job: Callable[[sqlite3.Connection], None]) -> None:
        with _log.failuresHandled("A job of the log's writer failed"):
            job(self._connection)

    def _next(self) -> Job | None:
        """Return the next job; while there is none, index."""
        while True:
            try:
                return self.jobs.get(timeout=None if self._indexed else IDLE_SECONDS)
            except Empty:
                self._index()

    def index(self) -> bool:
        """Bring the indexes a step nearer to the log's end; give whether there is more to do.

        Nothing is done to files that are not what they were.  For jobs: in this thread.
        """
        try:
            self._files.check(self._last)
        except NotSaid:
            return False
        more = database.index(self._connection)
        self._files.note()
        return more

    def _index(self) -> None:
        """Index step by step, until done or there is something to write."""
        try:
            while self.jobs.empty():
                if not self.index():
                    self._indexed = True
                    return
        except sqlite3.Error:
            self._indexed = True  # a search tries again, and tells

    def _write_all(self, asked: list[Asked]) -> bool:
        """Write this and all that waits behind it; give whether the end came up meanwhile."""
        while True:
            self._in_hand = asked
            try:
                job = self.jobs.get_nowait()
            except Empty:
                self._write(asked)
                return False
            if job is None or callable(job):
                self._write(asked)
                if job is None:
                    return True
                self._do(job)
                return False
            asked = asked + job

    def _write(self, asked: Sequence[Asked]) -> None:
        try:
            happened = self._numbered(asked)
            events = [event for event in happened if isinstance(event, Event)]
            if events:
                self._store(events)
        except Exception as error:  # noqa: BLE001 - whatever it is, the speaker is told and the log lives on
            self._refuse(asked, error)
        else:
            self._last += len(events)
            self._give(happened, [], None)
        self._in_hand = ()

    def _numbered(self, asked: Sequence[Asked]) -> list[Happened]:
        last = self._last
        happened: list[Happened] = []
        for one in asked:
            if isinstance(one, Draft):
                last += 1
                happened.append(Event(last, *one))
            else:
                happened.append(one)
        return happened

    def _store(self, events: list[Event]) -> None:
        with database.transaction(self._connection):
            database.store(self._connection, events, self._rooms)
            self._files.check(self._last)  # as late as can be
        self._files.note()
        if len(self._rooms) > ROOMS_KNOWN:
            self._rooms.clear()
        self._rooms |= rooms_there(events)
        self._indexed = False

    def _refuse(self, asked: Sequence[Asked], error: Exception) -> None:
        reason = error if isinstance(error, NotSaid) else _unwritable(error)
        passed: list[Happened] = [one for one in asked if isinstance(one, Presence)]
        self._give(passed, [one for one in asked if isinstance(one, Draft)], reason)


def _unwritable(error: Exception) -> NotSaid:
    return NotSaid(_("The log could not be written ({reason}). It was not sent.", reason=error))
