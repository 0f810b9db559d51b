"""The database where it is written: what is next in the one order goes into it whole, or not at all.

Everything here is done in one thread, the writer's.
Must not know threads, readers or the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core.facts import rooms_there
from chatproto.errors import NotSaid
from chatproto.log import database, numbering, reading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from chatproto.core.events import Draft, Event
    from chatproto.log.files import OpenFiles

ROOMS_KNOWN: Final = 10_000  # storing a room again that is not known to be stored does no harm


class SqliteStore:
    """A database that has just been opened for writing.

    is_indexed   whether the indexes that follow the log are known to have reached its end
    """

    def __init__(self, connection: sqlite3.Connection, files: OpenFiles) -> None:
        self.is_indexed = False
        self._connection = connection
        self._files = files
        self._last = database.last(connection)
        self._rooms: set[str] = set()  # those that are known to be stored; not all of them

    def find(self, draft: Draft) -> Event | None:
        """Return the event that a draft with a ref repeats; None when it is new."""
        return reading.by_ref(self._connection, draft)

    def store(self, events: Sequence[Event]) -> None:
        """Store events in one transaction, with what follows from them."""
        numbering.check(events, self._last)
        with database.transaction(self._connection):
            database.store(self._connection, events, self._rooms)
            self._files.check(self._last)  # as late as can be
        self._files.note()
        self._last = events[-1].seq
        self._know(rooms_there(events))
        self.is_indexed = False

    def _know(self, rooms: set[str]) -> None:
        if len(self._rooms) > ROOMS_KNOWN:
            self._rooms.clear()
        self._rooms |= rooms

    def all_after(self, seq: int, limit: int) -> list[Event]:
        """Return the first events over `seq`, of the whole log."""
        return reading.all_after(self._connection, seq, limit)

    def index(self) -> bool:
        """Bring the indexes a step nearer to the log's end; return whether there is more to do.

        Nothing is done to files that are not what they were.
        """
        try:
            self._files.check(self._last)
        except NotSaid:
            return False
        more = database.index(self._connection)
        self._files.note()
        return more

    def close(self) -> None:
        """Close the database."""
        self._connection.close()
