"""Searching the log: the sentences of SQL for it, and the end of a search that takes too long.

FTS5 gives the rows of a word from the newest, so a common word is found at once; what takes time is looking for what is
not there, or in a quiet room.  A search for no word walks the indexes of its rooms.
Must not know threads or Deferreds.  Sources: sqlite.org/fts5.html, sqlite.org/c3ref/progress_handler.html.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from chatproto.core.events import Event
from chatproto.core.queries import Found, is_beginning
from chatproto.limits import SEARCH_SECONDS
from chatproto.log.kinds import IN_A_ROOM, PRIVATE
from chatproto.log.reading import END, FIRST, marks, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chatproto.core.queries import Query

HOUR: Final = 3_600_000  # milliseconds
_STEPS: Final = 10_000  # of SQLite's machine between two looks at the clock: a millisecond or less


def search(
    connection: sqlite3.Connection, query: Query, limit: int, now: Callable[[], float]
) -> Found:
    """Return the newest events that fit, oldest first; when the time is over, those found by then."""
    events: list[Event] = []
    with _bounded(connection, now):
        try:
            for row in _newest(connection, query, limit):
                events.append(Event._make(row))  # noqa: PERF401 - what was found is kept when it is interrupted
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return Found(events[::-1], whole=False)
    return Found(events[::-1])


@contextmanager
def _bounded(connection: sqlite3.Connection, now: Callable[[], float]) -> Iterator[None]:
    """Interrupt what takes longer than a search may."""
    end = now() + SEARCH_SECONDS
    connection.set_progress_handler(lambda: now() > end, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _newest(connection: sqlite3.Connection, query: Query, limit: int) -> sqlite3.Cursor:
    first, last = _numbers(connection, query)
    where, values = _conditions(query)
    if not query.words:
        return merged(
            connection, query.scope, first, last, limit, newest=True, where=where, values=values
        )
    match = " ".join(_match(word) for word in query.words)
    scope, whose = _in_scope(query)
    return connection.execute(
        "SELECT event.* FROM word CROSS JOIN event ON event.seq = word.rowid"  # noqa: S608 - marks
        f" WHERE word MATCH ? AND word.rowid > ? AND word.rowid <= ? AND {scope}{where}"
        " ORDER BY word.rowid DESC LIMIT ?",
        (match, first, last, *whose, *values, limit),
    )


def _match(word: str) -> str:
    """Return a word as FTS5 wants it: never as its syntax; as a beginning, when it is long enough for one."""
    quoted = '"{}"'.format(word.replace('"', '""'))
    return f"{quoted} *" if is_beginning(word) else quoted


def _in_scope(query: Query) -> tuple[str, tuple[object, ...]]:
    scope = query.scope
    in_rooms = f"(room IN ({marks(scope.rooms)}) AND {IN_A_ROOM})"
    ids = marks(scope.ids)
    private = f"({PRIVATE} AND (origin IN ({ids}) OR target IN ({ids})))"
    return f"({in_rooms} OR {private})", (*scope.rooms, *scope.ids, *scope.ids)


def _conditions(query: Query) -> tuple[str, Sequence[object]]:
    """Return the conditions beside the words: the author, and the time."""
    conditions = (
        (" AND key(author) = ?", query.author),
        (" AND time >= ?", query.since),
        (" AND time < ?", query.until),
    )
    asked = [(text, value) for text, value in conditions if value]
    return "".join(text for text, _value in asked), [value for _text, value in asked]


def _numbers(connection: sqlite3.Connection, query: Query) -> tuple[int, int]:
    """Return the range of numbers in which there may be something of that time."""
    if not (query.since or query.until):
        return FIRST, END
    first, last = connection.execute(
        "SELECT min(first), max(last) FROM hour WHERE hour >= ? AND hour <= ?",
        (query.since // HOUR, (query.until or END) // HOUR),
    ).fetchone()
    return (first or 1) - 1, last or FIRST
