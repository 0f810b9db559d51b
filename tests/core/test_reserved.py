"""The words that the server keeps for itself and for everybody."""

from __future__ import annotations

import pytest

from chatproto.core import names, reserved
from chatproto.core.lookalikes import looks
from chatproto.errors import NotAllowed

WORDS = " ".join(reserved.RESERVED).split()


def check(nick: str) -> None:
    reserved.check(names.nick(nick), looks(names.nick(nick)))


@pytest.mark.parametrize("word", WORDS)
def test_a_reserved_word_is_nobodys_name_in_any_case(word: str) -> None:
    for nick in (word, word.upper(), word.capitalize()):
        with pytest.raises(NotAllowed, match=f"“{nick}” is kept for the server"):
            check(nick)


@pytest.mark.parametrize(
    ("nick", "word"),
    [
        ("r00t", "root"),
        ("ɑdmin", "admin"),
        ("adrnin", "admin"),
        ("ꓮꓓꓟꓲꓠ", "admin"),
        ("ꓢꓬꓢꓔꓰꓟ", "system"),
        ("s\u0332erver", "server"),
        ("aII", "all"),
        ("ALI", "all"),  # as he may write himself who is Ali
        ("rne", "me"),
        ("BCE", "все"),
    ],
)
def test_what_looks_like_a_reserved_word_is_refused_and_says_which(nick: str, word: str) -> None:
    with pytest.raises(NotAllowed, match=f"looks like “{word}”, which is kept for the server"):
        reserved.check(nick, looks(nick))


@pytest.mark.parametrize(
    "nick",
    [
        "Adam",
        "Ali",
        "Meg",
        "Roland",
        "serverina",
        "admin2",
        "Alla",
        "Сева",
        "Яна",
        "Тёма",
        "Тут-Анх",
    ],
)
def test_other_names_are_free(nick: str) -> None:
    check(nick)


def test_every_word_can_be_a_name() -> None:
    assert [names.nick(word) for word in WORDS] == WORDS
