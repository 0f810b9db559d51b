"""Renderings: made once for all who read alike, on screens of all sizes, bounded in bytes, and fit for a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.events import Change, Event, Kind
from chatproto.delivery.batch import Batch
from chatproto.delivery.rendered import rendered
from chatproto.delivery.renderings import Renderings
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from chatproto.voices.voice import Crowd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twisted.python.failure import Failure

    from chatproto.core.events import Ids
    from chatproto.voices.voice import Shown

VOICE = LineVoice("en")


class Counting(LineVoice):
    """A voice that counts how often it speaks."""

    times = 0

    def render(
        self, events: Iterable[Shown], current: str, ids: Ids = (), nick: str = ""
    ) -> list[bytes]:
        type(self).times += 1
        return super().render(events, current, ids, nick)


def line(seq: int, text: str = "hi", room: str = "lobby") -> Event:
    return Event(seq, 0, Kind.SAID, room, "alice", 7, "", 0, text)


def test_a_batch_is_rendered_once_for_equal_voices() -> None:
    Counting.times = 0
    batch, renderings = Batch(1, 0, [line(1)]), Renderings()
    one = renderings.of(batch, Counting("en"), "lobby").whole
    assert renderings.of(batch, Counting("en"), "lobby").whole is one
    assert renderings.of(batch, Counting("en"), "lobby").lines == [b"alice: hi\n"]
    assert Counting.times == 1


def test_it_is_the_same_for_all_who_look_elsewhere() -> None:
    batch, renderings = Batch(1, 0, [line(1)]), Renderings()
    one = renderings.of(batch, VOICE, "garden").whole
    assert renderings.of(batch, VOICE, "cellar").whole is one
    assert one == b"#lobby alice: hi\n"
    assert renderings.of(batch, VOICE, "lobby").whole == b"alice: hi\n"


def test_a_crowd_of_voices_does_not_mix() -> None:
    batch, renderings = Batch(1, 0, [line(1)]), Renderings()
    wiping = LineVoice("en", b"\r\n", wipes=True)
    assert renderings.of(batch, wiping, "lobby").whole == b"\r\x1b[Kalice: hi\r\n"
    assert renderings.of(batch, VOICE, "lobby").whole == b"alice: hi\n"


def test_screens_of_all_sizes_share_what_wraps_on_none() -> None:
    batch, renderings = Batch(1, 0, [line(1, "a short line")]), Renderings()
    one = renderings.of(batch, TerminalVoice("en", 20), "lobby").whole
    for columns in range(21, 500):
        assert renderings.of(batch, TerminalVoice("en", columns), "lobby").whole is one


def test_each_size_has_its_own_where_it_wraps() -> None:
    batch, renderings = Batch(1, 0, [line(1, "word " * 9)]), Renderings()
    narrow = renderings.of(batch, TerminalVoice("en", 30), "lobby").whole
    assert narrow == TerminalVoice("en", 30).frame(
        b"".join(TerminalVoice("en", 30).render(batch.events, "lobby"))
    )
    wide = renderings.of(batch, TerminalVoice("en", 80), "lobby").whole
    assert wide is renderings.of(batch, TerminalVoice("en", 100), "lobby").whole
    assert wide != narrow


@given(
    st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1), max_size=30),
    st.integers(20, 200),
)
def test_sharing_shows_on_no_screen(words: list[str], columns: int) -> None:
    """What is shared is to the byte what that screen would have had for itself."""
    batch, voice = Batch(1, 0, [line(1, " ".join(words))]), TerminalVoice("en", columns)
    alone = voice.frame(b"".join(voice.render(batch.events, "lobby")))
    assert Renderings().of(batch, voice, "lobby").whole == alone


def test_what_is_kept_is_bounded_in_bytes_however_many_ways_of_reading_there_are() -> None:
    renderings = Renderings(most=100_000)
    for number in range(1, 30):
        batch = Batch(number, number - 1, [line(number, "x " * 500)])
        for columns in range(20, 120):
            assert renderings.of(batch, TerminalVoice("en", columns), "lobby").whole
            assert renderings.bytes <= 100_000


def test_the_newest_is_made_however_long() -> None:
    renderings = Renderings(most=10)
    assert renderings.of(Batch(1, 0, [line(1, "x" * 99)]), VOICE, "lobby").whole
    assert renderings.of(Batch(2, 1, [line(2, "y" * 99)]), VOICE, "lobby").whole


class Stumbling(LineVoice):
    """A voice that cannot say one thing."""

    def line(self, event: Shown, current: str, ids: Ids) -> str:
        if event.text == "Jehovah":
            raise ValueError(event.text)
        return super().line(event, current, ids)


def test_what_a_voice_stumbles_over_reads_as_nothing_and_is_told(
    failures: list[Failure],
) -> None:
    events = [line(1, "one"), line(2, "Jehovah"), line(3, "three")]
    assert rendered(Stumbling("en"), events, "lobby") == [b"alice: one\n", b"", b"alice: three\n"]
    assert [failure.type for failure in failures] == [ValueError]


class StumblingTerminal(TerminalVoice):
    """A terminal's voice that cannot say one thing, nor measure it."""

    def _parts(self, event: Shown, current: str, ids: Ids) -> tuple[str, str, int]:
        if event.text == "Jehovah":
            raise ValueError(event.text)
        return super()._parts(event, current, ids)


def test_what_a_voice_cannot_even_measure_is_nobody_elses_loss(failures: list[Failure]) -> None:
    batch = Batch(1, 0, [line(1, "one"), line(2, "Jehovah")])
    whole = Renderings().of(batch, StumblingTerminal("en"), "lobby").whole
    assert b"one" in whole
    assert {failure.type for failure in failures} == {ValueError}


@pytest.mark.parametrize("change", Change)
def test_crowds_are_rendered_too(change: Change) -> None:
    crowd = Crowd(0, "lobby", change, ("ann", "bea"), 2, 0, here=5)
    assert rendered(VOICE, [crowd], "lobby")[0].startswith(b"-- ")
