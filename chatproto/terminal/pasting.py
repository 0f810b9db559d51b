"""A pasted block: which lines of it are sent, and whether the person is asked first.

Must not know: how it is asked, what is done with a line.

Source: irssi asks before more than five lines (`paste_verify_line_count`). As typed, the text
behind the last line end stays in the line; weechat sends it too if it had to ask, and so do we.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatproto.terminal.keys import Key, Stroke, Typed
from chatproto.terminal.line import LINE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

UNASKED_LINES: Final = 5
"""Lines sent without a question: irssi's default."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that were ended, and what stands behind the last of them."""

    lines: tuple[str, ...]
    rest: str

    @classmethod
    def of(cls, text: str) -> Block:
        """Take a paste apart."""
        *lines, rest = text.split("\n")
        return cls(tuple(lines), rest)

    @property
    def count(self) -> int:
        """How many lines it is, the last one ended or not."""
        return len(self.lines) + bool(self.rest)

    @property
    def needs_asking(self) -> bool:
        """Whether it is too much to be sent by mistake."""
        return self.count > UNASKED_LINES

    @property
    def overflows(self) -> bool:
        """Whether a line is longer than can be typed."""
        return any(len(line.encode()) > LINE_LIMIT for line in (*self.lines, self.rest))

    def strokes(self, *, asked: bool) -> Iterator[Stroke]:
        """Give the keys that would type it."""
        for line in self.lines:
            if line:
                yield Typed(line)
            yield Key.ENTER
        if self.rest:
            yield Typed(self.rest)
            if asked:
                yield Key.ENTER
