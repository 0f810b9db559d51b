"""Wrapping: one line into as many rows as it takes, broken at spaces, later rows indented.

Words are never torn: one that is longer than a row is left to the terminal, which wraps it by itself and so knows that
it is one word (a URL can be clicked, and is copied whole).  So a row given here may take several on the screen.
Widths are a terminal's: two cells for wide characters, none for marks.  Colour sequences take no room and are not cut.
Must not know what a line says.  Sources: UAX 11 and UAX 29, by wcwidth; ECMA-48 and xterm's ctlseqs on autowrap.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from wcwidth import iter_graphemes, wcswidth

LEAST_COLUMNS: Final = 20
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_WORD: Final = re.compile(r"(?:\x1b\[[0-9;]*m|[^ \x1b])+| +")


def width(text: str) -> int:
    """Give the cells that a text takes; colours take none."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if text.isascii():
        return len(text)
    return max(0, wcswidth(text))


def wrap(text: str, columns: int, indent: int) -> list[str]:
    """Give the rows of a line, on a screen of that many columns; all but the first are indented."""
    if len(text) <= columns and text.isascii():
        return [text]
    columns = max(LEAST_COLUMNS, columns)
    rows: list[str] = []
    row, used = [""], 0
    for word, size in _measured(text):
        if used + size <= columns:
            used += size
        elif word[0] != " " and size > columns - indent:
            used = _end(word, used, columns)
        else:
            rows.append("".join(row).rstrip(" "))
            row, used = [" " * indent], indent
            if word[0] == " ":
                continue
            used += size
        row.append(word)
    last = "".join(row)
    return [*rows, last] if last.strip(" ") or not rows else rows


@lru_cache(
    maxsize=256
)  # a line is wrapped for each width of screen in the room, one behind the other
def _measured(text: str) -> tuple[tuple[str, int], ...]:
    """Return the words and the gaps of a line, each with its cells."""
    return tuple((word, width(word)) for word in _WORD.findall(text))


def _end(word: str, used: int, columns: int) -> int:
    """Give how much of its last row is used behind a word that the terminal wraps."""
    plain = _COLOUR.sub("", word)
    if plain.isascii():
        return (used + len(plain) - 1) % columns + 1
    for grapheme in iter_graphemes(plain):
        size = width(grapheme)
        if used + size > columns:  # no character is halved: a wide one leaves a gap
            used = 0
        used += size
    return used
