"""Pacing: how fast lines are read from one session: by the rate, the others from its address, their turn and the disk.

Nothing is dropped: what comes faster is not read yet.
Must not know commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.pace import Bucket, Rate
from chatproto.limits import LAST_LINES_AT_ONCE, LINES_PER_TURN, RATE_PER_SECOND
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.ports import Order
    from chatproto.valve import Valve


class Pacing:
    """The pace of one session.

    lines   how many have been taken
    paces   how fast they may come, alone and together with others: the slowest counts
    """

    __slots__ = ("_clock", "_order", "_resume", "_valve", "lines", "paces")

    def __init__(self, clock: Clock, valve: Valve, order: Order, rate: Rate | None) -> None:
        self._clock = clock
        self._valve = valve
        self._order = order
        self._resume: DelayedCall | None = None
        self.lines = 0
        self.paces: tuple[Bucket, ...] = (Bucket(rate, clock.seconds()),) if rate else ()

    def share(self, common: Bucket | None) -> Bucket | None:
        """Talk at the pace of a member's other sessions, whose bucket this is; return the bucket from now on."""
        if not self.paces:
            return common
        own, *others = self.paces
        self.paces = (common or own, *others)
        return self.paces[0]

    def take(self) -> None:
        """Count a line, and read no more for as long as it was too fast."""
        self.lines += 1
        wait = self._wait() if self.paces else 0.0
        if wait:
            self._pause(PauseReason.PACE, wait)
        elif self.lines % LINES_PER_TURN == 0:
            self._pause(PauseReason.TURN, 0)
        if self._order.is_full():
            valve = self._valve
            valve.shut(PauseReason.DISK)
            self._order.when_roomy(lambda: valve.open(PauseReason.DISK))

    def _wait(self) -> float:
        now = self._clock.seconds()
        return max(pace.take(now) for pace in self.paces)

    def _pause(self, reason: PauseReason, wait: float) -> None:
        if self._resume is None:
            self._valve.shut(reason)
            self._resume = self._clock.callLater(wait, self._go_on, reason)

    def _go_on(self, reason: PauseReason) -> None:
        self._resume = None
        self._valve.open(reason)

    def hurry(self) -> None:
        """Let the lines that wait be taken at once: as many as a peer that is gone may have left."""
        if self.paces:
            rate = Rate(LAST_LINES_AT_ONCE, RATE_PER_SECOND)
            self.paces = (Bucket(rate, self._clock.seconds()),)
        self.stop()
        self._valve.open(PauseReason.TURN)
        self._valve.open(PauseReason.PACE)

    def stop(self) -> None:
        """Wait for nothing more."""
        if self._resume:
            self._resume.cancel()
            self._resume = None
