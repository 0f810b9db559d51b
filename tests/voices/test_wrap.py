"""Wrapping: what a terminal shows of a long line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproto.voices import wrap as module
from chatproto.voices.wrap import LEAST_COLUMNS, width, wrap
from terminal_emulator import TerminalEmulator

if TYPE_CHECKING:
    from collections.abc import Callable

INDENT = 5
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RED, PLAIN = "\x1b[31m", "\x1b[0m"

# Wide and narrow ones, marks, and colours; nothing whose width terminals do not agree on.
LETTERS = st.sampled_from([*"abcxyz.,/:", *"привет", *"世界한", "e\u0301", RED, PLAIN])
WORDS = st.text("abcdef", min_size=1, max_size=60) | st.lists(LETTERS, min_size=1, max_size=60).map(
    "".join
)
LINES = st.lists(st.tuples(WORDS, st.integers(1, 30)), min_size=1, max_size=12).map(
    lambda parts: "".join(word + " " * spaces for word, spaces in parts)
)


def shown(line: str, columns: int, indent: int = INDENT) -> list[str]:
    """Return what a terminal makes of it: its rows, and the row after them, which is to be empty."""
    emulator = TerminalEmulator(columns, 200)
    emulator.feed("".join(f"{row}\r\n" for row in wrap(line, columns, indent)).encode())
    return emulator.lines[: emulator.y + 1]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0), ("abc", 3), ("héé", 3), ("世界", 4), ("e\u0301", 1), (f"{RED}ab{PLAIN}", 2),
        ("👨‍👩‍👧", 2), (f"{RED}世{PLAIN}", 2),
    ],
)  # fmt: skip
def test_how_wide_a_text_is(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("short", ["short"]),
        ("x" * 20, ["x" * 20]),  # full, and no empty row after it
        ("bob: one two three four five", ["bob: one two three", "     four five"]),
        ("bob: one two three  four", ["bob: one two three", "     four"]),
        ("bob: one two three f", ["bob: one two three f"]),
        ("bob: one two three" + " " * 50 + "four", ["bob: one two three", "     four"]),
        (" " * 100, [""]),
        (
            "  begins with spaces, all of them",
            ["  begins with", "     spaces, all of", "     them"],
        ),
        (f"{RED}bob{PLAIN}: one two three four", [f"{RED}bob{PLAIN}: one two three", "     four"]),
        ("bob: 世界 世界 世界 世界", ["bob: 世界 世界 世界", "     世界"]),
    ],
)
def test_a_line_is_broken_at_spaces_and_indented(text: str, rows: list[str]) -> None:
    assert wrap(text, 20, INDENT) == rows


@pytest.mark.parametrize(
    ("text", "rows", "screen"),
    [
        (
            "bob: see http://example.org/a/path it is good",
            ["bob: see http://example.org/a/path it is", "     good"],
            ["bob: see http://exam", "ple.org/a/path it is", "     good"],
        ),
        (  # the word's end fills a row
            "bob: " + "x" * 35 + " and so on",
            ["bob: " + "x" * 35, "     and so on"],
            ["bob: " + "x" * 15, "x" * 20, "     and so on"],
        ),
        (  # after it less is used than the indent
            "bob: " + "x" * 17 + " and so on, then",
            ["bob: " + "x" * 17 + " and so on, then"],
            ["bob: " + "x" * 15, "xx and so on, then"],
        ),
        (  # a wide character does not fit in half of a cell: 19 are used of the first row
            "bob! " + "世" * 10 + " and so on, yes",
            ["bob! " + "世" * 10 + " and so on,", "     yes"],
            ["bob! " + "世" * 7, "世世世 and so on,", "     yes"],
        ),
        (
            f"bob: {RED}" + "x" * 35 + f"{PLAIN} on",
            [f"bob: {RED}" + "x" * 35 + PLAIN, "     on"],
            ["bob: " + "x" * 15, "x" * 20, "     on"],
        ),
        (  # the next word is too long for any row as well
            "bob: " + "x" * 30 + " " + "y" * 30,
            ["bob: " + "x" * 30 + " " + "y" * 30],
            ["bob: " + "x" * 15, "x" * 15 + " yyyy", "y" * 20, "y" * 6],
        ),
    ],
)
def test_a_word_longer_than_a_row_is_left_to_the_terminal(
    text: str, rows: list[str], screen: list[str]
) -> None:
    assert wrap(text, 20, INDENT) == rows
    assert shown(text, 20) == [*screen, ""]


@given(LINES, st.integers(LEAST_COLUMNS, 60), st.integers(0, INDENT))
@example("a" * 20 + " " + "b" * 20, 20, 5)
@example("世" * 30 + " b", 21, 0)
def test_no_word_that_fits_in_a_row_is_torn(line: str, columns: int, indent: int) -> None:
    rows = shown(line, columns, indent)
    assert rows.pop() == ""
    assert all(width(row) <= columns for row in rows)
    for word in COLOUR.sub("", line).split():
        if width(word) <= columns - indent:
            assert any(word in row.split() for row in rows), word


@given(LINES, st.integers(LEAST_COLUMNS, 60))
def test_nothing_is_lost_and_no_word_is_divided_in_what_is_sent(line: str, columns: int) -> None:
    rows = wrap(line, columns, INDENT)
    assert " ".join(" ".join(rows).split()) == " ".join(line.split())


@given(LINES)
def test_what_fits_is_sent_as_it_is(line: str) -> None:
    assert wrap(line, max(width(line), LEAST_COLUMNS), INDENT) == [line if line.strip() else ""]


@pytest.mark.parametrize(
    "unit", ["я ", "世", "👨‍👩‍👧‍👦", f"{RED}я{PLAIN} ", "я" * 30 + " ", "क्षि ", "    я"]
)
@pytest.mark.parametrize("columns", [20, 80, 500])
def test_each_character_is_measured_twice_at_the_most(
    unit: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []
    known: Callable[[str], int] = vars(module)["wcswidth"]

    def counting(text: str) -> int:
        measured.append(len(text))
        return known(text)

    monkeypatch.setattr(module, "wcswidth", counting)
    line = unit * (2048 // len(unit))
    wrap(line, columns, INDENT)
    assert sum(measured) <= 2 * len(line)


@pytest.mark.parametrize(
    "unit", ["я ", "я", "世", "👨‍👩‍👧‍👦", "🇩", "م\u064e\u200c", f"{RED}я{PLAIN}", "क्षि"]
)
def test_each_character_is_measured_twice_at_the_most_for_all_widths_together(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []
    known: Callable[[str], int] = vars(module)["wcswidth"]

    def counting(text: str) -> int:
        measured.append(len(text))
        return known(text)

    monkeypatch.setattr(module, "wcswidth", counting)
    line = f"all {unit * (2040 // len(unit))}"
    for columns in range(LEAST_COLUMNS, 500):
        wrap(line, columns, INDENT)
    assert sum(measured) <= 2 * len(line)
