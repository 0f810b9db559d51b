"""Both archives give the same answers to the same questions, whatever was said and whichever member asks."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from chatproto.core import names
from chatproto.core.events import Draft, Event, Kind
from chatproto.core.queries import Partner, Query, Scope
from chatproto.log import database, reading, searching
from chatproto.log.memory import MemoryArchive
from fakes import Clock
from following import store
from unknown import UNKNOWN_KINDS

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

T = TypeVar("T")

ROOMS = st.sampled_from(["lobby", "pub", "garden"])
NICKS = st.sampled_from(["alice", "Alice", "bob", "ёж", "Ёж"])
MEMBERS = st.integers(1, 4)
WORDS = [
    "the", "The", "then", "theatre", "a", "café", "cafe", "Ёлка", "ёлки", "мой", "мои", "a-b", "it's", "42",
    "🦔", "...",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
TIMES = st.integers(0, 5 * searching.HOUR)
SAID = st.builds(
    lambda time, room, nick, who, text: Draft(time, Kind.SAID, room, nick, who, "", 0, text),
    TIMES, ROOMS, NICKS, MEMBERS, TEXTS,
)  # fmt: skip
PRIVATE = st.builds(
    lambda time, nick, who, to, whom, text: Draft(time, Kind.PRIVATE, "", nick, who, to, whom, text),
    TIMES, NICKS, MEMBERS, NICKS, MEMBERS, TEXTS,
)  # fmt: skip
UNKNOWN = st.builds(lambda draft, kind: draft._replace(kind=kind), SAID | PRIVATE, UNKNOWN_KINDS)
PAST = st.lists(SAID | PRIVATE, max_size=25)
MIXED = st.lists(SAID | PRIVATE | UNKNOWN, max_size=25)
IDS = st.lists(st.integers(1, 4), max_size=2, unique=True).map(tuple)
PARTNERS = st.none() | st.builds(Partner, NICKS.map(names.key), IDS)
SCOPES = st.builds(Scope, st.lists(ROOMS, max_size=3, unique=True).map(tuple), IDS, PARTNERS)
QUERIES = st.builds(
    Query,
    st.builds(Scope, st.lists(ROOMS, min_size=1, max_size=3, unique=True).map(tuple), IDS),
    st.lists(st.sampled_from([*WORDS, "th", "th-", "каф", "ёлк"]), max_size=2).map(tuple),
    st.just("") | NICKS.map(names.key),
    TIMES,
    TIMES,
)  # fmt: skip


class Both:
    """An archive in memory and a database that hold the same past."""

    def __init__(self, folder: str, past: list[Draft]) -> None:
        self.clock = Clock()
        self.memory = MemoryArchive(self.clock)
        if past:
            self.memory.store([Event(seq, *draft) for seq, draft in enumerate(past, 1)])
        self._writer = database.open_to_write(Path(folder))
        store(self._writer, *past)
        while database.index(self._writer):
            pass
        self.connection = database.open_to_read(Path(folder))

    def answer(self, question: Deferred[T]) -> T:
        """Return the answer of the one in memory."""
        answers: list[T] = []
        question.addCallback(answers.append)
        self.clock.turn()
        return answers[0]

    def close(self) -> None:
        for connection in (self.connection, self._writer):
            assert isinstance(connection, sqlite3.Connection)
            connection.close()


@given(MIXED, SCOPES, st.integers(0, 30), st.integers(0, 30), st.integers(1, 10))
@settings(max_examples=40)
def test_reading(past: list[Draft], scope: Scope, seq: int, upto: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = Both(folder, past)
        log, connection = both.memory, both.connection
        assert both.answer(log.after(scope, seq, upto, limit)) == reading.after(
            connection, scope, seq, upto, limit
        )
        assert both.answer(log.back(scope, upto, limit)) == reading.back(
            connection, scope, upto, limit
        )
        assert both.answer(log.before(scope.rooms, upto, limit)) == reading.before(
            connection, scope.rooms, upto, limit
        )
        assert both.answer(log.count(scope, seq, upto)) == reading.count(
            connection, scope, seq, upto
        )
        both.close()


@given(PAST, QUERIES, st.integers(1, 10))
@settings(max_examples=80)
def test_searching(past: list[Draft], query: Query, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = Both(folder, past)
        assert both.answer(both.memory.search(query, limit)) == searching.search(
            both.connection, query, limit, lambda: 0.0
        )
        both.close()
