"""Cleaning: what one member may put on the screen of another.

Text comes in as bytes from any peer and leaves as text that moves no cursor, hides nothing, reorders nothing and
piles up nowhere.  Cleaning clean text changes nothing.
Must not know members or doors.
Sources: ECMA-48 (control sequences), UTS 39 and UAX 9 (what hides and reorders), UTS 51 (emoji), RFC 5892 A.1-2
(where joiners are spelling), CVE-2021-42574 (bidirectional overrides).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from chatproto.errors import NotAllowed, TooLong
from chatproto.language import _
from chatproto.limits import CLEANING_PASSES, EXCERPT_LENGTH, LINE_BYTES, MARKS_PER_BASE

# CSI, OSC/DCS/SOS/PM/APC up to their end, and two-byte escapes; in their 7-bit and 8-bit forms.
_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)

# What never passes: controls but TAB; bidirectional marks, embeddings, overrides and isolates;
# fillers, joiners and other characters without a shape; selectors of other styles; noncharacters; tags.
_DROPPED: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
# The same beyond the first plane, apart because it makes the search ten times slower.
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
_DROPPED_BEYOND: Final = re.compile(
    "[\U000e0000-\U000e0fff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_LINE_BREAKS: Final = re.compile("[\u2028\u2029]")

_ZWNJ: Final = "\u200c"
_JOINERS: Final = f"{_ZWNJ}\u200d"  # and ZWJ
_EMOJI_STYLE: Final = "\ufe0f"
_SELECTORS: Final = f"\ufe0e{_EMOJI_STYLE}"  # text style, emoji style
_SHAPELESS: Final = _JOINERS + _SELECTORS
_DELICATE: Final = re.compile(f"[{_SHAPELESS}]")

# Emoji are symbols (So), the skin tones (Sk) after them, keycaps, and four that are no symbols elsewhere.
_KEYCAPS: Final = frozenset("0123456789#*")
_KEYCAP: Final = "\u20e3"
_ALSO_EMOJI: Final = frozenset("\u203c\u2049\u2139\u3030")  # ‼ ⁉ ℹ 〰
_SYMBOLS: Final = frozenset({"So", "Sk", "Sm", "Cn"})
_VIRAMA: Final = 9  # canonical combining class
_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_FIRST_MARK: Final = "\u0300"  # no character before it is a mark


def clean(text: str) -> str:
    """Return the text without anything that could harm a reader; "" when nothing is left.

    The result is NFC, without trailing white space, and a fixed point: `clean(clean(x)) == clean(x)`.
    """
    if text.isascii() and text.isprintable():
        return text.rstrip()
    text = _without_controls(text).rstrip()
    if text.isascii():
        return text
    text = _cap_marks(text)  # first, because normalizing sorts a pile of marks one by one
    # A joiner that is taken out lets marks meet and change places, which may leave another without a place.
    for _number in range(CLEANING_PASSES):
        if _DELICATE.search(text):
            text = _keep_joiners_in_place(text)
        if unicodedata.is_normalized("NFC", text):
            return text.rstrip()
        text = _normalized(text)
    # No spelling takes so many: without what is delicate nothing is left to be taken out.
    return _normalized(_DELICATE.sub("", text)).rstrip()


def _without_controls(text: str) -> str:
    text = _LINE_BREAKS.sub(" ", _SEQUENCES.sub("", text))
    text = _DROPPED.sub("", text)
    return _DROPPED_BEYOND.sub("", text) if _BEYOND.search(text) else text


def _normalized(text: str) -> str:
    return _cap_marks(unicodedata.normalize("NFC", text))


def _keep_joiners_in_place(text: str) -> str:
    """Return a text without joiners and selectors that join or select nothing."""
    kept: list[str] = []
    before = ""  # the last character that was kept
    start = place = 0  # of what is kept, and after the last joiner or selector
    for found in _DELICATE.finditer(text):
        here = found.start()
        if here > place:
            before = text[here - 1]
        place = here + 1
        belongs = _belongs(text[here], before, text[place : place + 1])
        if belongs or (belongs is None and _is_arabic(_letter(text, here))):
            before = text[here]
        else:
            kept.append(text[start:here])
            start = place
    return "".join([*kept, text[start:]])


@lru_cache(maxsize=2048)  # most lines have the same few, and every pass over a line has
def _belongs(char: str, before: str, after: str) -> bool | None:
    """Return whether a joiner or selector does something between two others.

    Return None when the letter under the marks decides: for a ZWNJ before an Arabic one.
    """
    if char in _SELECTORS:
        return _selects(before, after)
    if not before:
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True  # spelling, even at the end: Malayalam writes a chillu so
    if not after:
        return False
    if char == _ZWNJ:  # spelling in the Arabic scripts
        return _is_arabic(before) or None if _is_arabic(after) else False
    return (before == _EMOJI_STYLE or _is_symbol(before)) and _is_symbol(after)


def _selects(before: str, after: str) -> bool:
    if before in _KEYCAPS:
        return after == _KEYCAP
    return before in _ALSO_EMOJI or _is_symbol(before)


def _letter(text: str, here: int) -> str:
    """Return the letter before a place, without what is on it; a space when there is none."""
    while here:
        here -= 1
        char = text[here]
        if not unicodedata.combining(char) and char not in _SHAPELESS:
            return char
    return " "


def _is_arabic(char: str) -> bool:
    return unicodedata.bidirectional(char) == "AL"


def _is_symbol(char: str) -> bool:
    return char > "\x7f" and unicodedata.category(char) in _SYMBOLS


def _cap_marks(text: str) -> str:
    """Return a text with at most MARKS_PER_BASE marks on a base, and none where there is no base."""
    kept: list[str] = []
    marks = MARKS_PER_BASE  # a mark at the very start would sit on what stands before the text
    for char in text:
        if char < _FIRST_MARK or char.isalnum():  # at once, for what most text is made of
            marks = 0
        elif char in _JOINERS:  # no base: a pile would go on after it
            pass
        elif unicodedata.category(char) not in _MARKS:
            marks = 0
        elif char not in _SELECTORS:
            marks += 1
            if marks > MARKS_PER_BASE:
                continue
        kept.append(char)
    return "".join(kept)


def excerpt(text: str) -> str:
    """Return as much of a text as an answer repeats of it."""
    return text if len(text) <= EXCERPT_LENGTH else f"{text[:EXCERPT_LENGTH]}…"


def decode(line: bytes) -> str:
    """Return one line of UTF-8 as clean text.

    Raise TooLong over LINE_BYTES, NotAllowed for what is not UTF-8 (RFC 3629): the line is not cut and not guessed at.
    """
    if len(line) > LINE_BYTES:
        raise TooLong(
            _(
                "That line has {seen} bytes; the most is {most}. It was not sent.",
                seen=len(line),
                most=LINE_BYTES,
            )
        )
    try:
        return clean(line.decode())
    except UnicodeDecodeError as error:
        raise NotAllowed(
            _(
                "That line is not UTF-8 (byte {place} is {byte}). It was not sent.",
                place=error.start + 1,
                byte=f"0x{line[error.start]:02x}",
            )
        ) from error
