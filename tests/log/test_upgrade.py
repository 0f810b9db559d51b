"""A database of an older version is copied, brought to today's form, and read as it was written."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from twisted.logger import capturedLogs, formatEvent

from chatproto.core.events import ADDRESSED, Event
from chatproto.core.facts import Topic
from chatproto.core.ports import Log
from chatproto.core.queries import Query, Scope
from chatproto.errors import CannotStart
from chatproto.log import database, reading, upgrade
from chatproto.log.archive import SqliteArchive
from chatproto.log.embedded import EmbeddedOrder
from following import Following, reactor, said, soon, waits
from old_forms import FORMS, UNINDEXED, past

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVENTS = [Event(seq, *draft) for seq, draft in enumerate(past(), 1)]
ROOMS = ("lobby", "garden", "тема-дня", "attic")
TOPICS = {
    "garden": Topic("tulips", "carol", EVENTS[41].time, 103),
    "тема-дня": Topic("О погоде", "Боб", EVENTS[10].time, 102),
    "attic": None,
    "lobby": None,
}
NEWEST = len(upgrade.schema())

forms = pytest.mark.parametrize("form", FORMS)


def lay(folder: Path, form: int) -> Path:
    """Lay a database of an older form into a folder; return its path."""
    path = folder / database.FILE
    shutil.copy(FORMS[form], path)
    return path


def copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-{NEWEST}")


def state(path: Path) -> tuple[Any, ...]:
    """Return of which form a database is, and what is in it."""
    with closing(sqlite3.connect(path)) as connection:
        (form,) = connection.execute("PRAGMA user_version").fetchone()
        rows = connection.execute("SELECT * FROM event ORDER BY seq").fetchall()
    return form, [row[:9] for row in rows]


def finding(events: Iterable[Event], word: str, member: int) -> list[Event]:
    return [
        event for event in events
        if word in event.text
        and (event.kind not in ADDRESSED or member in {event.origin, event.target})
    ]  # fmt: skip


def test_the_past_has_all_that_it_could_have() -> None:
    assert {event.kind for event in EVENTS} == {1, 2, 3, 4}
    assert {event.room for event in EVENTS} == {*ROOMS, ""}


@forms
@waits
async def test_everything_in_it_is_read_back_and_found(tmp_path: Path, form: int) -> None:
    lay(tmp_path, form)
    archive = SqliteArchive(tmp_path, reactor)
    order = EmbeddedOrder(archive, reactor)
    log = Log(order, archive)
    head, rooms = log.open()
    assert head == len(EVENTS)
    assert dict(rooms) == TOPICS
    follower = Following()
    order.follow(0, follower)
    await follower.until(len(EVENTS))
    assert follower.events == EVENTS
    for room, topic in TOPICS.items():
        here = [event for event in EVENTS if event.room == room]
        assert await soon(archive.room(room)) == (room, topic)
        assert await soon(archive.before([room], head + 1, 10)) == here[-10:]
        assert await soon(archive.count(Scope((room,)), 0, head)) == len(here)
    for member in (101, 102, 103):
        mine = Scope((), (member,))
        secrets = [event for event in EVENTS if mine.has(event)]
        assert secrets
        assert (await soon(archive.after(mine, 0, head, 100))).events == secrets
        for word in ("привет", "ёжик", "apples", "tulips", "280", "299"):
            found = await soon(archive.search(Query(Scope(ROOMS, (member,)), (word,)), 200))
            assert found.events == finding(EVENTS, word.replace("п", "П", 1), member)
    since, until = EVENTS[200].time, EVENTS[-UNINDEXED // 2].time
    found = await soon(archive.search(Query(Scope(ROOMS), since=since, until=until), 200))
    assert found.events == [
        event for event in EVENTS if since <= event.time < until and event.kind not in ADDRESSED
    ]
    order.append(said("now"))
    await follower.until(len(EVENTS) + 1)
    assert follower.events[-1].seq == head + 1
    await soon(log.close())


@forms
def test_it_is_copied_before_and_once(tmp_path: Path, form: int) -> None:
    path = lay(tmp_path, form)
    before = state(path)
    with capturedLogs() as logged:
        database.open_to_write(tmp_path).close()
    (line,) = map(formatEvent, logged)
    assert line == (
        f"{path} is brought from form {form} to form {NEWEST}. What it was is in {copy_of(path)}."
    )
    assert state(copy_of(path)) == before == (form, [event[:9] for event in EVENTS])
    assert state(path) == (NEWEST, before[1])
    assert stat.S_IMODE(copy_of(path).stat().st_mode) == 0o600
    copied = copy_of(path).stat()
    with capturedLogs() as logged:
        database.open_to_write(tmp_path).close()
    assert not logged
    assert copy_of(path).stat() == copied
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, copy_of(path).name]


def test_what_is_in_the_wal_alone_is_in_the_copy(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "killed").mkdir()
    live = lay(tmp_path / "live", 1)
    with closing(sqlite3.connect(live, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE event SET text = 'in the WAL' WHERE seq = 1")
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", tmp_path / "killed")
    path = tmp_path / "killed" / database.FILE
    assert b"in the WAL" not in path.read_bytes()
    database.open_to_write(path.parent).close()
    assert state(copy_of(path))[1][0][-1] == "in the WAL"


def test_who_goes_back_to_the_copy_has_what_was_before(tmp_path: Path) -> None:
    path = lay(tmp_path, 1)
    database.open_to_write(tmp_path).close()
    copy_of(path).replace(path)
    assert state(path)[0] == 1
    connection = database.open_to_write(tmp_path)
    assert reading.all_after(connection, 0, 999) == EVENTS
    connection.close()
    assert state(copy_of(path))[0] == 1


def test_an_upgrade_that_fails_leaves_the_database_of_its_form_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path, 1)
    steps = [*upgrade.schema()[:-1], "CREATE NONSENSE;"]
    monkeypatch.setattr(upgrade, "schema", lambda: steps)
    for _ in range(2):
        with pytest.raises(CannotStart, match="NONSENSE"):
            database.open_to_write(tmp_path)
        assert state(path) == state(copy_of(path))
        assert state(path)[0] == 1
    monkeypatch.undo()
    database.open_to_write(tmp_path).close()
    assert state(copy_of(path))[0] == 1


def test_without_room_for_the_copy_it_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(9, 9, 5_000))
    with pytest.raises(CannotStart) as refusal:
        database.open_to_write(tmp_path)
    assert str(refusal.value) == (
        f"{path} is of an older form, and cannot be copied before it is brought to the new one:"
        " 60 KB are needed, 4 KB are free."
    )
    assert state(path)[0] == 1
    assert not copy_of(path).exists()


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = lay(tmp_path, 1)
    copy_of(path).mkdir()
    (copy_of(path) / "something").touch()
    with pytest.raises(CannotStart, match="cannot be copied"):
        database.open_to_write(tmp_path)
    assert state(path)[0] == 1
    assert not list(tmp_path.glob("*.half"))


def test_a_new_database_is_not_copied(tmp_path: Path) -> None:
    database.open_to_write(tmp_path).close()
    assert [file.name for file in tmp_path.iterdir()] == [database.FILE]
