"""A page goes out a piece at a time, as it is taken, and comes to an end whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import CancelledError, Deferred

from chatproto.core.events import Event, Kind
from chatproto.core.queries import Scope, Span
from chatproto.delivery import pages
from chatproto.delivery.pages import Page
from chatproto.delivery.reader import Reader
from chatproto.log.memory import MemoryArchive
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from fakes import Clock, MemoryProducer, MemoryWire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.queries import Piece


class CountedArchive(MemoryArchive):
    """An archive that counts how often it was read."""

    reads = 0

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        self.reads += 1
        return super().after(scope, seq, upto, limit)


class Desk:
    """A reader, a log of ten lines in the lobby and ten in the pub, and a page of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.archive = CountedArchive(self.clock)
        self.archive.store(
            [
                Event(n + 1, 0, Kind.SAID, "pub" if n % 2 else "lobby", "alice", 1, "", 0, str(n))
                for n in range(20)
            ]
        )
        self.wire = MemoryWire()
        self.reader = Reader(self.wire, LineVoice("en"), Valve(MemoryProducer()))
        self.ends: list[object] = []

    def show(self, after: int = 0, upto: int = 20, lines: int = 99) -> Page:
        span = Span(Scope(("lobby",)), after, upto, lines)
        page = Page(self.archive.after, self.clock, self.reader, span, render)
        self.done = page.show().addBoth(self.ends.append)
        self.clock.turn(30)
        return page


def render(events: Sequence[Event]) -> bytes:
    return b"".join(event.text.encode() + b" " for event in events)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(pages, "CATCH_UP_LINES", 3)
    return Desk()


def test_it_is_shown_whole_piece_by_piece(desk: Desk) -> None:
    desk.show()
    assert [data.decode() for data in desk.wire.given] == ["0 2 4 ", "6 8 10 ", "12 14 16 ", "18 "]
    assert desk.ends == [10]
    assert desk.reader.page is None


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ((0, 20, 4), "0 2 4 6 "),
        ((5, 9, 99), "6 8 "),
        ((6, 7, 99), "6 "),
        ((7, 8, 9), ""),
        ((9, 9, 9), ""),
    ],
)
def test_it_has_the_lines_of_its_range_and_no_more_than_asked_for(
    desk: Desk, span: tuple[int, int, int], shown: str
) -> None:
    desk.show(*span)
    assert desk.wire.read() == shown
    assert desk.ends == [len(shown.split())]


def test_the_next_piece_is_read_when_the_last_one_is_out(desk: Desk) -> None:
    desk.wire.window = 2
    desk.show()
    assert desk.archive.reads == 1
    assert desk.wire.waiting == b"2 4 "
    desk.wire.drain(2)
    desk.clock.turn(9)
    assert desk.archive.reads == 2
    assert desk.ends == []
    desk.wire.drain()
    desk.clock.turn(9)
    assert desk.archive.reads == 4
    assert desk.ends == [10]


def test_it_ends_when_the_connection_is_gone(desk: Desk) -> None:
    desk.wire.window = 0
    desk.show()
    desk.reader.detach()
    assert desk.ends == [3]
    desk.clock.turn(9)
    assert desk.archive.reads == 1


def test_an_answer_that_comes_after_the_end_is_shown_to_nobody(desk: Desk) -> None:
    span = Span(Scope(("lobby",)), 0, 20, 99)
    done = (
        Page(desk.archive.after, desk.clock, desk.reader, span, render)
        .show()
        .addBoth(desk.ends.append)
    )
    done.cancel()
    desk.clock.turn(9)
    assert desk.wire.given == []
    assert [type(end.value) for end in desk.ends] == [CancelledError]  # type: ignore[attr-defined]


def test_what_cannot_be_shown_ends_it_with_the_reason(desk: Desk) -> None:
    span = Span(Scope(("lobby",)), 0, 20, 99)
    page = Page(desk.archive.after, desk.clock, desk.reader, span, lambda _events: bytes(-1))
    page.show().addErrback(lambda failure: desk.ends.append(failure.type))
    desk.clock.turn(9)
    assert desk.ends == [ValueError]
    assert desk.reader.page is None
