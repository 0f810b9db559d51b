"""The line and its cursor, with and without a screen to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.limits import LINE_BYTES
from chatproto.terminal.clusters import printable, segmented
from chatproto.terminal.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable


def at(marked: str) -> Line:
    """Make a line with its cursor where the bar is."""
    before, _, after = marked.partition("|")
    line = Line(before + after)
    line.cursor = len(segmented(before))
    return line


def seen(line: Line) -> str:
    return line.before + "|" + "".join(line.clusters[line.cursor :])


@pytest.mark.parametrize(
    ("before", "do", "after"),
    [
        ("|ab", Line.right, "a|b"),
        ("ab|", Line.right, "ab|"),
        ("ab|", Line.left, "a|b"),
        ("|ab", Line.left, "|ab"),
        ("xe\u0301|", Line.left, "x|e\u0301"),
        ("x👨‍👩‍👧‍👦|", Line.left, "x|👨‍👩‍👧‍👦"),
        ("a|b", Line.home, "|ab"),
        ("a|b", Line.end, "ab|"),
        ("one two|", Line.word_left, "one |two"),
        ("one, |two", Line.word_left, "|one, two"),
        ("|one, two", Line.word_right, "one|, two"),
        ("one|, два", Line.word_right, "one, два|"),
        ("a世|b", Line.backspace, "a|b"),
        ("|ab", Line.backspace, "|ab"),
        ("xe\u0301|", Line.backspace, "x|"),
        ("a|👩🏽‍🚀b", Line.delete, "a|b"),
        ("ab|", Line.delete, "ab|"),
        ("ab|c", Line.transpose, "acb|"),
        ("abc|", Line.transpose, "acb|"),
        ("|abc", Line.transpose, "|abc"),
        ("a|", Line.transpose, "a|"),
        ("ae\u0301|", Line.transpose, "e\u0301a|"),
        ("one two|three", Line.kill_to_start, "|three"),
        ("one two|three", Line.kill_to_end, "one two|"),
        ("one a/b  |x", Line.kill_big_word, "one |x"),
        ("one a/b|x", Line.kill_word, "one a/|x"),
        ("one| two three", Line.kill_next_word, "one| three"),
        ("a|", lambda line: line.insert("\u0301"), "a\u0301|"),
        ("|\u0301b", lambda line: line.insert("e"), "e\u0301|b"),
        ("🇷|b", lambda line: line.insert("🇺"), "🇷🇺|b"),
        ("a|🇺b", lambda line: line.insert("🇷"), "a🇷🇺|b"),
    ],
)
def test_editing(before: str, do: Callable[[Line], object], after: str) -> None:
    line = at(before)
    do(line)
    assert seen(line) == after


def test_letters_typed_into_a_row_of_flags_stay_together() -> None:
    """The first half of a flag joins the flag after it, until its own other half comes."""
    line = at("|🇩🇪🇫🇷")
    line.insert("🇷")
    assert line.clusters == ["🇷🇩", "🇪🇫", "🇷"]
    line.insert("🇺")
    assert seen(line) == "🇷🇺|🇩🇪🇫🇷"


def test_all_of_a_row_of_flags_may_change() -> None:
    line = at("|" + "🇩🇪" * 100)
    line.insert("🇷")
    assert line.clusters == ["🇷🇩", *["🇪🇩"] * 99, "🇪"]


def test_deleting_brings_two_halves_together() -> None:
    line = at("🇷x|🇺")
    line.backspace()
    assert line.clusters == ["🇷🇺"]


def test_what_was_killed_can_be_yanked() -> None:
    line = at("one two| three")
    line.kill_big_word()
    line.end()
    line.yank()
    assert seen(line) == "one  threetwo|"


def test_kills_in_a_row_are_one() -> None:
    line = at("one two three|, four")
    line.kill_word()
    line.kill_big_word()
    line.kill_to_end()
    line.yank()
    assert seen(line) == "one two three, four|"


def test_another_key_between_begins_a_new_kill() -> None:
    line = at("one two|")
    line.kill_big_word()
    line.end_kill()
    line.kill_big_word()
    line.yank()
    assert line.text == "one "


def test_the_limit_is_in_bytes() -> None:
    line = Line("x" * (LINE_BYTES - 1))
    assert not line.insert("ж")
    assert line.insert("y")
    assert not line.insert("z")
    assert len(line.text) == LINE_BYTES


def test_what_fits_goes_in() -> None:
    line = Line()
    assert not line.insert("世" * 1000)
    assert line.text == "世" * (LINE_BYTES // 3)
    line.backspace()
    assert line.insert("世")


def test_repeated_kills_do_not_grow_for_ever() -> None:
    line = Line()
    for _ in range(5):
        line.insert("x" * LINE_BYTES)
        line.kill_to_start()
    assert len(line._killed) == LINE_BYTES


DEEDS = st.one_of(
    st.sampled_from(
        [
            Line.left,
            Line.right,
            Line.home,
            Line.end,
            Line.word_left,
            Line.word_right,
            Line.backspace,
            Line.delete,
            Line.transpose,
            Line.kill_word,
            Line.kill_big_word,
            Line.yank,
        ]
    ),
    st.text(
        st.sampled_from("ab 世👨\u200d👩\ufe0f🏽🇷🇺🇩\u0301\u0335क\u094d\u093fᄀ\u1161\u11ab\u0e33"),
        max_size=50,
    ),
)


@given(st.lists(DEEDS))
def test_a_line_is_divided_as_if_it_had_been_typed_at_once(
    deeds: list[str | Callable[[Line], object]],
) -> None:
    line = Line()
    for deed in deeds:
        old, line.changed = list(line.clusters), None
        if isinstance(deed, str):
            line.insert(deed)
        else:
            deed(line)
        assert line.clusters == segmented(line.text)
        assert 0 <= line.cursor <= len(line.clusters)
        assert line._size == len(line.text.encode())
        unchanged = len(old) if line.changed is None else line.changed
        assert line.clusters[:unchanged] == old[:unchanged]


@given(st.text(), st.text(), st.text())
def test_typing_in_the_middle_is_what_it_says(before: str, typed: str, after: str) -> None:
    line = Line(before)
    middle = line.text
    line.insert(after)
    line.cursor = 0
    line.replace(0, len(line.clusters), "")
    line.insert(middle)
    for character in typed:
        line.insert(character)
    assert line.text == middle + printable(typed)
