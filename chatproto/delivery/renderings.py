"""Renderings: what batches look like to all who read alike, made once and kept a short while.

A rendering is asked for in the fan-out, and again by those who fall behind in it: so the newest are kept, bounded in
bytes, however many ways of reading there are.  Screens of different widths share one as long as nothing wraps on them.
An event that a voice stumbles over reads as nothing: the fault is told to the operator, and the others are read.
Must not know who is reading.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from twisted.logger import Logger

from chatproto.limits import RENDERED_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Happened, Ids
    from chatproto.delivery.batch import Batch
    from chatproto.voices.voice import Voice

# A batch's index, a voice, and the reader's current room where that makes a difference.
Way: TypeAlias = "tuple[int, Voice, str]"

_log = Logger(namespace="chatproto.delivery")


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

    def lines(self, batch: Batch, voice: Voice, current: str) -> list[bytes]:
        """Return the bytes of each event, for a reader whose current room is `current`."""
        return self._rendering(batch, voice, current).lines

    def whole(self, batch: Batch, voice: Voice, current: str) -> bytes:
        """Return all of it: the same object for everybody who reads it in this way."""
        return self._rendering(batch, voice, current).whole

    def _rendering(self, batch: Batch, voice: Voice, current: str) -> Rendering:
        current = current if current in batch.rooms else ""
        way = batch.index, self._shared(batch, voice, current), current
        if way in self._kept:
            self._kept.move_to_end(way)
            return self._kept[way]
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
            self._widths[way] = _width(wide, batch.events, current)
        return wide if self._widths[way] <= voice.columns else voice

    def _keep(self, way: Way, rendering: Rendering) -> None:
        self._kept[way] = rendering
        self.bytes += _size(rendering)
        while self.bytes > self._most and len(self._kept) > 1:
            _way, oldest = self._kept.popitem(last=False)
            self.bytes -= _size(oldest)


def _width(voice: Voice, events: Sequence[Happened], current: str) -> int:
    """Return the columns that events take; more than any screen has when the voice stumbles over one."""
    try:
        return voice.width(events, current)
    except Exception:  # noqa: BLE001 - told when it is rendered
        return sys.maxsize


def _size(rendering: Rendering) -> int:
    return 2 * len(rendering.whole) + _OBJECT_BYTES * len(rendering.lines)


_OBJECT_BYTES = 48  # a bytes object, and its place in a list


def rendered(
    voice: Voice, events: Sequence[Happened], current: str, ids: Ids = (), nick: str = ""
) -> list[bytes]:
    """Return the bytes of each event, for the member of that id; empty for one that cannot be rendered."""
    try:
        return voice.render(events, current, ids, nick)
    except Exception:  # noqa: BLE001 - whatever it is, the others are to be read
        if len(events) == 1:
            _log.failure("{voice!r} cannot render {event!r}", voice=voice, event=events[0])
            return [b""]
        return [rendered(voice, [event], current, ids, nick)[0] for event in events]
