"""The file and its sentences of SQL."""

from __future__ import annotations

import re
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from chatproto.core.events import Event, Kind
from chatproto.errors import CannotStart
from chatproto.log import database, reading, upgrade
from following import private, said, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = database.open_to_write(tmp_path)
    yield connection
    connection.close()


# -- the schema -------------------------------------------------------------------------------------


def test_every_column_of_every_table_is_explained() -> None:
    empty = sqlite3.connect(":memory:")
    seen: dict[str, set[str]] = {}
    for sql in upgrade.schema():
        empty.executescript(sql)
        for (table,) in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if table.startswith("word_"):  # what the index keeps for itself
                continue
            if table not in seen:
                head = re.split(rf"CREATE (?:VIRTUAL )?TABLE {table}\b", sql)[0]
                assert head.rstrip().splitlines()[-1].startswith("-- "), table
            columns = {row[1] for row in empty.execute(f"PRAGMA table_info({table})")}
            for column in columns - seen.get(table, set()):
                new = rf"TABLE {table}\b(?:(?!\n\))[\s\S])*?\n\s*" if table not in seen else ""
                added = rf"ALTER TABLE {table} ADD COLUMN "
                explained = rf'{new or added}"?{column}"?[ ,].*--\s\S'
                assert re.search(explained, sql), f"{table}.{column}"
            seen[table] = columns
    assert seen.keys() == {"event", "room", "word", "progress", "hour"}
    empty.close()


def test_an_event_has_a_column_for_each_of_its_fields(connection: sqlite3.Connection) -> None:
    columns = [row[1] for row in connection.execute("PRAGMA table_info(event)")]
    assert columns == list(Event._fields)


# -- opening ----------------------------------------------------------------------------------------


def test_a_new_database_is_durable_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "log"
    database.claim(folder).close()
    connection = database.open_to_write(folder)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store(connection, said("hello"))
    for file in folder.glob(database.FILE + "*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    connection.close()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    first = database.open_to_write(tmp_path)
    store(first, said("hello"))
    first.close()
    again = database.open_to_write(tmp_path)
    assert database.last(again) == 1
    assert again.execute("PRAGMA user_version").fetchone() == (len(upgrade.schema()),)
    again.close()


def test_a_newer_schema_is_applied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.open_to_write(tmp_path).close()
    steps = [*upgrade.schema(), "CREATE TABLE ban (who TEXT);"]
    monkeypatch.setattr(upgrade, "schema", lambda: steps)
    for _ in range(2):
        connection = database.open_to_write(tmp_path)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
        connection.close()


def test_an_upgrade_that_fails_leaves_the_old_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.open_to_write(tmp_path).close()
    steps = [*upgrade.schema(), "CREATE TABLE ban (who TEXT); CREATE NONSENSE;"]
    monkeypatch.setattr(upgrade, "schema", lambda: steps)
    with pytest.raises(CannotStart, match="NONSENSE"):
        database.open_to_write(tmp_path)
    monkeypatch.undo()
    connection = database.open_to_write(tmp_path)
    assert "ban" not in [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (99, r"newer version of this program \(form 99; this one knows 4\)"),
        (4, r"cannot be used as a chat database: no such table: event"),
    ],
)
def test_a_database_of_somebody_else_is_refused(
    tmp_path: Path, version: int, sentence: str
) -> None:
    with sqlite3.connect(tmp_path / database.FILE) as other:
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    with pytest.raises(CannotStart, match=sentence):
        database.open_to_write(tmp_path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / database.FILE).write_bytes(b"dear diary, " * 100)
    with pytest.raises(CannotStart, match="cannot be used as a chat database: file is not a"):
        database.open_to_write(tmp_path)


def test_a_folder_is_claimed_by_one_until_it_is_given_back(tmp_path: Path) -> None:
    claim = database.claim(tmp_path)
    with pytest.raises(CannotStart, match="is in use by another server"):
        database.claim(tmp_path)
    claim.close()
    database.claim(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be written to: Not a directory"):
        database.claim(tmp_path / "file" / "log")


def test_who_reads_cannot_write(tmp_path: Path, connection: sqlite3.Connection) -> None:
    reader = database.open_to_read(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM event")
    reader.close()


# -- writing and reading ----------------------------------------------------------------------------


def test_a_transaction_is_done_whole_or_not_at_all(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError), database.transaction(connection):
        connection.executemany("INSERT INTO room (name) VALUES (?)", [("garden",), ("garden",)])
    assert database.rooms(connection, 10) == []
    assert not connection.in_transaction


def test_rooms_and_their_topics_follow_from_the_events(connection: sqlite3.Connection) -> None:
    store(connection, said("cats", "pub", kind=Kind.TOPIC), said("hello", "garden"), private("x"))
    assert database.rooms(connection, 10) == [
        ("pub", ("cats", "alice", 1_000, 1)),
        ("garden", None),
    ]
    assert reading.room(connection, "pub") == ("pub", ("cats", "alice", 1_000, 1))
    assert reading.room(connection, "attic") is None
    store(connection, said("", "pub", kind=Kind.TOPIC))
    assert [record.topic for record in database.rooms(connection, 10)] == [None, None]


def test_of_many_rooms_those_are_given_whose_topic_was_set_last(
    connection: sqlite3.Connection,
) -> None:
    topics = [("hall", "old", 5), ("attic", "new", 9), ("pub", "older", 2)]
    store(connection, said("hello", "garden"))
    for room, topic, time in topics:
        store(connection, said(topic, room, kind=Kind.TOPIC)._replace(time=time))
    assert [record.name for record in database.rooms(connection, 3)] == ["attic", "hall", "pub"]


def test_the_index_goes_a_step_at_a_time(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "INDEXED_AT_ONCE", 2)
    store(connection, said("one"), private("two"), said("three"))
    assert database.index(connection)
    assert not database.index(connection)
    assert not database.index(connection)
    found = connection.execute("SELECT rowid FROM word WHERE word MATCH 'two OR three'").fetchall()
    assert found == [(2,), (3,)]
    assert connection.execute("SELECT * FROM hour").fetchall() == [(0, 1, 3)]


def test_an_hour_has_its_first_and_last_number_however_often_the_clock_is_set_back(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "INDEXED_AT_ONCE", 1)
    for hour in (7, 8, 7, 8, 9):
        store(connection, said("tick")._replace(time=hour * 3_600_000 + 5))
    while database.index(connection):
        pass
    assert connection.execute("SELECT * FROM hour").fetchall() == [(7, 1, 3), (8, 2, 4), (9, 5, 5)]


def test_a_log_of_the_first_form_is_brought_to_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_more = upgrade.schema()
    old = sqlite3.connect(tmp_path / database.FILE, isolation_level=None)
    old.executescript(f"{first} PRAGMA user_version = 1;")
    drafts = (said("one"), private("two"), private("three"))
    for seq, draft in enumerate(drafts, 1):
        old.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (seq, *draft[:8]))
    old.execute("UPDATE progress SET seq = 2")  # as far as the words had come, without the private
    old.execute("INSERT INTO word (rowid, text) VALUES (1, 'one')")
    old.close()
    connection = database.open_to_write(tmp_path)
    assert connection.execute("SELECT * FROM hour").fetchall() == [(0, 1, 2)]
    assert not database.index(connection)
    found = connection.execute("SELECT rowid FROM word WHERE word MATCH 'one OR two OR three'")
    assert found.fetchall() == [(1,), (2,), (3,)]
    assert connection.execute("SELECT * FROM hour").fetchall() == [(0, 1, 3)]
    connection.close()
