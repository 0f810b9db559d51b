"""The files of an open database: whether they are still what is found at their paths.

A file that was removed or replaced goes on taking what is written to it, and keeps none of it for anybody.  SQLite does
not look; so the writer does, before each commit.
Must not know what is in them.  Source: sqlite.org/howtocorrupt.html, 2.1 to 2.4.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from chatproto.errors import NotSaid
from chatproto.language import _

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES: Final = ("", "-wal", "-shm")


class OpenFiles:
    """The database at a path, just opened, with the two files that SQLite keeps beside it."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._known = [(str(path) + suffix, _identity(str(path) + suffix)) for suffix in _SUFFIXES]

    def check(self) -> None:
        """Raise NotSaid unless all are still there, and the same."""
        for path, known in self._known:
            if _identity(path) != known:
                raise NotSaid(
                    _(
                        "The log's file {name} was removed or replaced while the server runs, so nothing can be kept."
                        " It was not said. Only starting the server again helps.",
                        name=self._name,
                    )
                )


def _identity(path: str) -> tuple[int, int] | None:
    """Give what no two files share at one time; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - Path.stat takes twice as long, and this is done for each commit
    except OSError:
        return None
    return found.st_dev, found.st_ino
