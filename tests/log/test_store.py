"""The database where it is written: what goes into it, and files that are not what they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from chatproto.core.events import Event, Kind
from chatproto.errors import NotSaid
from chatproto.log import database, store
from chatproto.log.files import OpenFiles
from chatproto.log.store import SqliteStore
from following import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatproto.core.events import Draft


class Desk:
    """A store in a folder of its own, and the number of the last event."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.connection = database.open_to_write(folder)
        self.statements: list[str] = []
        self.connection.set_trace_callback(self.statements.append)
        self.store = SqliteStore(self.connection, OpenFiles(folder))
        self.last = 0

    def write(self, *drafts: Draft) -> None:
        """Store these as the next events."""
        self.store.store([Event(seq, *draft) for seq, draft in enumerate(drafts, self.last + 1)])
        self.last += len(drafts)

    def refuses(self, draft: Draft) -> str:
        """Return why this is not stored."""
        with pytest.raises(NotSaid) as refusal:
            self.write(draft)
        return str(refusal.value)

    def stored(self) -> list[str]:
        """Return what stands on the disk."""
        with closing(sqlite3.connect(self.folder / database.FILE)) as other:
            rows = other.execute("SELECT text FROM event ORDER BY seq").fetchall()
        return [text for (text,) in rows]

    def checkpoint(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "log")
    yield desk
    desk.store.close()


def test_a_new_room_and_its_topic_are_stored_with_the_line(desk: Desk) -> None:
    desk.write(said("1", "garden"), said("cats", "garden", kind=Kind.TOPIC))
    with closing(database.open_to_read(desk.folder)) as reader:
        assert database.rooms(reader, 10) == [("garden", ("cats", "alice", 1_000, 1))]
    assert desk.statements.count("COMMIT") == 1


def test_the_rooms_it_knows_have_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ROOMS_KNOWN", 3)
    for number in (1, 2, 3, 4, 5, 1, 2):
        desk.write(said("hello", f"room-{number}"))
        assert len(desk.store._rooms) <= 4
    assert len(database.rooms(desk.connection, 9)) == 5


def test_refs_are_looked_up_in_their_index(desk: Desk) -> None:
    desk.store.find(said("1")._replace(ref="a"))
    plan = desk.connection.execute(f"EXPLAIN QUERY PLAN {desk.statements[-1]}").fetchall()
    assert "USING INDEX event_by_ref" in str(plan)


# -- files that are not what they were ----------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_kept_in_a_file_that_is_not_there_any_more(
    desk: Desk, suffix: str, replaced: bool
) -> None:
    file = desk.folder / f"{database.FILE}{suffix}"
    desk.write(said("1"))
    aside = file.rename(file.with_name("aside"))
    if replaced:
        file.write_bytes(aside.read_bytes())
    assert desk.refuses(said("lost")) == (
        "The log's file chat.sqlite was removed, replaced or overwritten while the server runs, so nothing"
        " can be kept. It was not sent. Only starting the server again helps."
    )
    aside.rename(file)
    desk.write(said("2"))
    assert desk.stored() == ["1", "2"]


@pytest.mark.parametrize("is_lost", [True, False])
def test_nothing_is_kept_in_a_file_over_which_an_older_one_was_copied(
    desk: Desk, is_lost: bool
) -> None:
    file = desk.folder / database.FILE
    desk.write(said("1"))
    desk.checkpoint()
    backup = file.read_bytes()
    desk.write(*(said("x" * 1_000) for _ in range(100)))
    if is_lost:  # else all that is newer is in the WAL
        desk.checkpoint()
    desk.write(said("2"))
    file.write_bytes(backup)  # the same inode
    if is_lost:
        assert "overwritten" in desk.refuses(said("last"))
    else:
        desk.write(said("last"))
    file.write_bytes(backup)
    assert len(desk.stored()) == (1 if is_lost else 103)


def test_another_programs_checkpoint_is_no_harm(desk: Desk) -> None:
    def elsewhere() -> None:
        with closing(sqlite3.connect(desk.folder / database.FILE)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    desk.write(said("1"))
    elsewhere()
    desk.write(said("2"))
    desk.write(said("3"))
    elsewhere()
    desk.write(said("4"))
    assert desk.stored() == ["1", "2", "3", "4"]


def test_ones_own_checkpoints_are_no_harm(desk: Desk) -> None:
    for _ in range(8):
        desk.write(*[said("x" * 2_000)] * 500)
    assert len(desk.stored()) == 4_000


def test_no_index_is_written_to_files_that_are_not_there_any_more(desk: Desk) -> None:
    file = desk.folder / database.FILE
    desk.write(said("1"))
    file.rename(file.with_name("aside"))
    assert not desk.store.index()
    file.with_name("aside").rename(file)
    assert desk.statements.count("COMMIT") == 1  # the line
    assert not desk.store.index()
    assert desk.statements.count("COMMIT") == 2
