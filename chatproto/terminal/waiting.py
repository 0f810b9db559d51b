"""What was pressed and not looked at yet: bytes that came, and the keys made of some of them.

Must not know modes.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Final

from chatproto.limits import LINE_BYTES
from chatproto.terminal.keys import EDITING, PASTE_LIMIT, Keys, Stroke, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BYTES_AT_ONCE: Final = LINE_BYTES
"""Bytes made into keys at once: a key is a hundred times as large as the byte it was."""

UNREAD_LIMIT: Final = 4 * PASTE_LIMIT
"""Bytes not yet made into keys; a door that reads no more while keys wait never has as many."""


class WaitingKeys:
    """A queue of keys, in the order in which they are to be looked at."""

    def __init__(self) -> None:
        self._keys = Keys()
        self._unread = b""  # what came, and has not been made into keys
        self._strokes: deque[Stroke] = deque()
        self._first: Iterator[Stroke] | None = None  # put back, or of a paste: before the others

    def __bool__(self) -> bool:
        """Return whether there is anything left to look at."""
        return bool(self._first or self._strokes or self._unread)

    @property
    def is_pasting(self) -> bool:
        """Return whether a paste was begun, by its mark, that has not ended."""
        return self._keys.is_pasting_after(self._unread)

    def receive(self, data: bytes) -> bool:
        """Add the bytes that came, as far as there is room; return whether all went in."""
        room = UNREAD_LIMIT - len(self._unread)
        self._unread += data[:room]
        return len(data) <= room

    def read_on(self) -> None:
        """Make some of the bytes into keys, when no keys are left."""
        while self._unread and not self._strokes:
            piece, self._unread = self._unread[:BYTES_AT_ONCE], self._unread[BYTES_AT_ONCE:]
            self._strokes += self._keys.receive(piece)

    def next(self) -> Stroke | None:
        """Remove and return the next key, or None if there is none."""
        if self._first:
            for stroke in self._first:
                return stroke
            self._first = None
        return self._strokes.popleft() if self._strokes else None

    def put_first(self, strokes: Iterable[Stroke]) -> None:
        """Put keys before all others."""
        self._first = chain(strokes, self._first or ())

    def take_bytes(self) -> bytes:
        """Remove everything; return the bytes it may have come as, but for the keys that only edit."""
        strokes = [*(self._first or ()), *self._strokes]
        taken = b"".join(map(spelt, strokes)) + self._keys.take_rest()
        taken += self._unread.translate(None, EDITING)
        self._strokes.clear()
        self._first, self._unread = None, b""
        return taken
