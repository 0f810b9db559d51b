"""The thread that writes, run here without a thread: what waits becomes one transaction."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from chatproto.core.events import Draft, Event, Kind
from chatproto.log import database, writer
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
        self.gave = 0
        self.statements: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.connection = database.open_to_write(self.folder)
        self.connection.set_trace_callback(self.statements.append)
        self.writer = Writer(self.connection, self._take)

    def _take(self, happened: list[Any], refused: list[Any], error: NotSaid | None) -> None:
        self.gave += 1
        self.happened += happened
        self.refused += refused
        if error:
            self.errors.append(error)

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
    assert database.rooms(reader, 10) == [("garden", "cats", "alice", 1_000)]
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
