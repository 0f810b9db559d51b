"""What a key brings about while a line is composed, without a screen."""

from __future__ import annotations

import pytest

from chatproto.terminal.completion import Words
from chatproto.terminal.composing import Composing
from chatproto.terminal.events import Cleared, Left, Submitted
from chatproto.terminal.keys import Key, Pasted, Stroke, Typed
from chatproto.terminal.modes import Effect, Next, Noticed, Opened, Refused
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.question import Question
from chatproto.terminal.search import Search


@pytest.fixture
def composing() -> Composing:
    return Composing("> ", Words(nicks=lambda: ["anna"]), Phrases())


def pressed(composing: Composing, *strokes: Stroke) -> list[Effect]:
    return [effect for stroke in strokes for effect in composing.press(stroke)]


def test_enter_submits_and_leaves_an_empty_line(composing: Composing) -> None:
    assert pressed(composing, Typed("hi"), Key.ENTER) == [Submitted("hi")]
    assert composing.line.text == ""


@pytest.mark.parametrize(
    ("key", "empty"),
    [
        (Key.END_OF_INPUT, Left()),
        (Key.INTERRUPT, Noticed("^D or /quit leaves")),
        (Key.REDRAW, Cleared()),
        (Key.CANCEL, Refused()),
        (Key.NONSENSE, Refused()),
        (Key.UP, Refused()),
        (Key.DOWN, Refused()),
    ],
)
def test_in_an_empty_line(composing: Composing, key: Key, empty: Effect) -> None:
    assert pressed(composing, key) == [empty]


def test_a_search_and_a_question_are_opened(composing: Composing) -> None:
    searched, asked = pressed(composing, Key.SEARCH, Pasted("x\n" * 6))
    assert isinstance(searched, Opened)
    assert isinstance(searched.mode, Search)
    assert isinstance(asked, Opened)
    assert isinstance(asked.mode, Question)


def test_a_short_paste_is_typed(composing: Composing) -> None:
    (effect,) = pressed(composing, Pasted("x\ny"))
    assert isinstance(effect, Next)
    assert list(effect.strokes) == [Typed("x"), Key.ENTER, Typed("y")]


def test_a_password_is_neither_shown_nor_recalled_nor_completed(composing: Composing) -> None:
    composing.mask(masked=True)
    pressed(composing, Typed("an"))
    assert composing.view() == ("> ", (), 0, 0)
    assert pressed(composing, Key.TAB, Key.SEARCH, Key.UP) == [Refused()] * 3
    assert pressed(composing, Key.ENTER) == [Submitted("an")]
    composing.mask(masked=False)
    assert pressed(composing, Key.UP) == [Refused()]


def test_a_view_counts_as_shown(composing: Composing) -> None:
    pressed(composing, Typed("ab"))
    assert composing.view() == ("> ", ["a", "b"], 2, 0)
    assert composing.view() == ("> ", ["a", "b"], 2, None)
