"""Fitting: how many rows lines take on a screen, and how many of them fit.

Must not know events.
"""

from __future__ import annotations

from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from chatproto.voices.wrap import width

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows_of(lines: bytes, columns: int) -> int:
    """Return the rows that lines take on a screen of so many columns, which wraps what is wider."""
    return sum(max(1, -(-width(line) // columns)) for line in lines.decode().splitlines())


def last_that_fit(lines: Sequence[bytes], columns: int, room: int) -> Sequence[bytes]:
    """Return the last lines that take no more than `room` rows together."""
    used = accumulate(rows_of(line, columns) for line in reversed(lines))
    fit = sum(1 for _ in takewhile(lambda total: total <= room, used))
    return lines[len(lines) - fit :]
