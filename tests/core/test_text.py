"""What passes from one person to another person's screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproto.core import text
from chatproto.core.limits import LINE_BYTES, MARKS_PER_BASE
from chatproto.core.text import clean, decode
from chatproto.errors import NotAllowed, TooLong

JOINERS_AND_SELECTORS = "\u200c\u200d\ufe0e\ufe0f"
REORDERS = [
    chr(code) for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
]
HIDES = [
    "\u00ad",
    "\u200b",
    "\u2060",
    "\u2064",
    "\ufeff",
    "\u3164",
    "\u115f",
    "\U000e0041",
    "\u180e",
]

# Any text, and text in which what is dangerous comes thick and fast.
DANGEROUS = st.text(
    st.sampled_from(
        [
            *REORDERS, *HIDES, *JOINERS_AND_SELECTORS,
            "\x1b", "[", "]", "P", "\\", ";", "m", "\x07", "\x9b", "\x9c", "\x9d", "\x90", "\x00",
            "\t", "\x7f", "\x85", "\u2028", "\ud800", "\uffff", " ", "\u00a0",
            "a", "e", "1", "#", "é", "\u0301", "\u0345", "\u20e3", "\u0e47",
            "क", "\u094d", "م", "\u064e", "й", "ё", "👩", "🏽", "♂", "❤", "ℹ", "🇩", "∑", "中",
        ]
    )
)  # fmt: skip
ANYTHING = st.one_of(st.text(st.characters(codec=None)), DANGEROUS)  # surrogates too


@given(ANYTHING)
@example("a\u094d" + "\u200d\u0301\u094d" * 20)
def test_clean_text_can_do_no_harm(dirty: str) -> None:
    cleaned = clean(dirty)
    assert not [
        char
        for char in cleaned
        if (unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} and char != "\t")
        or char in REORDERS
        or char in HIDES
    ]
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.rstrip()


@given(ANYTHING)
@example("क" + "\u094d\u200d" * 40)
def test_no_letter_bears_a_pile_of_marks(dirty: str) -> None:
    marks = MARKS_PER_BASE  # at the start there is nothing to bear one
    for char in clean(dirty):
        if unicodedata.category(char)[0] == "M" and char not in JOINERS_AND_SELECTORS:
            marks += 1
            assert marks <= MARKS_PER_BASE
        elif char not in JOINERS_AND_SELECTORS:
            marks = 0


@given(ANYTHING)
def test_no_joiner_or_selector_stands_alone(dirty: str) -> None:
    cleaned = clean(dirty)
    for place, char in enumerate(cleaned):
        if char in JOINERS_AND_SELECTORS:
            assert place > 0
            assert cleaned[place - 1] not in "\u200c\u200d\t "
            assert not cleaned[place - 1].isascii() or cleaned[place + 1] == "\u20e3"


@given(ANYTHING)
def test_cleaning_clean_text_changes_nothing(dirty: str) -> None:
    cleaned = clean(dirty)
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_ascii_takes_the_fast_path_to_the_same_end(plain: str) -> None:
    assert clean(plain) == text._pass(plain)


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;2;255;0;0mred", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;your new title\x07text", "text"),
        ("\x1b]8;;http://evil/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9d0;title\x9ctext", "text"),
        ("\x1bPq#0~~\x1b\\text", "text"),
        ("\x1b_apc\x1b\\\x1b^pm\x1b\\text", "text"),
        ("\x1b(0lqqk\x1b(B", "lqqk"),
        ("\x1bcreset", "reset"),
        ("\x1b[2J\x1b[H\x1b[?25lhidden", "hidden"),
        ("an end without an end\x1b]0;title", "an end without an end"),
    ],
)
def test_escape_sequences_vanish_whole(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize("char", [*REORDERS, *HIDES, "\x00", "\x08", "\r", "\n", "\x7f", "\x85"])
def test_what_hides_or_reorders_is_dropped(char: str) -> None:
    assert clean(f"pay{char}pal") == "paypal"


def test_a_line_separator_becomes_a_space() -> None:
    assert clean("one\u2028two\u2029three") == "one two three"


def test_a_tab_is_text() -> None:
    assert clean("a\tb") == "a\tb"


@pytest.mark.parametrize(
    "written",
    [
        "👨‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "🏃🏽‍♂️",
        "❤️‍🔥",
        "🏳️‍🌈",
        "🏴‍☠️",
        "🇩🇪🇺🇦",
        "1️⃣#️⃣*️⃣",
        "☺️ and ☺︎",
        "ℹ️ ‼️ ⁉️ 〰️ ©️ ™️ Ⓜ️ ㊗️",
    ],
)
def test_emoji_survive(written: str) -> None:
    assert clean(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "می‌خواهم",  # Persian: ZWNJ between letters
        "بِ‌بین",  # the same behind a vowel sign
        "क्‍ष क्‌ष",  # Devanagari: ZWJ and ZWNJ behind a virama
        "ශ්‍රී ලංකා",  # Sinhala
        "അവന്‍",  # Malayalam: a chillu at the end
        "Việt Nam",
        "שָׁלוֹם",
        "Привет, ёжик и йод",
        "日本語",
        "ไทยที่นี่",
    ],
)
def test_spelling_survives(written: str) -> None:
    assert clean(written) == unicodedata.normalize("NFC", written)


@pytest.mark.parametrize(
    "hidden",
    ["a\u200db", "a\u200cb", "a\ufe0fb", "1\ufe0f0", "Привет\u200c", "\u200d😀", "😀\u200d"],
)
def test_joiners_and_selectors_without_a_purpose_are_dropped(hidden: str) -> None:
    assert clean(hidden) == "".join(char for char in hidden if char not in JOINERS_AND_SELECTORS)


def test_a_pile_of_marks_is_cut_down() -> None:
    assert clean("x" + "\u0336" * 50) == "x" + "\u0336" * MARKS_PER_BASE


def test_a_mark_at_the_start_is_dropped() -> None:
    assert clean("\u0301\u0301a") == "a"


def test_a_line_of_utf8_is_decoded_and_cleaned() -> None:
    assert decode("Привет\x1b[0m ".encode()) == "Привет"


def test_the_longest_line_is_taken() -> None:
    assert len(decode(b"x" * LINE_BYTES)) == LINE_BYTES


def test_a_longer_line_is_refused_with_both_numbers() -> None:
    with pytest.raises(TooLong, match=r"has 2049 bytes; the most is 2048"):
        decode(b"x" * (LINE_BYTES + 1))


@pytest.mark.parametrize(
    ("line", "place", "byte"),
    [
        (b"caf\xe9", 4, "0xe9"),
        (b"\xff", 1, "0xff"),
        (b"ab\xc0\x80", 3, "0xc0"),  # NUL, too long
        (b"\xed\xa0\x80", 1, "0xed"),  # a surrogate
    ],
)
def test_what_is_not_utf8_is_refused_with_the_byte(line: bytes, place: int, byte: str) -> None:
    with pytest.raises(NotAllowed, match=rf"byte {place} is {byte}"):
        decode(line)


@given(st.binary(max_size=LINE_BYTES + 10))
def test_no_bytes_do_more_than_be_refused(line: bytes) -> None:
    try:
        decoded = decode(line)
    except (NotAllowed, TooLong):
        return
    assert clean(decoded) == decoded
