"""Names: what a person or a room may be called, and when two names are the same.

A nick keeps its spelling; its `key` is what is the same in any case, and no two members share one.  Which names only
look the same is chatproto.core.lookalikes' to say.
A name is also clean as chatproto.core.text has it: no more marks on a letter than a line may have.
A nick has no letters of phonetic, technical or obsolete writing, of which many look like letters that people are called
by (ɐ, ʇ, ꜱ); a rare letter, or one of a script that few write, may stand in a nick.
It is measured before anything else is done with it: RFC 8266 takes microseconds for a name and milliseconds for a line.
Must not know members.
Sources: RFC 8266 (nicknames, by precis-i18n), UTS 39 (one script per name; 3.1, Identifier_Type, in
chatproto.core.technical).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from precis_i18n import get_profile

from chatproto.core import technical
from chatproto.core.scripts import told
from chatproto.core.text import clean
from chatproto.errors import NotAllowed
from chatproto.language import Sentence, _
from chatproto.limits import NICK_LENGTH, ROOM_LENGTH

_NICKNAME: Final = get_profile("NicknameCasePreserved")

_ASCII_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", re.ASCII)

_NOBODYS: Final = technical.read()

# Scripts that are written together: Japanese, Korean, Chinese with its phonetic letters.
_TOGETHER: Final = (
    {"CJK", "HIRAGANA", "KATAKANA"},
    {"CJK", "HANGUL"},
    {"CJK", "BOPOMOFO"},
)

# The most characters that normalizing makes one of: a Greek letter with its three signs.
_COMPOSED_MOST: Final = 4


class _Naming(NamedTuple):
    """What is said of a name that will not do, by what it is the name of.

    most      characters it may have
    joint     what several words are joined with
    others    the rules, each with what was seen: `one_word` with what to try
    """

    most: int
    joint: str
    empty: Sentence
    too_long: Sentence
    one_word: Sentence
    beginning: Sentence
    character: Sentence
    alphabet: Sentence


_NICK: Final = _Naming(
    NICK_LENGTH,
    "_",
    _("A name has at least one letter."),
    _("That name has {seen} characters; the most is {most}."),
    _("A name is one word: try {suggestion}."),
    _("A name begins with a letter, a digit or _, not with “{seen}”."),
    _("A name has letters, digits and any of _ . - but no “{seen}”."),
    _("A name keeps to one alphabet; “{seen}” mixes {scripts}."),
)
_ROOM: Final = _Naming(
    ROOM_LENGTH,
    "-",
    _("A room's name has at least one letter."),
    _("That room's name has {seen} characters; the most is {most}."),
    _("A room's name is one word: try #{suggestion}."),
    _("A room's name begins with a letter, a digit or _, not with “{seen}”."),
    _("A room's name has letters, digits and any of _ . - but no “{seen}”."),
    _("A room's name keeps to one alphabet; “{seen}” mixes {scripts}."),
)


def nick(text: str) -> str:
    """Return the nick that `text` asks for, spelled as RFC 8266 spells it.

    Raise NotAllowed, saying which rule it breaks.
    """
    text = text.strip()
    if len(text) <= NICK_LENGTH and _ASCII_NAME.fullmatch(text):
        return text
    name = _checked(_prepared(text, _NICK), _NICK)
    if seen := next((char for char in name if char in _NOBODYS), None):
        raise NotAllowed(
            _("“{seen}” is a phonetic, technical or obsolete character. Choose a name without it.",
              seen=_shown(seen))
        )  # fmt: skip
    return name


def key(name: str) -> str:
    """Return what is the same for two spellings of one name, in any case."""
    return unicodedata.normalize("NFKC", name.casefold())


def wanted(text: str) -> str:
    """Return the key of the nick that `text` stands for.

    Raise NotAllowed when it is longer than any nick.
    """
    if len(text) > NICK_LENGTH:
        _measure(text, _NICK)
    return key(text)


def room(text: str) -> str:
    """Return the name of the room that `text` asks for: folded, without the `#`.

    Raise NotAllowed, saying which rule it breaks.
    """
    text = text.strip().removeprefix("#")
    if len(text) <= ROOM_LENGTH and _ASCII_NAME.fullmatch(text):
        return text.lower()
    name = key(_prepared(text, _ROOM))
    _check_length(len(name), _ROOM)
    return _checked(name, _ROOM)


def _prepared(text: str, naming: _Naming) -> str:
    if not text:
        raise NotAllowed(naming.empty)
    _measure(text, naming)
    try:
        return str(_NICKNAME.enforce(text))
    except UnicodeEncodeError as error:
        raise _no_such(str(error.object)[error.start], naming) from error


def _measure(text: str, naming: _Naming) -> None:
    """Raise NotAllowed when the name that `text` becomes is too long."""
    seen = len(text)
    if seen <= naming.most * _COMPOSED_MOST:
        seen = len(" ".join(unicodedata.normalize("NFKC", text).split()))
    _check_length(seen, naming)


def _check_length(seen: int, naming: _Naming) -> None:
    if seen > naming.most:
        raise NotAllowed(naming.too_long.filled(seen=seen, most=naming.most))


def _no_such(char: str, naming: _Naming) -> NotAllowed:
    return NotAllowed(naming.character.filled(seen=_shown(char)))


def _shown(char: str) -> str:
    """Return what shows a character to people: itself, or its number when it cannot be seen alone."""
    shows = char.isprintable() and unicodedata.category(char)[0] != "M"
    return char if shows else f"U+{ord(char):04X}"


def _checked(name: str, naming: _Naming) -> str:
    """Return a name that keeps to the rules.  Raise NotAllowed; for several words, with how they may be joined."""
    if " " in name:
        suggestion = _checked(name.replace(" ", naming.joint), naming)
        raise NotAllowed(naming.one_word.filled(suggestion=suggestion))
    for char in name:
        if not (unicodedata.category(char)[0] in "LMN" or char in "_.-"):
            raise _no_such(char, naming)
    if not (name[0].isalnum() or name[0] == "_"):
        raise NotAllowed(naming.beginning.filled(seen=name[0]))
    if (cleaned := clean(name)) != name:
        pairs = enumerate(zip(name, cleaned, strict=False))
        place = next((place for place, (a, b) in pairs if a != b), len(cleaned))
        raise _no_such(name[place], naming)
    scripts = {script for char in name if (script := _script(char))}
    if len(scripts) > 1 and not any(scripts <= kin for kin in _TOGETHER):
        raise NotAllowed(naming.alphabet.filled(seen=name, scripts=told(scripts)))
    return name


def _script(char: str) -> str:
    """Return the script of a letter, by the first word of its Unicode name; "" for digits and marks.

    The standard library has no script property; the first word tells apart every script in use.
    """
    if unicodedata.category(char)[0] != "L":
        return ""
    word = unicodedata.name(char, "UNKNOWN").split(" ")[0].split("-")[0]
    return "CJK" if word == "IDEOGRAPHIC" else word  # 々, as in 佐々木
