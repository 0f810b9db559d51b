"""Wrapping: one line into as many rows as it takes, broken at spaces, later rows indented.

Widths are a terminal's: two cells for wide characters, none for marks.  Colour sequences take no room and are not cut.
Must not know what a line says.  Sources: UAX 11 and UAX 29, by wcwidth.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wcwidth import iter_graphemes, wcswidth

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_COLUMNS: Final = 20
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_WORD: Final = re.compile(r"(?:\x1b\[[0-9;]*m|[^ \x1b])+| +")


def width(text: str) -> int:
    """Give the cells that a text takes; colours take none."""
    text = _COLOUR.sub("", text)
    if text.isascii():
        return len(text)
    return max(0, wcswidth(text))


def wrap(text: str, columns: int, indent: int) -> list[str]:
    """Give the rows of a line that is `columns` wide at the most; all but the first are indented."""
    if len(text) <= columns and text.isascii():
        return [text]
    columns = max(LEAST_COLUMNS, columns)
    rows, row, used = [], "", 0
    for word in _WORD.findall(text):
        size = width(word)
        if used + size > columns and word.isspace():
            rows.append(row)
            row, used = " " * indent, indent
            continue
        if used + size > columns and used > indent:
            rows.append(row.rstrip(" "))
            row, used = " " * indent, indent
        if used + size > columns:
            for piece in _pieces(word, columns - used, columns - indent):
                if row.strip(" "):
                    rows.append(row)
                    row = " " * indent
                row += piece
            used = width(row)
            continue
        row, used = row + word, used + size
    return [*rows, row] if row.strip(" ") or not rows else rows


def _pieces(word: str, first: int, others: int) -> Iterator[str]:
    """Cut a word that is longer than a row, between the characters a reader sees."""
    piece, used, room = "", 0, max(first, 2)
    for part in re.split(r"(\x1b\[[0-9;]*m)", word):
        if part.startswith("\x1b"):
            piece += part
            continue
        for grapheme in iter_graphemes(part):
            size = width(grapheme)
            if used + size > room and piece:
                yield piece
                piece, used, room = "", 0, others
            piece, used = piece + grapheme, used + size
    if piece:
        yield piece
