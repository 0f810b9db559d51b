"""Reading the log costs what is read: each sentence takes an index that is in the order of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.core.queries import Partner, Scope
from chatproto.log import database, reading
from following import private, said, store, texts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

SCOPES = [
    Scope(("lobby",)), Scope(("lobby", "garden", "pub"), (7,)), Scope((), (7,)),
    Scope((), (7,), Partner("bob", (3,))),
]  # fmt: skip


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    writer = database.open_to_write(tmp_path)
    store(writer, *(said(str(n), room) for n in range(50) for room in ("lobby", "garden")))
    connection = database.open_to_read(tmp_path)
    yield connection
    connection.close()
    writer.close()


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("newest", [False, True])
def test_every_walk_takes_an_index_and_sorts_nothing(
    connection: sqlite3.Connection, scope: Scope, newest: bool
) -> None:
    said: list[str] = []
    connection.set_trace_callback(said.append)
    reading.merged(connection, scope, 5, 90, 10, newest=newest).close()
    connection.set_trace_callback(None)
    plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {said[0]}")]
    walks = [step for step in plan if "event" in step]
    assert len(walks) == len(scope.rooms) + 2 * len(scope.ids)
    for step in walks:
        assert step.startswith("SEARCH event USING INDEX event_")
        assert "seq>?" in step
    assert not any("TEMP B-TREE" in step for step in plan)


def test_reading_steps_no_further_than_it_reads(connection: sqlite3.Connection) -> None:
    steps: list[None] = []
    scope = Scope(("lobby", "garden"))
    connection.set_progress_handler(lambda: steps.append(None), 1)
    reading.after(connection, scope, 0, 10**9, 5)
    few = len(steps)
    reading.after(connection, scope, 0, 10**9, 50)
    assert few < len(steps) - few


def test_who_reads_has_let_go_of_what_there_was_then(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    piece = reading.after(connection, Scope(("lobby",)), 0, 10**9, 1)
    assert texts(piece.events) == ["0"]
    writer = database.open_to_write(tmp_path)
    store(writer, private("for 7", origin=7))
    assert (
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    )  # nobody is in its way
    writer.close()
    assert texts(reading.after(connection, Scope((), (7,)), 0, 10**9, 9).events) == ["for 7"]
