"""The question about a paste, without a screen."""

from __future__ import annotations

import pytest

from chatproto.terminal.keys import PASTE_LIMIT, Key, Pasted, Stroke, Typed
from chatproto.terminal.modes import REFUSED, Closed, Next, Refused
from chatproto.terminal.pasting import Block
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.question import Question


def question(text: str = "one\ntwo") -> Question:
    return Question(Block(text), Phrases())


def answered(*strokes: Stroke) -> tuple[list[object], list[Stroke]]:
    """Return what the answers bring about, and the keys to come next."""
    asked = question()
    effects = [effect for stroke in strokes for effect in asked.press(stroke)]
    following = [stroke for one in effects if isinstance(one, Next) for stroke in one.strokes]
    return [effect for effect in effects if not isinstance(effect, Next)], following


def test_yes_types_the_lines_and_then_what_stands_behind_the_answer() -> None:
    lines = [Typed("one"), Key.ENTER, Typed("two"), Key.ENTER]
    assert answered(Typed("y")) == ([Closed()], lines)
    assert answered(Typed("Yes")) == ([Closed()], [*lines, Typed("es")])


def test_no_types_what_stands_behind_the_answer_alone() -> None:
    assert answered(Typed("n")) == ([Closed()], [])
    assert answered(Typed("no")) == ([Closed()], [Typed("o")])


def test_other_letters_are_refused_up_to_the_answer() -> None:
    assert answered(Typed("xz")) == ([Refused()], [])
    assert answered(Typed("xn")) == ([Refused(), Closed()], [])


@pytest.mark.parametrize("key", [Key.INTERRUPT, Key.CANCEL, Key.END_OF_INPUT])
def test_giving_up_means_no(key: Key) -> None:
    assert answered(key) == ([Closed()], [])


def test_another_key_is_refused() -> None:
    assert question().press(Key.ENTER) == REFUSED


def test_what_is_pasted_meanwhile_is_asked_about_too() -> None:
    asked = question()
    assert asked.view() == ("Send 2 lines? (y/n) ", (), 0, 0)
    assert not asked.press(Pasted("\nthree\n"))
    assert asked.count == 3
    assert asked.press(Pasted("x" * PASTE_LIMIT)) == REFUSED
    assert asked.count == 3
