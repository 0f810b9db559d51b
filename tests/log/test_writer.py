"""The thread that writes, run here without a thread: what it is told it does in order, and indexes when it is idle."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from chatproto.core.events import Event
from chatproto.log import database, writer
from chatproto.log.files import OpenFiles
from chatproto.log.store import SqliteStore
from chatproto.log.writer import Writer
from following import said

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path


class Desk:
    """A writer on a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ends: list[BaseException] = []
        self.seen: list[str] = []
        store = SqliteStore(database.open_to_write(folder), OpenFiles(folder))
        self.writer = Writer(store, self.ends.append)

    def run(self, *jobs: Any) -> None:
        """Hand these over, and run to the end."""
        for job in jobs:
            self.writer.jobs.put(job)
        self.writer.run()

    def note(self, word: str) -> Callable[[SqliteStore], None]:
        return lambda _store: self.seen.append(word)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def fail(_store: SqliteStore) -> None:
    raise RuntimeError


def test_jobs_are_done_in_order_up_to_the_end(desk: Desk) -> None:
    desk.run(desk.note("1"), desk.note("2"), None, desk.note("3"))
    assert desk.seen == ["1", "2"]
    assert desk.ends == []


def test_a_job_that_fails_is_logged_and_the_next_one_is_done(
    desk: Desk, failures: list[str]
) -> None:
    desk.run(desk.note("1"), fail, desk.note("2"), fail, None)
    assert failures == ["A job of the log's writer failed"] * 2
    assert desk.seen == ["1", "2"]
    assert desk.ends == []


def test_a_thread_that_dies_says_so(desk: Desk) -> None:
    class Worse(BaseException):
        pass

    def die(_store: SqliteStore) -> None:
        raise Worse

    desk.run(die, desk.note("1"), None)
    assert [type(error) for error in desk.ends] == [Worse]
    assert desk.seen == []


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
    desk.run(lambda store: store.store([Event(seq, *said(str(seq))) for seq in range(1, 6)]))
    assert steps == [True, True, False]
    with closing(database.open_to_read(desk.folder)) as reader:
        assert reader.execute("SELECT seq FROM progress").fetchone() == (5,)
