"""Batches: rendered once for each way of reading, cut to size, and kept for slow readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.events import Change, Event, Json, Kind, Presence
from chatproto.delivery import batch as batches
from chatproto.delivery.batch import Batch, Tail, is_in, pieces
from chatproto.limits import BATCH_BYTES, LINE_BYTES
from chatproto.voices.line import LineVoice
from chatproto.voices.voice import Crowd
from unknown import UNKNOWN_KINDS

if TYPE_CHECKING:
    from chatproto.voices.voice import Shown

VOICE = LineVoice("en")
SHORT_LINE = batches.EVENT_BYTES + 64  # bytes that an event with a few letters takes in the tail


def line(seq: int, room: str = "lobby", kind: Kind = Kind.SAID, text: str = "hi") -> Event:
    return Event(seq, 0, kind, room, "alice", 7, "", 0, text)


def joined(room: str = "lobby") -> Presence:
    return Presence(0, (room,), Change.JOINED, "bob", 8)


def crowd(*told_in: str, after: tuple[int, ...] = ()) -> Crowd:
    return Crowd(0, "lobby", Change.QUIT, ("bob",), 1, 8, after=after, told_in={told_in: [0]})


def test_a_batch_knows_from_where_to_where_it_goes() -> None:
    batch = Batch(1, 4, [line(5), joined(), line(6, "garden")])
    assert (batch.before, batch.upto) == (4, 6)
    assert batch.rooms == {"lobby", "garden"}
    assert batch.concerns == {7, 8}


def test_a_batch_of_presences_goes_nowhere() -> None:
    batch = Batch(1, 4, [joined()])
    assert (batch.before, batch.upto) == (4, 4)


def test_a_mention_concerns_who_is_named_with_its_place() -> None:
    batch = Batch(1, 0, [line(1), line(2)], {9: [1]})
    assert batch.concerns == {7, 9}
    assert batch.personal == {9: [1]}


def test_a_private_line_concerns_both() -> None:
    private = Event(1, 0, Kind.PRIVATE, "", "alice", 7, "bob", 8, "psst")
    assert Batch(1, 0, [private]).concerns == {7, 8}


@pytest.mark.parametrize(
    ("events", "talk"),
    [
        ([line(1), line(2, kind=Kind.DID)], "lobby"),
        ([line(1), line(2, "garden")], ""),
        ([line(1), joined()], ""),
        ([line(1, kind=Kind.TOPIC)], ""),
        ([joined()], ""),
    ],
)
def test_talk_is_nothing_but_talk_in_one_room(events: list[Shown], talk: str) -> None:
    assert Batch(1, 0, events).talk == talk


@given(UNKNOWN_KINDS)
def test_an_unknown_kind_happens_nowhere_and_concerns_nobody(kind: int) -> None:
    unknown = Event(5, 0, kind, "garden", "carol", 3, "bob", 8, "bob!")
    alone = Batch(1, 4, [unknown])
    assert not any((alone.rooms, alone.concerns, alone.talk, alone.personal))
    assert alone.upto == 5
    among = Batch(1, 3, [line(4), unknown, line(6)])
    assert among.rooms == {"lobby"}
    assert (among.concerns, among.talk, among.upto) == ({7}, "lobby", 6)


@given(st.lists(st.integers(0, LINE_BYTES), min_size=1, max_size=120))
def test_pieces_lose_nothing_and_none_is_too_long(sizes: list[int]) -> None:
    events = [line(seq, text="x" * size) for seq, size in enumerate(sizes, 1)]
    cut = list(pieces(events))
    assert [event for piece in cut for event in piece] == events
    for piece in cut:
        assert len(b"".join(VOICE.render(piece, ""))) <= BATCH_BYTES + LINE_BYTES


def test_a_presence_happens_in_all_its_rooms() -> None:
    quit_ = Presence(0, ("lobby", "garden"), Change.QUIT, "bob", 8)
    batch = Batch(1, 0, [quit_, line(1, "cellar")])
    assert batch.rooms == {"lobby", "garden", "cellar"}
    assert [is_in(quit_, room) for room in ("garden", "cellar")] == [True, False]


def test_presences_alone_are_raw() -> None:
    assert Batch(1, 0, [joined(), joined("garden")]).is_raw
    assert not Batch(1, 0, [joined(), crowd("lobby")]).is_raw
    assert not Batch(1, 0, [joined(), line(1)]).is_raw


def test_what_is_told_in_several_rooms_is_wide_and_concerns_whom_it_is_partly_news_to() -> None:
    assert not Batch(1, 0, [crowd("lobby")]).is_wide
    assert Batch(1, 0, [crowd("lobby", "garden")]).is_wide
    assert Batch(1, 0, [crowd("lobby", after=(5, 6))]).concerns == {5, 6, 8}


def test_the_tail_numbers_batches_and_knows_its_head() -> None:
    tail = Tail()
    one, two = tail.add([line(1), line(2)]), tail.add([joined(), line(3)])
    assert (one.index, two.index, tail.index, tail.head) == (1, 2, 2, 3)
    assert tail.batch(2) is two


def test_the_tail_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 3 * SHORT_LINE)
    tail = Tail()
    for seq in range(1, 10):
        tail.add([line(seq)])
    kept = [number for number in range(1, 10) if tail.batch(number)]
    assert kept == [7, 8, 9]


def test_what_an_event_says_beside_its_words_is_counted_too() -> None:
    plain, more = line(1), line(1)._replace(data=Json("x" * 1_000), ref="y" * 50)
    assert Batch(1, 0, [more]).bytes >= Batch(1, 0, [plain]).bytes + 1_050


def test_the_newest_batch_is_kept_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 3 * SHORT_LINE)
    tail = Tail()
    tail.add([line(seq) for seq in range(1, 10)])
    assert tail.batch(1)


@pytest.mark.parametrize(
    ("seq", "number"), [(0, None), (1, None), (2, 2), (3, 2), (4, 4), (5, 4), (6, None)]
)
def test_a_reader_of_the_log_goes_on_where_the_tail_does(seq: int, number: int | None) -> None:
    """Batches 1 to 4 end with events 2, 4, 4 and 6; the first is forgotten."""
    tail = Tail()
    for events in ([line(1), line(2)], [line(3), line(4)], [joined()], [line(5), line(6)]):
        tail.add(events)
    del tail._batches[1]
    batch = tail.batch_after(seq)
    assert (batch.index if batch else None) == number


def test_an_empty_tail_has_nothing_to_go_on_with() -> None:
    assert Tail().batch_after(0) is None
