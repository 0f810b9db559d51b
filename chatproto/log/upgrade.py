"""Bringing a database to the form of today, and before that a copy of it, to go back to.

All steps are one transaction: a database is of its old form or of the newest, and the copy is what it was before.
Must not know events.  Sources: sqlite.org/backup.html (what is in the WAL is copied too), schema/*.sql.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING

from twisted.logger import Logger

from chatproto.errors import CannotStart, reason
from chatproto.language import _

if TYPE_CHECKING:
    from pathlib import Path

_log = Logger(namespace="chatproto.log")


def upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the files of the schema that are newer than the database.  Raise CannotStart."""
    form = connection.execute("PRAGMA user_version").fetchone()[0]
    steps = schema()
    if form > len(steps):
        raise CannotStart(
            _("{path} was written by a newer version of this program (form {seen}; this one knows {known}).",
              path=path, seen=form, known=len(steps))
        )  # fmt: skip
    if form == len(steps):
        return
    if form:
        copy = path.with_name(f"{path.name}.before-{len(steps)}")
        _copy(connection, path, copy)
        _log.info("{path} is brought from form {seen} to form {known}. What it was is in {copy}.",
                  path=str(path), seen=form, known=len(steps), copy=str(copy))  # fmt: skip
    sql = "\n".join(steps[form:])
    connection.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {len(steps)};\nCOMMIT;")


def schema() -> list[str]:
    """Return the numbered files of the schema, in order."""
    folder = resources.files("chatproto.log") / "schema"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")),
                   key=lambda file: file.name)  # fmt: skip
    return [file.read_text(encoding="utf-8") for file in files]


def _copy(connection: sqlite3.Connection, path: Path, copy: Path) -> None:
    """Copy the database, whole or not at all; a copy from an upgrade that failed is replaced.  Raise CannotStart."""
    pages, page = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in _SIZE)
    free = shutil.disk_usage(path.parent).free
    if free < pages * page:
        raise _not_copied(path, _("{needed} KB are needed, {free} KB are free",
                                  needed=pages * page >> 10, free=free >> 10))  # fmt: skip
    half = copy.with_name(f"{copy.name}.half")
    try:
        # Private messages are in it.
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(half)) as target:
            connection.backup(target)
        half.replace(copy)
        _sync(path.parent)
    except (sqlite3.Error, OSError) as error:
        half.unlink(missing_ok=True)
        raise _not_copied(path, reason(error)) from error


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _not_copied(path: Path, why: object) -> CannotStart:
    return CannotStart(
        _("{path} is of an older form, and cannot be copied before it is brought to the new one: {reason}.",
          path=path, reason=why)
    )  # fmt: skip


_SIZE = ("page_count", "page_size")
