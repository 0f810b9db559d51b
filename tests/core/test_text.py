"""What passes from one person to another person's screen."""

from __future__ import annotations

import unicodedata
from unittest.mock import Mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproto.core import text
from chatproto.core.text import clean, decode
from chatproto.errors import NotAllowed, TooLong
from chatproto.limits import CLEANING_PASSES, EXCERPT_LENGTH, LINE_BYTES, MARKS_PER_BASE

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
    assert clean(plain) == text._normalized(text._without_controls(plain)).rstrip()


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
        "بِ‌بین",  # the same after a vowel sign
        "क्‍ष क्‌ष",  # Devanagari: ZWJ and ZWNJ after a virama
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


@pytest.mark.parametrize("nothing", ["", "\u064e", "\u0301\ufe0f"])
def test_a_joiner_behind_nothing_is_dropped(nothing: str) -> None:
    assert clean(f"{nothing}\u200cم") == "م"


# -- the work it takes: bounded, whatever is in a line ----------------------------------------------

# What costs most: units, and how often each comes in a line of some length.
WORST: dict[str, list[tuple[str, int]]] = {
    "joiners that look for a letter far away": [("م", 1), ("\u064e", 300), ("\u200c", 450)],
    "Arabic": [("م\u064e\u200c", 290)],
    "Devanagari": [("क" + "\u094d\u200d\u0301\u0345" * 8, 20)],
    "emoji": [("👩\u200d", 290)],
    "a pile": [("a", 1), ("\u0301\u0316", 500)],
    "four passes": [("\u0143👩\u0301\ufe0f\ufe0e\u094d\u200d\u094d\u200d\u0947\u1100=\u200c", 50)],
}


def line_of(units: list[tuple[str, int]], scale: int = 1) -> str:
    return "".join(unit * (times * scale) for unit, times in units)


@pytest.mark.parametrize("kind", WORST)
def test_twice_as_long_is_twice_the_work(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    line = line_of(WORST[kind])
    once = looked_up(monkeypatch, line)
    twice = looked_up(monkeypatch, line_of(WORST[kind], 2))
    assert 0 < twice <= 2.5 * once
    assert once <= 12 * len(line)


def looked_up(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    """Return how many characters were looked up to clean a line."""
    known = Mock(wraps=unicodedata)
    monkeypatch.setattr(text, "unicodedata", known)
    clean(line)
    return len(known.method_calls)


@given(ANYTHING)
def test_a_line_is_gone_through_a_few_times_and_no_more(dirty: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        go = Mock(wraps=text._keep_joiners_in_place)
        patch.setattr(text, "_keep_joiners_in_place", go)
        normalize = Mock(wraps=text._normalized)
        patch.setattr(text, "_normalized", normalize)
        clean(dirty)
    assert go.call_count <= CLEANING_PASSES
    assert normalize.call_count <= CLEANING_PASSES + 1


@pytest.mark.parametrize("kind", ["م\u064e\u200c", "क\u094d\u200d", "👩\u200d", "❤\ufe0f"])
def test_what_is_normalized_is_gone_through_once(kind: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        go = Mock(wraps=text._cap_marks)
        patch.setattr(text, "_cap_marks", go)
        clean(kind * 100)
    assert go.call_count == 1


def test_what_never_settles_is_clean_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "CLEANING_PASSES", 1)
    cleaned = clean(line_of(WORST["four passes"]))
    assert not set(cleaned) & set(JOINERS_AND_SELECTORS)
    assert text._normalized(cleaned) == cleaned
    assert clean(cleaned) == cleaned


def test_no_pile_of_marks_is_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Mock(wraps=unicodedata)
    monkeypatch.setattr(text, "unicodedata", known)
    clean(line_of(WORST["a pile"]))
    piles = [call.args[1] for call in known.normalize.call_args_list]
    assert piles
    assert all(len(pile) <= 1 + MARKS_PER_BASE for pile in piles)


def test_an_answer_repeats_no_more_than_an_excerpt() -> None:
    assert text.excerpt("я" * EXCERPT_LENGTH) == "я" * EXCERPT_LENGTH
    assert text.excerpt("я" * 2000) == "я" * EXCERPT_LENGTH + "…"


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
