"""How many bytes are read from one connection: it is read no faster than a person types or pastes.

Lines have a pace of their own; keys, negotiations and packets that never become a line have none but this.  Nothing is
dropped: what comes faster waits in the kernel, and then at the peer.
Must not know sessions or members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core.pace import Bucket, Rate
from chatproto.limits import INPUT_BURST, INPUT_BYTES_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import Clock, DelayedCall

_INPUT: Final = Rate(INPUT_BURST, INPUT_BYTES_PER_SECOND)


class Intake:
    """Pauses the reading from one connection when it was too much, and lets it go on."""

    __slots__ = ("_bucket", "_clock", "_later", "_pause", "_resume")

    def __init__(self, clock: Clock, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._clock = clock
        self._pause = pause
        self._resume = resume
        self._bucket: Bucket | None = None
        self._later: DelayedCall | None = None

    def take(self, count: int) -> None:
        """Note that so many bytes have come."""
        if not count:
            return
        now = self._clock.seconds()
        if self._bucket is None:
            self._bucket = Bucket(_INPUT, now)
        wait = self._bucket.take(now, count)
        if wait and self._later is None:
            self._pause()
            self._later = self._clock.callLater(wait, self._go_on)

    def _go_on(self) -> None:
        self._later = None
        self._resume()

    def stop(self) -> None:
        """Note that the connection is gone: nothing more comes, and what has come need not wait."""
        if self._later:
            self._later.cancel()
            self._go_on()
