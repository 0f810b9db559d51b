"""The splitter: the same lines however the bytes come, and nothing lost of what was given back."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.doors.splitter import Splitter

MOST: Final = 20
AT_ONCE: Final = 3
PIECE: Final = st.text("ab\r\n", max_size=9).map(str.encode)


def all_lines(splitter: Splitter) -> list[bytes]:
    """Take out all lines that are whole."""
    taken: list[bytes] = []
    while lines := splitter.lines():
        assert len(lines) <= AT_ONCE
        taken += lines
    return taken


@given(st.lists(PIECE))
def test_lines_are_the_same_however_they_come(pieces: list[bytes]) -> None:
    splitter = Splitter(1000, AT_ONCE)
    lines: list[bytes] = []
    for piece in pieces:
        splitter.add(piece)
        lines += all_lines(splitter)
    *whole, unended = b"".join(pieces).split(b"\n")
    assert lines == whole
    assert splitter.waiting == splitter.unended == unended


@given(st.lists(st.tuples(PIECE, st.integers(0, AT_ONCE))))
def test_what_is_given_back_waits_as_it_came(steps: list[tuple[bytes, int]]) -> None:
    splitter = Splitter(1000, AT_ONCE)
    came = b""
    for piece, wanted in steps:
        splitter.add(piece)
        came += piece
        lines = splitter.lines()
        splitter.give_back(lines[wanted:])
        for line in lines[:wanted]:
            assert came.startswith(line + b"\n")
            came = came[len(line) + 1 :]
        assert splitter.waiting == came
        assert splitter.unended == came.rpartition(b"\n")[2]
    assert splitter.take() == came
    assert splitter.waiting == b""
    assert splitter.lines() == []


@given(st.lists(PIECE), st.sampled_from([b"", b"new"]))
def test_what_has_no_end_yet_is_typed_anew(pieces: list[bytes], text: bytes) -> None:
    splitter = Splitter(1000, AT_ONCE)
    for piece in pieces:
        splitter.add(piece)
    splitter.retype(text)
    splitter.add(b"\n")
    assert all_lines(splitter) == [*b"".join(pieces).split(b"\n")[:-1], text]


@given(st.lists(st.integers(0, 2 * MOST)), st.integers(1, 3 * MOST))
def test_a_line_is_too_long_however_it_comes(lengths: list[int], size: int) -> None:
    data = b"".join(b"x" * length + b"\n" for length in lengths)
    splitter = Splitter(MOST, AT_ONCE)
    lines, too_long = [], b""
    for at in range(0, len(data), size):
        splitter.add(data[at : at + size])
        lines += all_lines(splitter)
        if too_long := splitter.take_too_long():
            break
    fit = [length for length in lengths if length <= MOST]
    assert lines == [b"x" * length for length in lengths[: len(lines)]]
    assert bool(too_long) == (fit != lengths)
    if too_long:
        assert lengths[len(lines)] >= len(too_long) > MOST


@pytest.mark.parametrize("end", [b"", b"\n", b"\nhi\n"])
def test_the_one_that_is_too_long_comes_behind_those_before_it(end: bytes) -> None:
    splitter = Splitter(MOST, AT_ONCE)
    splitter.add(b"x" * MOST + b"\n" + b"y" * (MOST + 1) + end)
    assert splitter.lines() == [b"x" * MOST]
    assert splitter.lines() == []
    assert splitter.take_too_long() == b"y" * (MOST + 1)
    assert splitter.waiting == end[1:]


def test_the_limit_is_one_line_s_and_not_that_of_all_that_wait() -> None:
    splitter = Splitter(MOST, AT_ONCE)
    splitter.add(b"hello\n" * MOST)
    assert all_lines(splitter) == [b"hello"] * MOST
    assert not splitter.take_too_long()
