"""Cleaning: what one person may put on another person's screen.

Text comes in as bytes from anybody and leaves as text that moves no cursor, hides nothing, reorders nothing and
piles up nowhere.  Cleaning clean text changes nothing.
Must not know where the text came from or goes to.
Sources: ECMA-48 (control sequences), UTS 39 and UAX 9 (what hides and reorders), UTS 51 (emoji), RFC 5892 A.1-2
(where joiners are spelling), CVE-2021-42574 (bidirectional overrides).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chatproto.core.limits import LINE_BYTES, MARKS_PER_BASE
from chatproto.errors import NotAllowed, TooLong
from chatproto.language import _

# CSI, OSC/DCS/SOS/PM/APC up to their end, and two-byte escapes; in their 7-bit and 8-bit forms.
_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)

# What never passes: controls but TAB; bidirectional marks, embeddings, overrides and isolates;
# fillers, joiners and other characters without a shape; noncharacters; tags.
_DROPPED: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e0fff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
    "|["
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_LINE_BREAKS: Final = re.compile("[\u2028\u2029]")

_JOINERS: Final = "\u200c\u200d"  # ZWNJ, ZWJ
_SELECTORS: Final = "\ufe0e\ufe0f"  # text style, emoji style
_OTHER_SELECTORS: Final = re.compile("[\ufe00-\ufe0d]")
_DELICATE: Final = re.compile(f"[{_JOINERS}{_SELECTORS}]")

# Emoji are symbols (So), the skin tones (Sk) behind them, keycaps, and four that are no symbols elsewhere.
_KEYCAPS: Final = frozenset("0123456789#*")
_KEYCAP: Final = "\u20e3"
_ALSO_EMOJI: Final = frozenset("\u203c\u2049\u2139\u3030")  # ‼ ⁉ ℹ 〰
_VIRAMA: Final = 9  # canonical combining class


def clean(text: str) -> str:
    """Give the text without anything that could harm a reader; "" when nothing is left.

    The result is NFC, without trailing white space, and a fixed point: `clean(clean(x)) == clean(x)`.
    """
    if text.isascii() and text.isprintable():
        return text.rstrip()
    # Taking one thing out can bring two others together, so until nothing changes.
    while (cleaner := _pass(text)) != text:
        text = cleaner
    return text


def _pass(text: str) -> str:
    text = _SEQUENCES.sub("", text)
    text = _LINE_BREAKS.sub(" ", text)
    text = _OTHER_SELECTORS.sub("", _DROPPED.sub("", text))
    if not text.isascii():
        if _DELICATE.search(text):
            text = _keep_joiners_in_place(text)
        text = _cap_marks(unicodedata.normalize("NFC", text))
    return text.rstrip()


def _keep_joiners_in_place(text: str) -> str:
    """Drop joiners and selectors that join or select nothing."""
    kept: list[str] = []
    for here, char in enumerate(text):
        before = kept[-1] if kept else ""
        after = text[here + 1 : here + 2]
        if char in _SELECTORS and not _selects(before, after):
            continue
        if char in _JOINERS and not _joins(char, kept, after):
            continue
        kept.append(char)
    return "".join(kept)


def _selects(before: str, after: str) -> bool:
    if before in _KEYCAPS:
        return after == _KEYCAP
    return before in _ALSO_EMOJI or _is_symbol(before)


def _joins(char: str, kept: list[str], after: str) -> bool:
    """Tell whether a joiner here is spelling (Indic, Arabic scripts) or holds an emoji together."""
    before = kept[-1] if kept else ""
    if before and unicodedata.combining(before) == _VIRAMA:
        return True  # even at the end: Malayalam writes a chillu so
    if not before or not after:
        return False
    if char == "\u200c":
        return unicodedata.bidirectional(_letter(kept)) == "AL" == unicodedata.bidirectional(after)
    return (before == "\ufe0f" or _is_symbol(before)) and _is_symbol(after)


def _letter(kept: list[str]) -> str:
    """Give the last letter, without the vowel signs on it."""
    return next((char for char in reversed(kept) if not unicodedata.combining(char)), "")


def _is_symbol(char: str) -> bool:
    return bool(char) and char > "\x7f" and unicodedata.category(char) in {"So", "Sk", "Sm", "Cn"}


def _cap_marks(text: str) -> str:
    """Keep at most MARKS_PER_BASE marks on a base, and none where there is no base."""
    kept: list[str] = []
    marks = MARKS_PER_BASE  # a mark at the very start would sit on what stands before the text
    for char in text:
        if char in _JOINERS:  # no base: a pile would go on behind it
            pass
        elif unicodedata.category(char)[0] != "M":
            marks = 0
        elif char not in _SELECTORS:
            marks += 1
            if marks > MARKS_PER_BASE:
                continue
        kept.append(char)
    return "".join(kept)


def decode(line: bytes) -> str:
    """Read one line of UTF-8 and clean it.

    Raises TooLong over LINE_BYTES, NotAllowed for what is not UTF-8 (RFC 3629): the line is not cut and not guessed at.
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
