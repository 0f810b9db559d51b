"""Our own order over an archive in one file: durable before delivered, and what it does when the disk does not do as it
should.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred
from twisted.logger import capturedLogs

from chatproto.core.events import Event, Kind
from chatproto.core.ports import Log
from chatproto.core.queries import Query, Scope
from chatproto.errors import Busy, CannotStart, NotRead, NotSaid
from chatproto.limits import SEARCHES_WAITING
from chatproto.log import database, searching
from chatproto.log.archive import SqliteArchive
from chatproto.log.embedded import EmbeddedOrder
from following import PATIENCE, Following, joined, reactor, read, said, soon, texts, turn, waits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from chatproto.core.events import Happened
    from chatproto.core.ports import RoomRecord
    from chatproto.log.store import SqliteStore


class Opened:
    """A log that is open, and a follower from its head."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.follower = Following()
        self.head = 0
        self.rooms: Sequence[RoomRecord] = ()
        self.open()

    def open(self) -> None:
        self.archive = SqliteArchive(self.folder, reactor)
        self.order = EmbeddedOrder(self.archive, reactor)
        self.log = Log(self.order, self.archive)
        self.head, self.rooms = self.log.open()
        self.order.follow(self.head, self.follower)

    async def close(self) -> None:
        await soon(self.log.close())

    async def say(self, *lines: str) -> None:
        """Say these, and wait until they have happened."""
        count = len(self.follower.heard)
        for line in lines:
            self.order.append(said(line))
        await self.follower.until(count + len(lines))

    async def be_refused(self, *lines: str) -> str:
        """Say these, wait until they are refused, and give the reason."""
        count = len(self.follower.refusals)
        for line in lines:
            self.order.append(said(line))
        await self.follower.until(0, refusals=count + 1)
        asked, error = self.follower.refusals[-1]
        assert asked == [said(line) for line in lines]
        return str(error)

    async def search(self, word: str) -> list[str]:
        query = Query(Scope(("lobby",)), (word,))
        found = await soon(self.archive.search(query, 20))
        return texts(found.events)

    def do(self, sql: str) -> None:
        """Tell the writer's connection something."""

        def job(store: SqliteStore) -> None:
            store._connection.execute(sql)

        self.archive._writer.jobs.put(job)

    def elsewhere(self, sql: str) -> list[Any]:
        """Ask as any other program would."""
        other = sqlite3.connect(self.folder / database.FILE)
        rows = other.execute(sql).fetchall()
        other.close()
        return rows

    @property
    def numbers(self) -> list[int]:
        return [event.seq for event in self.follower.events]


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opened]:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    opened = Opened(tmp_path / "log")
    yield opened
    await opened.close()


def break_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def store(*_args: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(database, "store", store)


# -- durable ----------------------------------------------------------------------------------------


@waits
async def test_an_event_is_on_disk_before_anybody_is_brought_it(opened: Opened) -> None:
    found: list[bool] = []

    def look(batch: Sequence[Happened]) -> None:
        stored = {seq for (seq,) in opened.elsewhere("SELECT seq FROM event")}
        found.extend(one.seq in stored for one in batch if isinstance(one, Event))

    opened.follower.watch = look
    for number in range(20):
        await opened.say(str(number), "and", "more")
    assert found == [True] * 60


@waits
async def test_what_was_said_in_one_turn_comes_in_one_batch(opened: Opened) -> None:
    await opened.say(*(str(number) for number in range(100)))
    assert len(opened.follower.batches) == 1


@waits
async def test_opening_again_takes_up_where_it_ended(opened: Opened) -> None:
    await opened.say("one", "two")
    opened.order.append(said("cats", "garden", kind=Kind.TOPIC))
    await opened.close()
    opened.open()
    assert opened.head == 3
    assert opened.rooms == [("garden", ("cats", "alice", 1_000, 1)), ("lobby", None)]
    await opened.say("three")
    assert opened.numbers == [1, 2, 3, 4]


@waits
async def test_search_catches_up_with_the_log_in_steps(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "INDEXED_AT_ONCE", 3)
    await opened.say(*(f"word {number}" for number in range(10)))
    assert len(await opened.search("word")) == 10


# -- what goes wrong --------------------------------------------------------------------------------


@waits
async def test_what_the_disk_does_not_take_is_refused_and_nobody_hears_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened.say("one")
    break_store(monkeypatch)
    assert await opened.be_refused("lost", "lost too") == (
        "The log could not be written (disk I/O error). It was not sent."
    )
    monkeypatch.undo()
    await opened.say("two")
    assert texts(opened.follower.events) == ["one", "two"]
    assert opened.numbers == [1, 2]
    assert opened.elsewhere("SELECT text FROM event") == [("one",), ("two",)]


@waits
async def test_presences_are_brought_whatever_the_disk_does(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_store(monkeypatch)
    opened.order.append(joined("bob"))
    await opened.be_refused("lost")
    assert opened.follower.heard == [joined("bob")]
    assert not opened.order.is_full()


@waits
async def test_a_full_disk_refuses_until_there_is_room_again(opened: Opened) -> None:
    await opened.say("one")
    (pages,) = opened.elsewhere("PRAGMA page_count")[0]
    opened.do(f"PRAGMA max_page_count = {pages + 1}")
    reason = await opened.be_refused("x" * 100_000)
    assert "database or disk is full" in reason
    opened.do("PRAGMA max_page_count = 1000000")
    await opened.say("two")
    assert opened.numbers == [1, 2]
    assert opened.elsewhere("PRAGMA integrity_check") == [("ok",)]


@waits
async def test_a_locked_database_refuses_and_recovers(opened: Opened) -> None:
    other = sqlite3.connect(opened.folder / database.FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "database is locked" in await opened.be_refused("lost")
    other.execute("ROLLBACK")
    other.close()
    await opened.say("one")
    assert opened.numbers == [1]


@waits
async def test_the_log_can_be_read_while_it_cannot_be_written(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened.say("one")
    break_store(monkeypatch)
    await opened.be_refused("lost")
    assert await read(opened.archive.before(["lobby"], 99, 9)) == ["one"]
    assert await opened.search("one") == ["one"]


@waits
async def test_a_search_that_fails_says_so_and_the_writer_lives_on(opened: Opened) -> None:
    opened.do("DROP TABLE word")
    await opened.say("one")
    with pytest.raises(NotRead, match="The log could not be read: no such table"):
        await opened.search("one")
    await opened.say("two")
    assert opened.numbers == [1, 2]


@waits
async def test_the_operator_is_told_once_when_it_fails_and_once_when_it_works(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with capturedLogs() as captured:
        break_store(monkeypatch)
        await opened.be_refused("lost")
        opened.order.append(joined("bob"))  # passes, but says nothing about the disk
        await opened.follower.until(1)
        await opened.be_refused("lost again")
        monkeypatch.undo()
        await opened.say("one", "two")
        await opened.say("three")
    told = [
        event["log_level"].name for event in captured if event["log_namespace"] == "chatproto.log"
    ]
    assert told == ["error", "info"]


@waits
async def test_nobody_waits_for_room_for_ever_when_lines_are_refused(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatproto.log.embedded.UNWRITTEN_EVENTS", 3)
    break_store(monkeypatch)
    called: list[str] = []
    opened.order.append(joined("bob"))
    opened.order.append(joined("carol"))
    opened.order.append(said("lost"))
    assert opened.order.is_full()
    opened.order.when_roomy(lambda: called.append("roomy"))
    await opened.follower.until(2, refusals=1)
    await turn()
    assert called == ["roomy"]


@waits
async def test_a_folder_that_is_removed_or_restored_is_told_and_nobody_hears_what_is_not_kept(
    opened: Opened,
) -> None:
    await opened.say("one")
    backup = opened.folder.with_name("backup")
    shutil.copytree(opened.folder, backup)
    await opened.say("two")
    with capturedLogs() as captured:
        shutil.rmtree(opened.folder)
        assert "was removed, replaced or overwritten" in await opened.be_refused("lost")
        backup.rename(opened.folder)
        assert "was removed, replaced or overwritten" in await opened.be_refused("lost too")
    told = [event for event in captured if event["log_namespace"] == "chatproto.log"]
    assert [event["log_level"].name for event in told] == ["error"]
    assert texts(opened.follower.events) == ["one", "two"]
    assert opened.elsewhere("SELECT text FROM event") == [("one",)]
    # and what was said is still read from the file that was opened
    assert await read(opened.archive.before(["lobby"], 99, 9)) == ["one", "two"]


@waits
async def test_a_writer_that_dies_refuses_what_waits_and_whatever_comes_later(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Worse(BaseException):
        pass

    def die(*_args: object) -> None:
        opened.order._jobs.append([said("waits"), joined("bob")])
        raise Worse

    lost: list[NotSaid] = []
    opened.order.when_lost(lost.append)
    await opened.say("one")
    monkeypatch.setattr(database, "store", die)
    opened.order._unwritten += 2
    opened.order.append(said("in hand"))
    await opened.follower.until(2, refusals=1)
    asked, error = opened.follower.refusals[0]
    assert asked == [said("in hand"), said("waits")]
    assert str(error) == (
        "The log's writer has died (Worse()). It was not sent. Only starting the server again helps."
    )
    await turn()
    assert lost == [error]
    assert await opened.be_refused("later") == str(error)
    assert opened.order._unwritten == 0
    assert texts(opened.follower.events) == ["one"]
    with pytest.raises(NotSaid):
        await opened.search("one")
    assert await read(opened.archive.before(["lobby"], 99, 9)) == ["one"]


# -- searching ------------------------------------------------------------------------------------


@waits
async def test_who_searches_makes_nobody_wait_but_others_who_do(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened.say("one")
    ends = threading.Event()
    search = searching.search

    def slow(*question: Any) -> Any:
        ends.wait(PATIENCE)
        return search(*question)

    monkeypatch.setattr(searching, "search", slow)
    found = [opened.search("one") for _ in range(SEARCHES_WAITING + 1)]
    answers = [ensureDeferred(one) for one in found]
    await soon(opened.archive._indexed())
    await turn()
    with pytest.raises(Busy, match="Too many are searching just now"):
        await opened.search("one")
    assert await read(opened.archive.before(["lobby"], 99, 9)) == ["one"]
    ends.set()
    for answer in answers:
        assert await soon(answer) == ["one"]
    assert await opened.search("one") == ["one"]


# -- what cannot be opened --------------------------------------------------------------------------


def as_newer(folder: Path) -> None:
    with sqlite3.connect(folder / database.FILE) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()


def as_no_database(folder: Path) -> None:
    (folder / database.FILE).write_bytes(b"dear diary, " * 100)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [(as_newer, "newer version of this program"), (as_no_database, "file is not a database")],
)
def test_what_cannot_be_opened_is_let_go_of(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(tmp_path)
    with pytest.raises(CannotStart, match=sentence):
        SqliteArchive(tmp_path, reactor).open()
    database.claim(tmp_path).close()  # it is free again


@waits
async def test_a_folder_in_use_is_left_alone(opened: Opened) -> None:
    with pytest.raises(CannotStart, match="in use by another server"):
        SqliteArchive(opened.folder, reactor).open()
    await opened.say("still here")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be written to"):
        SqliteArchive(tmp_path / "file" / "log", reactor).open()
