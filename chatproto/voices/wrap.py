"""Wrapping: one line into as many rows as it takes, broken at spaces, later rows indented.

Words are never torn: one that is longer than a row is left to the terminal, which wraps it by itself and so knows that
it is one word (a URL can be clicked, and is copied whole).  So one of our rows may take several on the screen.
Widths are a terminal's: two cells for wide characters, none for marks.  Colour sequences take no room and are not cut.
Must not know events.  Sources: UAX 11 and UAX 29, by wcwidth; ECMA-48 and xterm's ctlseqs on autowrap.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from wcwidth import iter_graphemes, wcswidth

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_COLUMNS: Final = 20
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
# What may take two cells, or stand together with others that take some: all but the alphabets that are written letter
# by letter (up to Arabic, without its signs before numbers; further Latin and Greek) and general punctuation.
_UNEVEN: Final = re.compile(
    "[^\0-\u05ff\u0606-\u06dc\u06de-\u070e\u0710-\u087f\u1e00-\u200c\u200e-\u205f]"
)
_WORD: Final = re.compile(r"(?:\x1b\[[0-9;]*m|[^ \x1b])+| +")


def width(text: str) -> int:
    """Return the cells that a text takes; colours take none."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if text.isascii():
        return len(text)
    return max(0, wcswidth(text))


class Measured(NamedTuple):
    """Where the words and gaps of a line begin, in cells and in characters; last of all, where it ends."""

    cells: Sequence[int]
    characters: Sequence[int]


def wrap(text: str, columns: int, indent: int) -> list[str]:
    """Return the rows of a line, on a screen of that many columns; all but the first are indented."""
    if len(text) <= columns and text.isascii():
        return [text]
    columns = max(LEAST_COLUMNS, columns)
    cells, characters = _measured(text)
    rows: list[str] = []
    row, used, at = "", 0, 0
    while True:
        fit = bisect_right(cells, cells[at] + columns - used, at) - 1
        here = characters[fit]
        row += text[characters[at] : here]
        used += cells[fit] - cells[at]
        at = fit
        if here == len(text):
            return [*rows, row] if row.strip(" ") or not rows else rows
        if text[here] != " " and cells[at + 1] - cells[at] > columns - indent:
            at += 1
            row += text[here : characters[at]]
            used = _end(text[here : characters[at]], used, columns)
        else:
            rows.append(row.rstrip(" "))
            row, used = " " * indent, indent
            at += text[here] == " "


# A line is wrapped for each width of screen in the room, one after the other.  In arrays: the worst line has two
# thousand parts, whose numbers would take eighty kilobytes each way.
@lru_cache(maxsize=256)
def _measured(text: str) -> Measured:
    parts = _WORD.findall(text)
    cells = accumulate(map(width, parts), initial=0)
    return Measured(array("I", cells), array("I", accumulate(map(len, parts), initial=0)))


def _end(word: str, used: int, columns: int) -> int:
    """Return how much of the last row is used after a word that the terminal wraps."""
    clusters = _clusters(word)
    cells, last = clusters[-1], len(clusters) - 1
    if cells == last:
        return (used + cells - 1) % columns + 1
    at = 0
    while clusters[at] + columns - used < cells:  # no character is halved: a wide one leaves a gap
        fit = bisect_right(clusters, clusters[at] + columns - used, at) - 1
        at, used = max(fit, at + (used == 0)), 0
    return used + cells - clusters[at]


@lru_cache(maxsize=256)
def _clusters(word: str) -> Sequence[int]:
    """Return where the characters of a word begin, in cells, and where it ends."""
    plain = _COLOUR.sub("", word)
    if not _UNEVEN.search(plain):
        return range(width(plain) + 1)
    return array("I", accumulate(map(width, iter_graphemes(plain)), initial=0))
