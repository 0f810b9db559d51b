"""The order of a server that stands alone, over a database that is written when the test says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from chatproto.core.events import Event
from chatproto.errors import NotSaid
from chatproto.language import _
from chatproto.log import database
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.files import OpenFiles
from chatproto.log.memory import MemoryArchive
from chatproto.log.store import SqliteStore
from fakes import Clock
from following import Following, joined, private, said, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chatproto.core.events import Asked, Draft
    from chatproto.core.ports import Store

T = TypeVar("T")


class LateArchive(MemoryArchive):
    """An archive that is written in a database, when it is told to."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        super().__init__(clock)
        self.connection = database.open_to_write(folder)
        self.sqlite = SqliteStore(self.connection, OpenFiles(folder))
        self.waiting: list[tuple[Callable[[Store], Any], Callable[[Any], None]]] = []
        self.lost: Callable[[NotSaid], None] = lambda _error: None

    def write(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        self.waiting.append((work, done))

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        self.lost = call


class Desk:
    """An order, its archive, and a follower."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.archive = LateArchive(self.clock, folder)
        self.statements: list[str] = []
        self.archive.connection.set_trace_callback(self.statements.append)
        self.order = EmbeddedOrder(self.archive, self.clock)
        self.follower = Following()
        self.order.follow(0, self.follower)
        self.run()

    def ask(self, *asked: Asked) -> None:
        """Ask for these in one turn."""
        for one in asked:
            self.order.append(one)
        self.clock.turn()

    def run(self) -> None:
        """Let the archive do what it was told, and answer."""
        waiting, self.archive.waiting = self.archive.waiting, []
        for work, done in waiting:
            done(work(self.archive.sqlite))

    def write(self, *asked: Asked) -> None:
        """Ask for these, and let it be written."""
        self.ask(*asked)
        self.run()

    def lose(self) -> NotSaid:
        """Let the archive take nothing more."""
        error = NotSaid(_("The disk is full."))
        self.archive.waiting.clear()
        self.archive.lost(error)
        return error

    @property
    def transactions(self) -> int:
        return self.statements.count("COMMIT")

    @property
    def numbers(self) -> list[int]:
        return [event.seq for event in self.follower.events]

    @property
    def refused(self) -> list[Draft]:
        return [draft for batch, _error in self.follower.refusals for draft in batch]

    def stored(self) -> list[str]:
        """Return what stands on the disk."""
        with closing(sqlite3.connect(self.folder / database.FILE)) as other:
            rows = other.execute("SELECT text FROM event ORDER BY seq").fetchall()
        return [text for (text,) in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.archive.connection.close()


def fail(*_args: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


def test_everything_that_waits_is_one_transaction_and_one_batch(desk: Desk) -> None:
    for asked in ([said("1"), said("2")], [joined("bob")], [said("3")]):
        desk.ask(*asked)
    desk.run()
    assert desk.transactions == 1
    assert len(desk.follower.batches) == 1
    assert desk.follower.heard[2] == joined("bob")
    assert desk.numbers == [1, 2, 3]
    assert desk.stored() == ["1", "2", "3"]


def test_a_presence_alone_costs_no_transaction(desk: Desk) -> None:
    desk.write(joined("bob"))
    assert desk.follower.heard == [joined("bob")]
    assert desk.transactions == 0


def test_what_was_asked_for_before_a_follower_came_is_written_apart(desk: Desk) -> None:
    late = Following()
    desk.ask(said("1"))
    desk.order.follow(0, late)
    desk.ask(joined("bob"), said("2"))
    desk.run()
    assert desk.transactions == 2
    assert late.batches == [desk.follower.batches[0], desk.follower.batches[1]]


def test_what_a_follower_missed_comes_in_pieces(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatproto.log.embedded.REPLAYED_AT_ONCE", 2)
    desk.write(*(said(str(number)) for number in range(5)))
    late = Following()
    desk.order.follow(1, late)
    desk.run()
    assert [texts(batch) for batch in late.batches] == [["1", "2"], ["3", "4"]]


def test_a_follower_that_cannot_be_told_what_it_missed_is_told_nothing(
    desk: Desk, failures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.archive.sqlite, "all_after", fail)
    late = Following()
    desk.order.follow(0, late)
    desk.write(said("1"))
    assert failures == ["A follower of the log could not be told what it missed"]
    assert late.heard == []
    assert desk.numbers == [1]


# -- what goes wrong ------------------------------------------------------------------------------


def test_what_cannot_be_written_is_refused_whole_with_the_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "store", fail)
    desk.write(said("1"), joined("bob"), private("2"))
    ((refused, error),) = desk.follower.refusals
    assert refused == [said("1"), private("2")]
    assert str(error) == "The log could not be written (disk I/O error). It was not sent."
    assert desk.follower.heard == [joined("bob")]
    assert desk.stored() == []


def test_a_refusal_uses_up_no_number(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write(said("1"))
    with monkeypatch.context() as broken:
        broken.setattr(database, "store", fail)
        desk.write(said("lost"))
    desk.write(said("2"))
    assert desk.numbers == [1, 2]
    assert desk.stored() == ["1", "2"]
    assert desk.refused == [said("lost")]


def test_what_the_database_does_not_take_is_refused(desk: Desk) -> None:
    odd = said("1")._replace(text=None)  # type: ignore[arg-type]
    desk.write(odd, said("2"))
    assert desk.numbers == []
    assert desk.refused == [odd, said("2")]
    desk.write(said("3"))
    assert desk.numbers == [1]


def by(ref: str) -> Draft:
    return said(ref)._replace(ref=ref)


def test_a_repeat_of_what_is_durable_is_no_refusal_whatever_the_disk_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write(by("a"))
    monkeypatch.setattr(database, "store", fail)
    desk.write(by("a"), by("b"), by("b"))
    assert desk.follower.repeats == [(by("a"), Event(1, *by("a")))]
    assert desk.refused == [by("b"), by("b")]
    assert desk.stored() == ["a"]


def test_what_cannot_be_looked_up_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.archive.sqlite, "find", fail)
    desk.write(by("a"), said("1"))
    assert desk.refused == [by("a"), said("1")]
    desk.write(said("2"))
    assert desk.numbers == [1]


def test_an_archive_that_is_lost_has_all_refused_and_is_told_once(desk: Desk) -> None:
    class Worse(BaseException):
        pass

    def die(_events: object) -> None:
        raise Worse

    lost: list[NotSaid] = []
    desk.order.when_lost(lost.append)
    desk.ask(said("in hand"), joined("bob"))
    ((work, _done),) = desk.archive.waiting
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(desk.archive.sqlite, "store", die)
        with pytest.raises(Worse):
            work(desk.archive.sqlite)
    desk.ask(said("waits"), joined("carol"))
    error = desk.lose()
    assert desk.refused == [said("in hand"), said("waits")]
    assert desk.follower.heard == [joined("bob"), joined("carol")]
    desk.ask(said("later"), joined("dave"))
    assert desk.refused[2:] == [said("later")]
    assert desk.follower.heard[2:] == [joined("dave")]
    assert lost == [error]
    assert desk.order._unwritten == 0
    assert desk.stored() == []
