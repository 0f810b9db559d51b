"""Renderings: what batches look like to all readers that read alike, made once and kept a short while.

A rendering is asked for in the fan-out, and again by readers that fall behind in it: so the newest are kept, bounded in
bytes, however many ways of reading there are.  Screens of different widths share one as long as nothing wraps on them.
Must not know readers.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from chatproto.delivery.rendered import rendered
from chatproto.limits import RENDERED_BYTES

if TYPE_CHECKING:
    from chatproto.delivery.batch import Batch
    from chatproto.voices.voice import Voice

# A batch's index, a voice, and the reader's current room where that makes a difference.
Way: TypeAlias = "tuple[int, Voice, str]"

_OBJECT_BYTES: Final = 48  # a bytes object, and its place in a list


class Rendering(NamedTuple):
    """One batch in one way of reading: each event, and all of them as they go to the screen."""

    lines: list[bytes]
    whole: bytes


class Renderings:
    """The newest renderings.

    most   how many bytes they hold together; the one asked for is made, however long
    """

    def __init__(self, most: int = RENDERED_BYTES) -> None:
        self.bytes = 0
        self._most = most
        self._kept: OrderedDict[Way, Rendering] = OrderedDict()
        self._widths: dict[Way, int] = {}  # columns that a batch takes; for the newest batch alone
        self._newest = 0
        self._last = 0  # the batch that was rendered last

    def of(self, batch: Batch, voice: Voice, current: str) -> Rendering:
        """Return a batch as it reads in this voice where the current room is `current`: one object for all readers."""
        current = current if current in batch.rooms else ""
        way = batch.index, self._shared(batch, voice, current), current
        if known := self._kept.get(way):
            if batch.index != self._last:  # else it is among the newest anyway
                self._kept.move_to_end(way)
            return known
        self._last = batch.index
        lines = rendered(way[1], batch.events, current)
        rendering = Rendering(lines, voice.frame(b"".join(lines)))
        self._keep(way, rendering)
        return rendering

    def _shared(self, batch: Batch, voice: Voice, current: str) -> Voice:
        """Return the voice that reads the same to all whose screens are as wide as this needs."""
        wide = voice.wide
        if wide is voice:
            return voice
        if batch.index != self._newest:
            self._widths.clear()
            self._newest = batch.index
        way = batch.index, wide, current
        if way not in self._widths:
            try:
                self._widths[way] = wide.width(batch.events, current)
            except Exception:  # noqa: BLE001 - told when it is rendered
                self._widths[way] = sys.maxsize
        return wide if self._widths[way] <= voice.columns else voice

    def _keep(self, way: Way, rendering: Rendering) -> None:
        self._kept[way] = rendering
        self.bytes += _size(rendering)
        while self.bytes > self._most and len(self._kept) > 1:
            _way, oldest = self._kept.popitem(last=False)
            self.bytes -= _size(oldest)


def _size(rendering: Rendering) -> int:
    return 2 * len(rendering.whole) + _OBJECT_BYTES * len(rendering.lines)
