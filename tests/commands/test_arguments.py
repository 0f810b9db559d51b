"""How a command is given, as its row's arguments say."""

from __future__ import annotations

import pytest

from chatproto.commands.arguments import (
    AT_NICK,
    NICK,
    OWN_ROOM,
    REASON,
    TEXT,
    Argument,
    Kind,
    maybe,
    usage_of,
)
from chatproto.language import Sentence, language

PAGE = Argument(Kind.NUMBER, Sentence("PAGE"))
OPTION = Argument(Kind.OPTION, Sentence("OPTION"))
VALUE = Argument(Kind.VALUE, Sentence("VALUE"))


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        ((), ""),
        ((TEXT,), "TEXT"),
        ((NICK | OWN_ROOM, TEXT), "NICK|#ROOM TEXT"),
        ((maybe(OWN_ROOM), maybe(REASON)), "[#ROOM] [REASON]"),
        ((maybe(NICK), maybe(TEXT)), "[NICK [TEXT]]"),
        ((maybe(OPTION), maybe(VALUE), maybe(PAGE)), "[OPTION [VALUE [PAGE]]]"),
        ((maybe(AT_NICK | OWN_ROOM), maybe(PAGE)), "[@NICK|#ROOM] [PAGE]"),
        ((maybe(AT_NICK | NICK), maybe(PAGE)), "[@NICK|NICK [PAGE]]"),
        ((NICK, maybe(PAGE)), "NICK [PAGE]"),
    ],
)
def test_what_may_be_left_out_stands_in_brackets(
    arguments: tuple[Argument, ...], usage: str
) -> None:
    assert str(usage_of(arguments)) == usage


def test_in_any_order_each_has_brackets_of_its_own() -> None:
    assert str(usage_of((maybe(TEXT), maybe(AT_NICK)), any_order=True)) == "[TEXT] [@NICK]"


def test_it_is_read_in_a_language() -> None:
    usage = usage_of((NICK | OWN_ROOM, maybe(TEXT)))
    assert language("ru").read(usage) == "ИМЯ|#КОМНАТА [ТЕКСТ]"
