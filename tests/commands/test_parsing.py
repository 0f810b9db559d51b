"""A line taken apart as a command's row says, and what is wrong with it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.commands.arguments import (
    AT_NICK,
    NICK,
    OWN_ROOM,
    REASON,
    TEXT,
    Argument,
    Kind,
    maybe,
)
from chatproto.commands.every import COMMANDS
from chatproto.commands.parsing import parse
from chatproto.commands.row import Command
from chatproto.errors import NotAllowed
from chatproto.language import Sentence, _

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = Argument(Kind.NUMBER, Sentence("COUNT"), most=500)
LINE = Argument(Kind.NUMBER, Sentence("#LINE"), sign="#", most=9)
SIDE = Argument(Kind.CHOICE, Sentence("SIDE"), choices=("left", "right"))
HERE = ("lobby", "garden")


def row(*arguments: Argument, any_order: bool = False) -> Command:
    nothing: Callable[..., None] = lambda *_: None  # noqa: E731
    return Command("test", (), arguments, (), _("{name}"), nothing, any_order=any_order)


@pytest.mark.parametrize(
    ("arguments", "rest", "expected"),
    [
        ((), "", []),
        ((TEXT,), "a  b", ["a  b"]),
        ((NICK, TEXT), "bob   a  b", ["bob", "a  b"]),
        ((maybe(NICK),), "", [""]),
        ((maybe(OWN_ROOM), maybe(REASON)), "", ["", ""]),
        ((maybe(OWN_ROOM), maybe(REASON)), "tea time", ["", "tea time"]),
        ((maybe(OWN_ROOM), maybe(REASON)), "#tea time", ["#tea", "time"]),
        ((maybe(OWN_ROOM), maybe(REASON)), "Garden  it rains", ["Garden", "it rains"]),
        ((maybe(LINE | AT_NICK), maybe(COUNT)), "#7", ["#7", ""]),
        ((maybe(LINE | AT_NICK), maybe(COUNT)), "@bob 5", ["@bob", "5"]),
        ((maybe(LINE | AT_NICK), maybe(COUNT)), "500", ["", "500"]),
        ((SIDE,), "LEFT", ["LEFT"]),
        ((SIDE | COUNT,), "7", ["7"]),
        ((COUNT | SIDE,), "right", ["right"]),
    ],
)
def test_each_argument_gets_its_words(
    arguments: tuple[Argument, ...], rest: str, expected: list[str]
) -> None:
    assert parse(row(*arguments), rest, HERE) == expected


def test_what_may_stand_in_any_order_is_left_as_it_stands() -> None:
    mixed = row(maybe(TEXT), maybe(AT_NICK), any_order=True)
    assert parse(mixed, "a @b  c", HERE) == ["a @b  c"]


@pytest.mark.parametrize(
    ("arguments", "rest", "sentence"),
    [
        ((TEXT,), "", "Usage: /test TEXT"),
        ((NICK, TEXT), "bob", "Usage: /test NICK TEXT"),
        ((), "x y", "That is more than /test takes: “x y”. Usage: /test"),
        ((NICK,), "bob carol", "That is more than /test takes: “carol”. Usage: /test NICK"),
        ((maybe(COUNT),), "five", "COUNT is a number from 1 to 500, not “five”."),
        ((maybe(COUNT),), "501", "COUNT is a number from 1 to 500, not “501”."),
        ((maybe(LINE | AT_NICK),), "#x", "#LINE is a number from 1 to 9, not “#x”."),
        ((maybe(LINE | AT_NICK),), "x", "That is more than /test takes: “x”. Usage: /test [#LINE|@NICK]"),
        ((SIDE,), "up", "SIDE is one of left, right, not “up”."),
        ((COUNT | SIDE,), "up", "COUNT is a number from 1 to 500, not “up”."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_is_allowed(
    arguments: tuple[Argument, ...], rest: str, sentence: str
) -> None:
    with pytest.raises(NotAllowed) as caught:
        parse(row(*arguments), rest, HERE)
    assert str(caught.value) == sentence


def test_a_sentence_repeats_no_more_than_an_excerpt() -> None:
    for arguments in ((), (COUNT,), (SIDE,)):
        with pytest.raises(NotAllowed) as caught:
            parse(row(*arguments), "x" * 2000, HERE)
        assert len(str(caught.value)) < 200


WORDS = st.lists(st.text(min_size=1, max_size=5) | st.sampled_from(["#x", "@y", "7", "lobby", "-"]))


@given(st.sampled_from(sorted(COMMANDS.commands)), WORDS)
def test_no_word_is_lost_and_none_comes_twice(name: str, words: list[str]) -> None:
    rest = " ".join(words).strip()
    with suppress(NotAllowed):
        taken = parse(COMMANDS.commands[name], rest, HERE)
        assert " ".join(taken).split() == rest.split()
