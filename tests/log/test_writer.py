"""The thread that writes, run here without a thread: what waits becomes one transaction."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from chatproto.core.events import Draft, Event, Kind
from chatproto.log import database, writer
from chatproto.log.files import OpenFiles
from chatproto.log.writer import Writer
from following import joined, private, said, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatproto.core.events import Asked, Happened
    from chatproto.errors import NotSaid


class Desk:
    """A writer on a database of its own, and what it has given back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.happened: list[Happened] = []
        self.refused: list[Asked] = []
        self.errors: list[NotSaid] = []
        self.ends: list[tuple[BaseException, list[Asked]]] = []
        self.gave = 0
        self.statements: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.connection = database.open_to_write(self.folder)
        self.connection.set_trace_callback(self.statements.append)
        files = OpenFiles(self.folder)
        self.writer = Writer(self.connection, files, self._take, self._end)

    def _take(self, happened: list[Any], refused: list[Any], error: NotSaid | None) -> None:
        self.gave += 1
        self.happened += happened
        self.refused += refused
        if error:
            self.errors.append(error)

    def _end(self, error: BaseException, in_hand: Any) -> None:
        self.ends.append((error, list(in_hand)))

    def write(self, *jobs: Any) -> None:
        """Hand these over, and run to the end."""
        for job in (*jobs, None):
            self.writer.jobs.put(job)
        self.writer.run()

    @property
    def transactions(self) -> int:
        return self.statements.count("COMMIT")

    @property
    def numbers(self) -> list[int]:
        return [one.seq for one in self.happened if isinstance(one, Event)]

    def stored(self) -> list[str]:
        """Give what anybody finds on the disk."""
        with sqlite3.connect(self.folder / database.FILE) as other:
            rows = other.execute("SELECT text FROM event ORDER BY seq").fetchall()
        other.close()
        return [text for (text,) in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "log")
    yield desk
    desk.connection.close()


def fail(*_args: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


def test_everything_that_waits_is_one_transaction(desk: Desk) -> None:
    desk.write([said("1"), said("2")], [joined("bob")], [said("3")])
    assert desk.transactions == 1
    assert desk.gave == 1
    assert desk.happened[2] == joined("bob")
    assert desk.numbers == [1, 2, 3]
    assert desk.stored() == ["1", "2", "3"]


def test_a_presence_alone_costs_no_transaction(desk: Desk) -> None:
    desk.write([joined("bob")])
    assert desk.happened == [joined("bob")]
    assert desk.transactions == 0


def test_what_is_to_be_done_is_done_once_all_before_it_is_durable(desk: Desk) -> None:
    seen: list[list[str]] = []
    desk.write([said("1")], lambda _c: seen.append(desk.stored()), [said("2")])
    assert seen == [["1"]]
    assert desk.stored() == ["1", "2"]


def test_what_comes_behind_the_end_is_not_written(desk: Desk) -> None:
    desk.write([said("1")], None, [said("2")])
    assert desk.stored() == ["1"]


def test_the_next_run_counts_on(desk: Desk) -> None:
    desk.write([said("1"), said("2")])
    desk.begin()
    desk.write([said("3")])
    assert desk.numbers == [1, 2, 3]


def test_what_cannot_be_written_is_refused_whole_with_the_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "store", fail)
    desk.write([said("1"), joined("bob"), private("2")])
    assert desk.refused == [said("1"), private("2")]
    assert desk.happened == [joined("bob")]
    assert str(desk.errors[0]) == (
        "The log could not be written (disk I/O error). It was not sent."
    )
    assert desk.stored() == []


def test_a_refusal_uses_up_no_number(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_disk(_connection: object) -> None:
        monkeypatch.setattr(database, "store", fail)

    def mend_disk(_connection: object) -> None:
        monkeypatch.undo()

    desk.write([said("1")], break_disk, [said("lost")], mend_disk, [said("2")])
    assert desk.numbers == [1, 2]
    assert desk.stored() == ["1", "2"]
    assert texts([one for one in desk.refused if isinstance(one, Event | Draft)]) == ["lost"]  # type: ignore[misc]


def test_a_new_room_and_its_topic_are_stored_with_the_line(desk: Desk) -> None:
    desk.write([said("1", "garden"), said("cats", "garden", kind=Kind.TOPIC)])
    reader = database.open_to_read(desk.folder)
    assert database.rooms(reader, 10) == [("garden", ("cats", "alice", 1_000, 1))]
    reader.close()


def test_it_indexes_while_it_is_idle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(database, "INDEXED_AT_ONCE", 2)
    index, steps = database.index, list[bool]()

    def step(connection: sqlite3.Connection) -> bool:
        steps.append(index(connection))
        if not steps[-1]:
            desk.writer.jobs.put(None)  # nothing is left to do
        return steps[-1]

    monkeypatch.setattr(database, "index", step)
    desk.writer.jobs.put([said(str(n)) for n in range(5)])
    desk.writer.run()
    assert steps == [True, True, False]
    reader = database.open_to_read(desk.folder)
    assert reader.execute("SELECT seq FROM progress").fetchone() == (5,)
    reader.close()


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_job_that_fails_is_logged_and_the_next_one_is_done(
    desk: Desk, failures: list[str]
) -> None:
    done: list[str] = []

    def break_down(_connection: sqlite3.Connection) -> None:
        raise RuntimeError

    desk.write([said("1")], break_down, lambda _c: done.append("next"), [said("2")], break_down)
    assert failures == ["A job of the log's writer failed"] * 2
    assert done == ["next"]
    assert desk.numbers == [1, 2]
    assert desk.ends == []


def test_what_cannot_even_be_numbered_is_refused(desk: Desk) -> None:
    odd = said("1")._replace(text=None)  # type: ignore[arg-type]
    desk.write([odd, said("2")], None)
    assert desk.numbers == []
    assert desk.refused == [odd, said("2")]
    assert desk.ends == []


def test_a_thread_that_dies_says_what_it_had_in_hand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Worse(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Worse

    monkeypatch.setattr(database, "store", die)
    desk.write([said("1")], [said("2"), joined("bob")], None, [said("3")])
    ((error, in_hand),) = desk.ends
    assert isinstance(error, Worse)
    assert in_hand == [said("1"), said("2"), joined("bob")]
    assert desk.happened == desk.refused == []
    assert desk.stored() == []


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_kept_in_a_file_that_is_not_there_any_more(
    desk: Desk, suffix: str, replaced: bool
) -> None:
    file = desk.folder / f"{database.FILE}{suffix}"

    def lose(_connection: object) -> None:
        aside = file.rename(file.with_name("aside"))
        if replaced:
            file.write_bytes(aside.read_bytes())

    def find(_connection: object) -> None:
        file.with_name("aside").rename(file)

    desk.write([said("1")], lose, [said("lost")], [joined("bob")], find, [said("2")])
    assert str(desk.errors[0]) == (
        "The log's file chat.sqlite was removed, replaced or overwritten while the server runs, so nothing"
        " can be kept. It was not sent. Only starting the server again helps."
    )
    assert desk.refused == [said("lost")]
    assert desk.numbers == [1, 2]
    assert joined("bob") in desk.happened
    assert desk.stored() == ["1", "2"]


def checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("is_lost", [True, False])
def test_nothing_is_kept_in_a_file_over_which_an_older_one_was_copied(
    desk: Desk, is_lost: bool
) -> None:
    file = desk.folder / database.FILE
    backup: list[bytes] = []

    def back_up(connection: sqlite3.Connection) -> None:
        checkpoint(connection)
        backup.append(file.read_bytes())

    def go_on(connection: sqlite3.Connection) -> None:
        if is_lost:  # else all that is newer is in the WAL
            checkpoint(connection)

    def restore(_connection: sqlite3.Connection) -> None:
        file.write_bytes(backup[0])  # the same inode

    many = [said("x" * 1_000) for _ in range(100)]
    desk.write([said("1")], back_up, many, go_on, [said("2")], restore, [said("last")], restore)
    assert desk.refused == ([said("last")] if is_lost else [])
    assert len(desk.stored()) == (1 if is_lost else 103)


def test_another_programs_checkpoint_is_no_harm(desk: Desk) -> None:
    def elsewhere(_connection: sqlite3.Connection) -> None:
        other = sqlite3.connect(desk.folder / database.FILE)
        checkpoint(other)
        other.close()

    desk.write([said("1")], elsewhere, [said("2")], [said("3")], elsewhere, [said("4")])
    assert desk.refused == []
    assert desk.stored() == ["1", "2", "3", "4"]


def test_ones_own_checkpoints_are_no_harm(desk: Desk) -> None:
    desk.write(*(job for n in range(8) for job in ([said("x" * 2_000)] * 500, lambda _c: None)))
    assert desk.refused == []
    assert len(desk.stored()) == 4_000


def test_no_index_is_written_to_files_that_are_not_there_any_more(desk: Desk) -> None:
    indexed: list[bool] = []
    file = desk.folder / database.FILE

    def lose(_connection: sqlite3.Connection) -> None:
        file.rename(file.with_name("aside"))
        indexed.append(desk.writer.index())
        file.with_name("aside").rename(file)
        indexed.append(desk.writer.index())

    before = database.last(desk.connection)
    assert before == 0
    desk.write([said("1")], lose)
    assert indexed == [False, False]
    assert desk.transactions == 2  # the line, and the second step
