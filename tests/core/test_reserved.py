"""The words that the server keeps for itself and for all members."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from babel.messages.pofile import read_po

from chatproto.commands.every import COMMANDS
from chatproto.core import names, reserved
from chatproto.core.lookalikes import looks
from chatproto.errors import NotAllowed
from chatproto.language import LANGUAGES, LOCALE, language

if TYPE_CHECKING:
    from collections.abc import Iterator

# What each member is told on coming or going.
GREETINGS: Final = (
    "Welcome to {title}.",
    "Your name: ",
    "You are {nick}. /help lists the commands.",
    "You are in #{room} with {names}.",
    "Goodbye.",
    "The server is going down. Goodbye.",
)
SHORT: Final = 3  # letters: an article or a preposition, which may be a name, and tells nothing

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
        ("ALI", "all"),  # as a member called Ali may write the name
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


# -- our own notices --------------------------------------------------------------------------------


def sentences() -> Iterator[tuple[str, str]]:
    """Return every sentence that we say: as it stands in the source, and in each language."""
    for code in set(LANGUAGES) - {"en"}:
        with (LOCALE / code / "LC_MESSAGES" / "chatproto.po").open("rb") as file:
            for message in read_po(file):
                ids, strings = forms(message.id), forms(message.string)
                yield from ((ids[0], said) for said in ids + strings if ids[0])


def forms(said: Any) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,)


def labels() -> set[str]:
    """Return the words that stand before a colon at the head of something that is said."""
    said = (
        said for _source, said in sentences() if "%(" not in said
    )  # but not in a command's --help
    found = {label[1] for one in said if (label := re.match(r"(\w+):", one))}
    return found | {
        language(code).read(one.title) for code in LANGUAGES for one in COMMANDS.subjects
    }


def openings() -> set[str]:
    """Return the words with which people are greeted, and told goodbye."""
    said = {said for source, said in sentences() if source in GREETINGS}
    assert len(said) == len(GREETINGS) * len(LANGUAGES)
    words = {re.findall(r"\w+", one)[0] for one in said}
    return {word for word in words if len(word) > SHORT}


def is_reserved(word: str) -> bool:
    return names.key(word) in {names.key(one) for one in WORDS}


def test_nobody_is_called_as_our_notices_begin() -> None:
    """`Topic: roses`, said by a member called Topic, is the notice letter for letter."""
    found = {word for word in labels() | openings() if " " not in word}
    assert {"Topic", "Тема", "Usage", "Использование", "People", "Welcome", "Добро"} <= found
    assert sorted(word for word in found if not is_reserved(word)) == []


@pytest.mark.parametrize(
    "nick", ["Topic", "ToPic", "TOPlC", "room", "Help", "тема", "Комната", "люди", "рут"]
)
def test_what_the_server_speaks_of_speaks_not(nick: str) -> None:
    with pytest.raises(NotAllowed, match="kept for the server"):
        check(nick)


@pytest.mark.parametrize(
    "nick", ["Page", "Ha", "To", "He", "Tema", "Тёма", "Temka", "Roman", "Гоша"]
)
def test_words_that_merely_begin_a_sentence_are_free(nick: str) -> None:
    """`Ha` and `To` look like Russian words with which our sentences begin."""
    check(nick)
