"""A pasted block: its lines, whether to ask before they are sent, and how to recognise one without marks.

Must not know modes or screens.

Source: irssi asks before more than five lines (`paste_verify_line_count`), and takes lines that
come faster than a person types for a paste (`paste_detect_time`). As typed, the text after the
last line end stays in the line; weechat sends it too if it had to ask, and so do we.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from chatproto.limits import LINE_BYTES
from chatproto.terminal.keys import BEGIN_MARK, END_MARK, PASTE_LIMIT, Key, Stroke, Typed

if TYPE_CHECKING:
    from collections.abc import Iterator

UNASKED_LINES: Final = 5
"""Lines sent without a question: irssi's default."""

_LINE_OR_END: Final = re.compile(r"[^\n]+|\n")
# What a terminal makes of pasted text: no keys, and CR (the Enter key's) at the ends of lines.  LF
# alone comes from a file or a program, which answers no question.
_TEXT: Final = re.compile(rb"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_LONGEST_CHARACTER: Final = 4  # bytes of UTF-8 (RFC 3629)
_SEVERAL_LINES: Final = re.compile(rb"\r\n?[^\r\n]")


def is_text(data: bytes) -> bool:
    """Return whether the bytes hold no key but letters, Tab and Enter."""
    return _TEXT.fullmatch(data) is not None


def seems_pasted(data: bytes) -> bool:
    """Return whether what came at once is more than a person types at once: text after an Enter."""
    return _SEVERAL_LINES.search(data) is not None and is_text(data)


def marked(text: bytes) -> bytes:
    """Return a text with the marks that a terminal puts around a paste."""
    return BEGIN_MARK + text + END_MARK


def cut_off(data: bytes) -> bytes:
    """Return the beginning of a UTF-8 character with which the data ends: more must come."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    decoder.decode(data[-_LONGEST_CHARACTER:])
    return decoder.getstate()[0]


class Block:
    """Lines that were ended, and what stands after the last of them."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def count(self) -> int:
        """Return how many lines it is, the last one ended or not."""
        return self._text.count("\n") + (not self._is_ended)

    @property
    def needs_asking(self) -> bool:
        """Return whether it is more than may be sent by mistake."""
        return self.count > UNASKED_LINES

    @property
    def overflows(self) -> bool:
        """Return whether a line is longer than can be typed."""
        return any(len(line.encode()) > LINE_BYTES for line in self._text.split("\n"))

    def extend(self, text: str) -> bool:
        """Add what was pasted next, if there is room for all of it; return whether there was."""
        room = PASTE_LIMIT - len(self._text.encode())
        fits = len(text.encode()) <= room
        if fits:
            self._text += text
        return fits

    def strokes(self, *, asked: bool) -> Iterator[Stroke]:
        """Return the keys that would type it."""
        for piece in _LINE_OR_END.finditer(self._text):
            yield Key.ENTER if piece[0] == "\n" else Typed(piece[0])
        if asked and not self._is_ended:
            yield Key.ENTER

    @property
    def _is_ended(self) -> bool:
        return not self._text or self._text.endswith("\n")
