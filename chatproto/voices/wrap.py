"""Wrapping: one line into as many rows as it takes, broken at spaces, later rows indented.

Words are never torn: one that is longer than a row is left to the terminal, which wraps it by itself and so knows that
it is one word (a URL can be clicked, and is copied whole).  So a row given here may take several on the screen.
Widths are a terminal's: two cells for wide characters, none for marks.  Colour sequences take no room and are not cut.
Must not know what a line says.  Sources: UAX 11 and UAX 29, by wcwidth; ECMA-48 and xterm's ctlseqs on autowrap.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

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


class Measured(NamedTuple):
    """A line taken apart: its words and the gaps between them, and how far each is from the start.

    cells, characters   before each of the parts, and last of all before the end
    """

    parts: tuple[str, ...]
    cells: tuple[int, ...]
    characters: tuple[int, ...]


def wrap(text: str, columns: int, indent: int) -> list[str]:
    """Return the rows of a line, on a screen of that many columns; all but the first are indented."""
    if len(text) <= columns and text.isascii():
        return [text]
    columns = max(LEAST_COLUMNS, columns)
    parts, cells, characters = _measured(text)
    rows: list[str] = []
    row, used, at = "", 0, 0
    while True:
        fit = bisect_right(cells, cells[at] + columns - used) - 1
        row += text[characters[at] : characters[fit]]
        used += cells[fit] - cells[at]
        at = fit
        if at == len(parts):
            return [*rows, row] if row.strip(" ") or not rows else rows
        if parts[at][0] != " " and cells[at + 1] - cells[at] > columns - indent:
            row += parts[at]
            used = _end(parts[at], used, columns)
            at += 1
        else:
            rows.append(row.rstrip(" "))
            row, used = " " * indent, indent
            at += parts[at][0] == " "


@lru_cache(
    maxsize=256
)  # a line is wrapped for each width of screen in the room, one behind the other
def _measured(text: str) -> Measured:
    parts = tuple(_WORD.findall(text))
    cells = accumulate(map(width, parts), initial=0)
    return Measured(parts, tuple(cells), tuple(accumulate(map(len, parts), initial=0)))


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
