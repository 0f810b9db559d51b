"""What people and rooms may be called, and which names are the same."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatproto.core import names
from chatproto.core.text import clean
from chatproto.errors import NotAllowed
from chatproto.limits import NICK_LENGTH, ROOM_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

# Any text, and text that is nearly a name.
WISHES = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["L", "M", "N"]), max_size=40),
    st.text(
        st.sampled_from("aZé_-.:#@*[/ \tяЯй中あア々한أب\u0301\u094dकǅßıİſΣς１ＡⅣ"), max_size=12
    ),
)


def nick_or_none(wish: str) -> str | None:
    try:
        return names.nick(wish)
    except NotAllowed:
        return None


@given(WISHES)
@example("a" + "\u0301" * 20)
def test_a_nick_is_a_fixed_point_and_clean(wish: str) -> None:
    nick = nick_or_none(wish)
    assume(nick is not None)
    assert nick is not None
    assert names.nick(nick) == nick
    assert clean(nick) == nick
    assert 1 <= len(nick) <= NICK_LENGTH


@given(WISHES)
def test_no_nick_reads_like_anything_but_a_nick(wish: str) -> None:
    nick = nick_or_none(wish)
    assume(nick is not None)
    assert nick is not None
    assert nick[0] not in "*[#-/"
    assert not set(nick) & set(": \t@")


@given(WISHES)
def test_a_rooms_name_is_a_fixed_point_with_or_without_its_mark(wish: str) -> None:
    try:
        room = names.room(wish)
    except NotAllowed:
        assume(False)
    assert names.room(room) == names.room(f"#{room}") == room


@given(WISHES)
def test_the_same_name_in_another_case_has_the_same_key(wish: str) -> None:
    nick = nick_or_none(wish)
    assume(nick is not None)
    assert nick is not None
    assert names.key(nick) == names.key(nick.casefold())


@pytest.mark.parametrize(
    "name",
    [
        "alice", "Bob_2", "guest-1", "a.b", "_", "7even",
        "Маша", "Ёжик-7", "Олексій", "Ђорђе",
        "Ελένη", "José", "Nguyễn", "Müller", "Łukasz",
        "Ţepeş", "Алексѣй", "Ἀλέξης", "əli", "ᏣᎳᎩ",
        "佐々木", "さくら", "サクラちゃん", "東京タワー", "김철수", "金철수", "محمد", "שרה", "राम", "สมชาย",
    ],
)  # fmt: skip
def test_names_in_any_one_alphabet_are_ordinary(name: str) -> None:
    assert names.nick(name) == name


@pytest.mark.parametrize(
    ("wish", "name"), [("  alice ", "alice"), ("ａｌｉｃｅ", "alice"), ("Jose\u0301", "José")]
)
def test_a_nick_is_spelled_as_rfc_8266_spells_it(wish: str, name: str) -> None:
    assert names.nick(wish) == name


@pytest.mark.parametrize("name", ["аlice", "Пeтя", "αlpha", "аライス", "Маша中"])
def test_two_alphabets_in_one_name_are_refused(name: str) -> None:
    with pytest.raises(NotAllowed, match="keeps to one alphabet"):
        names.nick(name)


def test_which_alphabets_were_mixed_is_told() -> None:
    with pytest.raises(NotAllowed, match="“аlice” mixes Cyrillic and Latin"):
        names.nick("аlice")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("a:b", ":"),
        ("a@b", "@"),
        ("a/b", "/"),
        ("hi!", "!"),
        ("rose🌹", "🌹"),
        ("a\u200bb", "U\\+200B"),
        ("a\u202eb", "U\\+202E"),
        ("a\x1bb", "U\\+001B"),
        ("a\ud800", "U\\+D800"),
        ("ﬃ\ue000", "U\\+E000"),  # the place is counted in the name as RFC 8266 spells it
        ("é" + "\u0301" * 9, "U\\+0301"),
    ],
)
def test_a_character_that_names_have_not_is_named(name: str, seen: str) -> None:
    with pytest.raises(NotAllowed, match=f"but no “{seen}”"):
        names.nick(name)


@pytest.mark.parametrize(
    ("name", "seen"),
    [("ɐlice", "ɐ"), ("ʇom", "ʇ"), ("ꜱam", "ꜱ"), ("aǀice", "ǀ"), ("a\u0330lice", "U\\+0330"), ("ᴫ", "ᴫ")],
)  # fmt: skip
def test_phonetic_letters_are_in_no_name(name: str, seen: str) -> None:
    with pytest.raises(
        NotAllowed, match=f"^“{seen}” is a phonetic, technical or obsolete character"
    ):
        names.nick(name)


def test_a_room_that_is_there_can_still_be_entered_whatever_it_is_written_in() -> None:
    assert names.room("#ɐttic") == "ɐttic"


@pytest.mark.parametrize("name", [".a", "-a", "\u0301a"])
def test_a_name_begins_with_a_letter_a_digit_or_an_underscore(name: str) -> None:
    with pytest.raises(NotAllowed, match="begins with"):
        names.nick(name)


@pytest.mark.parametrize("name", ["", "  ", "\t", "\u3000"])
def test_nothing_is_no_name(name: str) -> None:
    with pytest.raises(NotAllowed, match="at least one letter"):
        names.nick(name)


def test_a_name_of_two_words_is_answered_with_one() -> None:
    with pytest.raises(NotAllowed, match="try mary_ann"):
        names.nick("mary   ann")
    with pytest.raises(NotAllowed, match="but no “!”"):
        names.nick("mary ann!")
    with pytest.raises(NotAllowed, match="try #green-room"):
        names.room("#Green Room")


def test_a_name_may_be_so_long_and_no_longer() -> None:
    assert names.nick("я" * NICK_LENGTH)
    assert names.room("a" * ROOM_LENGTH)
    with pytest.raises(NotAllowed, match="has 33 characters; the most is 32"):
        names.nick("a" * 33)
    with pytest.raises(NotAllowed, match="has 65 characters; the most is 64"):
        names.room("a" * 65)


def test_a_rooms_name_is_folded() -> None:
    assert names.room("#Garden") == names.room("GARDEN") == "garden"
    assert names.room("#Кухня") == "кухня"


@pytest.mark.parametrize(
    ("one", "other"),
    [("alice", "ALICE"), ("Маша", "МАША"), ("Straße", "STRASSE"), ("ａlice", "Alice")],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert names.key(names.nick(one)) == names.key(names.nick(other))


@pytest.mark.parametrize(
    ("one", "other"), [("alice", "alicia"), ("Маша", "Даша"), ("coco", "сосо"), ("alice", "AIice")]
)
def test_names_that_differ_have_two_keys(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


# -- length before work -----------------------------------------------------------------------------

GROWS = "\ufdfa"  # NFKC makes eighteen characters of it


@pytest.mark.parametrize(
    ("prepare", "most"),
    [(names.nick, NICK_LENGTH), (names.room, ROOM_LENGTH)],
    ids=["nick", "room"],
)
@pytest.mark.parametrize("length", [2, 33, 128, 670], ids=str)
def test_what_is_too_long_is_refused_before_it_is_prepared(
    monkeypatch: pytest.MonkeyPatch, prepare: Callable[[str], str], most: int, length: int
) -> None:
    prepared = Mock()
    monkeypatch.setattr(names, "_NICKNAME", prepared)
    with pytest.raises(NotAllowed, match=rf"has \d+ characters; the most is {most}"):
        prepare(GROWS * (length * most // NICK_LENGTH))
    assert not prepared.mock_calls


@pytest.mark.parametrize("ask", [names.nick, names.room, names.wanted])
def test_nothing_long_is_normalized(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], str]
) -> None:
    known = Mock(wraps=unicodedata)
    monkeypatch.setattr(names, "unicodedata", known)
    with pytest.raises(NotAllowed):
        ask(GROWS * 670)
    assert not known.mock_calls


def test_a_name_that_becomes_short_enough_is_taken() -> None:
    apart = unicodedata.normalize("NFD", "ᾧ" * NICK_LENGTH)
    assert len(apart) == 4 * NICK_LENGTH
    assert names.nick(apart) == "ᾧ" * NICK_LENGTH
    assert names.wanted(apart) == names.key("ᾧ" * NICK_LENGTH)


def test_a_wanted_nick_is_found_in_any_case_and_spelling() -> None:
    assert names.wanted("ＡＬＩＣＥ") == names.key("alice")


@given(st.from_regex(r"#?[A-Za-z0-9_][A-Za-z0-9_.\-]{0,70}", fullmatch=True))
def test_the_short_way_for_ascii_comes_to_the_same_as_the_long_one(text: str) -> None:
    for read in (names.nick, names.room):
        short = _read(read, text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(names, "_ASCII_NAME", re.compile(r"(?!)"))
            assert short == _read(read, text)


def _read(read: Callable[[str], str], text: str) -> str:
    try:
        return read(text)
    except NotAllowed as error:
        return str(error)
