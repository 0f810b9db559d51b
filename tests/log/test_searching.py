"""Searching the log in SQLite: a common word is found at once, and no search goes on for ever."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from chatproto.core.queries import Query, Scope
from chatproto.limits import SEARCH_SECONDS
from chatproto.log import database, searching
from following import said, store, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOBBY = Scope(("lobby",))


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setattr(searching, "_STEPS", 1)
    writer = database.open_to_write(tmp_path)
    store(writer, *(said(f"word {n}", "pub" if n % 100 else "lobby") for n in range(1_000)))
    store(writer, said("a word later")._replace(time=2 * searching.HOUR))
    while database.index(writer):
        pass
    connection = database.open_to_read(tmp_path)
    yield connection
    connection.close()
    writer.close()


class Ticks:
    """A clock that goes on each time it is looked at."""

    def __init__(self, step: float) -> None:
        self.time = 0.0
        self.step = step

    def __call__(self) -> float:
        self.time += self.step
        return self.time


@pytest.mark.parametrize("words", [("word",), ()])
def test_a_search_that_takes_too_long_ends_with_what_it_has_found(
    connection: sqlite3.Connection, words: tuple[str, ...]
) -> None:
    query = Query(LOBBY, words, author="alice")
    ticks = Ticks(1e-9)
    whole = searching.search(connection, query, 20, ticks)
    assert whole.whole
    assert len(whole.events) == 11
    for looks in range(round(ticks.time / 1e-9), 0, -1):  # the clock is over at that look
        cut = searching.search(connection, query, 20, Ticks(SEARCH_SECONDS / looks))
        if not cut.whole and cut.events:
            break
    assert not cut.whole
    assert cut.events == whole.events[-len(cut.events) :]
    again = searching.search(connection, query, 20, Ticks(0))  # nothing is left of the limit
    assert again == whole


def test_a_common_word_is_found_without_looking_at_all_its_lines(
    connection: sqlite3.Connection,
) -> None:
    ticks = Ticks(1e-9)
    everywhere = Query(Scope(("lobby", "pub")), ("word",))
    assert len(searching.search(connection, everywhere, 20, ticks).events) == 20
    few, ticks.time = ticks.time, 0.0
    searching.search(connection, Query(Scope(("garden",)), ("word",)), 20, ticks)
    assert few * 5 < ticks.time


def test_what_a_search_does_wrong_is_no_end_of_its_time() -> None:
    broken = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        searching.search(broken, Query(LOBBY, ("word",)), 20, Ticks(0))
    broken.close()


def test_a_time_is_looked_for_among_its_numbers_alone(connection: sqlite3.Connection) -> None:
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    query = Query(LOBBY, ("word",), since=searching.HOUR)
    found = searching.search(connection, query, 20, Ticks(0))
    connection.set_trace_callback(None)
    assert texts(found.events) == ["a word later"]
    assert any("word.rowid > 1000 AND word.rowid <= 1001" in sentence for sentence in seen)
