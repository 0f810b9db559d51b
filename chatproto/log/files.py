"""The files of an open database: whether they are still what is found at their paths, and what was written to them.

A file that was removed or replaced goes on taking what is written to it, and none of it is kept; a backup
copied over an open database (which keeps its inode) loses what comes after it at the next start.  SQLite does not look;
so the writer does, before each commit.
Must not know events.
Source: sqlite.org/howtocorrupt.html, 1 and 2; sqlite.org/wal.html: only a checkpoint writes to the database itself.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.log import database

if TYPE_CHECKING:
    from pathlib import Path

_BESIDE: Final = ("-wal", "-shm")


class OpenFiles:
    """The database in a folder, just opened, with the two files that SQLite keeps beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / database.FILE)
        self._known = [(path, _identity(_stat(path))) for path in self._paths()]
        self.note()

    def _paths(self) -> list[str]:
        return [self._path, *(self._path + suffix for suffix in _BESIDE)]

    def note(self) -> None:
        """Take note of the database as our own transaction has left it."""
        self._left = _state(_stat(self._path))

    def check(self, last: int) -> None:
        """Raise NotSaid unless all are still there, and hold what was written to them up to event `last`."""
        if not (self._are_there() and self._is_as_left(last)):
            raise NotSaid(
                _(
                    "The log's file {name} was removed, replaced or overwritten while the server runs, so nothing"
                    " can be kept. It was not sent. Only starting the server again helps.",
                    name=database.FILE,
                )
            )

    def _are_there(self) -> bool:
        return all(_identity(_stat(path)) == known for path, known in self._known)

    def _is_as_left(self, last: int) -> bool:
        """Return whether no other program has written to the database, or only what we had given to its WAL."""
        now = _state(_stat(self._path))
        if now == self._left:
            return True
        if now[:1] < self._left[:1]:  # it has become shorter
            return False
        try:
            with closing(database.open_to_read(self._folder)) as fresh:
                is_whole = database.last(fresh) == last
        except sqlite3.Error:
            return False
        if is_whole:  # another program's checkpoint
            self._left = now
        return is_whole


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - Path.stat takes twice as long, and this is done for each commit
    except OSError:
        return None


def _identity(found: os.stat_result | None) -> tuple[int, int] | None:
    """Return what no two files share at one time; None where there is none."""
    return (found.st_dev, found.st_ino) if found else None


def _state(found: os.stat_result | None) -> tuple[int, ...]:
    """Return what changes when a file is written to, its length first."""
    return (found.st_size, found.st_mtime_ns) if found else ()
