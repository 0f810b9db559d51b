"""A pasted block, without a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.limits import LINE_BYTES
from chatproto.terminal.keys import Key, Typed
from chatproto.terminal.pasting import Block, cut_off


@pytest.mark.parametrize(
    ("text", "count", "asks"),
    [
        ("one", 1, False),
        ("one\n", 1, False),
        ("1\n2\n3\n4\n5", 5, False),
        ("1\n2\n3\n4\n5\n", 5, False),
        ("1\n2\n3\n4\n5\n6", 6, True),
        ("1\n2\n3\n4\n5\n6\n", 6, True),
        ("\n" * 6, 6, True),
        ("", 0, False),
    ],
)
def test_more_than_five_lines_are_asked_about(text: str, count: int, *, asks: bool) -> None:
    block = Block(text)
    assert (block.count, block.needs_asking) == (count, asks)


def test_what_stands_behind_the_last_line_end_stays_unless_it_was_asked_about() -> None:
    block = Block("one\n\ntwo")
    typed = [Typed("one"), Key.ENTER, Key.ENTER, Typed("two")]
    assert list(block.strokes(asked=False)) == typed
    assert list(block.strokes(asked=True)) == [*typed, Key.ENTER]
    assert list(Block("one\n").strokes(asked=True)) == [Typed("one"), Key.ENTER]


def test_a_line_that_is_too_long_is_noticed() -> None:
    assert not Block("x" * LINE_BYTES + "\n" + "x" * LINE_BYTES).overflows
    assert Block("one\n" + "ж" * LINE_BYTES).overflows


@given(st.text(), st.integers(0, 3))
def test_half_a_character_at_the_end_is_known(text: str, taken: int) -> None:
    whole = text.encode()
    data = whole[: len(whole) - taken]
    cut = cut_off(data)
    data.removesuffix(cut).decode()  # what stands before it is whole
    assert len(cut) <= 3
    assert cut == b"" or len(data) < len(whole)
