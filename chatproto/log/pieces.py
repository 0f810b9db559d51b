"""Pieces: what is read of an archive at once, bounded in lines and in bytes.

Must not know the archive or SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.queries import Piece
from chatproto.limits import CATCH_UP_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Event


def piece(events: Iterable[Event], upto: int, limit: int) -> Piece:
    """Return the next piece of the events, which come in order and end at number `upto`."""
    taken: list[Event] = []
    size = 0
    for event in events:
        size += len(event.text.encode())
        if taken and (size > CATCH_UP_BYTES or len(taken) >= limit):
            return Piece(taken, taken[-1].seq)
        taken.append(event)
    return Piece(taken, upto)
