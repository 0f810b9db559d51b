"""What of the log has surely arrived at a peer, so that a member whose connection breaks goes on after it.

A network that goes in silence takes what is sent until the break is known.  So no more counts as arrived than what was
brought HEARD_SECONDS before the last sign of life.
Must not know doors, sockets or commands.
"""

from __future__ import annotations

from typing import Final

from chatproto.limits import HEARD_SECONDS

_NEVER: Final = float("-inf")


class Arrived:
    """How far a peer has surely read.

    seq   of the last event that has arrived
    """

    __slots__ = ("_brought", "_heard", "seq")

    def __init__(self, seq: int) -> None:
        self.seq = self._brought = seq
        self._heard = _NEVER

    def note_heard(self, now: float, brought: int) -> None:
        """Take note of a sign of life, when the peer has been brought the event of that seq."""
        if now >= self._heard + HEARD_SECONDS:
            self._heard = now
            self.seq, self._brought = self._brought, brought
