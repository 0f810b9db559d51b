"""The SQLite file of the log: opening it, and writing it.  How it is read is in `reading` and `searching`.

Each function does one thing, on the connection it is given.
Must not know threads or Deferreds.
Sources: sqlite.org/wal.html, sqlite.org/fts5.html; schema/*.sql explains every column.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from chatproto.core import names
from chatproto.core.events import Event
from chatproto.core.facts import FACTUAL, Topic, facts, rooms_there
from chatproto.core.ports import RoomRecord
from chatproto.errors import CannotStart, reason
from chatproto.language import _
from chatproto.log.kinds import HAS_WORDS
from chatproto.log.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from chatproto.core.facts import Fact

FILE: Final = "chat.sqlite"
LOCK: Final = "lock"
BUSY_SECONDS: Final = 5.0  # how long the writer waits for another program's lock; ergo: 5
INDEXED_AT_ONCE: Final = 1_000  # events per transaction: a line that comes meanwhile waits ~10 ms

_INSERT: Final = f"INSERT INTO event VALUES ({', '.join('?' * len(Event._fields))})"  # noqa: S608 - marks
_NO_TOPIC: Final = Topic("", "", 0, 0)
KEYS_KEPT: Final = 4_096  # names whose keys are at hand


# -- opening ------------------------------------------------------------------------------------


def claim(folder: Path) -> IO[str]:
    """Make the folder and claim it for this server; closing the file gives it back.

    Raise CannotStart when it cannot be written to, or another server has it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+")
    except OSError as error:
        why = _("Not a directory") if isinstance(error, FileExistsError) else reason(error)
        raise CannotStart(
            _("The data directory {folder} cannot be written to: {reason}.",
              folder=folder, reason=why)
        ) from error  # fmt: skip
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStart(
            _("The data directory {folder} is in use by another server.", folder=folder)
        ) from error
    return lock


def open_to_write(folder: Path) -> sqlite3.Connection:
    """Return the database, opened to write, made or upgraded as needed.  Raise CannotStart."""
    path = folder / FILE
    is_new = not path.exists()
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        if is_new:
            os.chmod(path, 0o600)  # noqa: PTH101 - private messages are in it
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        upgrade(connection, path)
        last(connection), rooms(connection, 1)  # is it ours?
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from error
    except CannotStart:
        connection.close()
        raise
    return connection


def _unusable(path: Path, error: sqlite3.Error) -> CannotStart:
    return CannotStart(
        _("{path} cannot be used as a chat database: {reason}.", path=path, reason=reason(error))
    )


def open_to_read(folder: Path) -> sqlite3.Connection:
    """Return the database, opened for reading alone with all its files: so none that replaces one is read."""
    uri = (folder / FILE).absolute().as_uri()
    connection = sqlite3.connect(
        f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip
    connection.execute("PRAGMA query_only = ON")
    # So that a name is compared as everywhere; most lines are said by few.
    key = lru_cache(KEYS_KEPT)(names.key)
    connection.create_function("key", 1, key, deterministic=True)
    last(connection)
    return connection


# -- writing ------------------------------------------------------------------------------------


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit all that is done within, or nothing; it is on disk when the block is left."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def store(connection: sqlite3.Connection, events: Collection[Event], known: set[str]) -> None:
    """Store events, and what follows from them; `known` names the rooms that are stored already."""
    connection.executemany(_INSERT, events)
    new = rooms_there(events) - known
    connection.executemany(
        "INSERT OR IGNORE INTO room (name) VALUES (?)", [(name,) for name in new]
    )
    for event in events:
        if event.kind in FACTUAL:
            for fact in facts(event):
                _apply(connection, fact)


def _apply(connection: sqlite3.Connection, fact: Fact) -> None:
    connection.execute(
        "UPDATE room SET topic = ?, topic_author = ?, topic_time = ?, topic_origin = ? WHERE name = ?",
        (*(fact.topic or _NO_TOPIC), fact.room),
    )


def index(connection: sqlite3.Connection) -> bool:
    """Bring the indexes of words and hours a step nearer to the log's end; return whether there is more to do."""
    (done,) = connection.execute("SELECT seq FROM progress WHERE what = 'word'").fetchone()
    upto = min(last(connection), done + INDEXED_AT_ONCE)
    if upto <= done:
        return False
    with transaction(connection):
        connection.execute(
            "INSERT INTO word (rowid, text) SELECT seq, text FROM event"  # noqa: S608 - numbers
            f" WHERE seq > ? AND seq <= ? AND {HAS_WORDS}",
            (done, upto),
        )
        connection.execute(
            "INSERT INTO hour SELECT time / 3600000, min(seq), max(seq) FROM event"
            " WHERE seq > ? AND seq <= ? GROUP BY time / 3600000"
            " ON CONFLICT (hour) DO UPDATE SET last = excluded.last",
            (done, upto),
        )
        connection.execute("UPDATE progress SET seq = ? WHERE what = 'word'", (upto,))
    return bool(upto == done + INDEXED_AT_ONCE)


# -- reading ------------------------------------------------------------------------------------


def last(connection: sqlite3.Connection) -> int:
    """Return the number of the last event; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])


def rooms(connection: sqlite3.Connection, limit: int) -> list[RoomRecord]:
    """Return rooms, first those whose topic was set last."""
    rows = connection.execute(
        "SELECT * FROM room ORDER BY topic = '', topic_time DESC, name LIMIT ?", (limit,)
    )
    return [as_record(row) for row in rows]


def as_record(row: tuple[str, str, str, int, int]) -> RoomRecord:
    """Return what a row of the table of rooms says."""
    name, *topic = row
    return RoomRecord(name, Topic._make(topic) if row[1] else None)
