"""Pace: how fast a member may talk, and how often something may be done.

    Bucket   fills with time, and is emptied by what is done
    Window   slides: so many within so long

Must not know members or the clock (the time is passed in).
Source: the token bucket of RFC 2698, with one colour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many per second."""

    burst: int
    per_second: float

    def times(self, count: int) -> Rate:
        """Return the rate that so many members have together."""
        return Rate(self.burst * count, self.per_second * count)


class Bucket:
    """An allowance at one rate."""

    __slots__ = ("_at", "_left", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._left = float(rate.burst)
        self._at = now

    def take(self, now: float, amount: float = 1.0) -> float:
        """Take one, or so many; return the seconds to wait before the next may be taken, 0.0 for none."""
        # A clock that jumps back must not punish, nor one that jumps ahead give more than a burst.
        since = max(0.0, now - self._at)
        self._at = now
        self._left = min(self.rate.burst, self._left + since * self.rate.per_second) - amount
        return max(0.0, (1.0 - self._left) / self.rate.per_second)

    def wait(self, now: float) -> float:
        """Return the seconds to wait before the next may be taken, without taking one."""
        return self.take(now, 0.0)


class Window:
    """So many within so long, whenever that began: for what is done seldom, and may be done all at once."""

    __slots__ = ("_seconds", "_times", "most")

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self._seconds = seconds
        self._times: list[float] = []  # in order

    def wait(self, now: float) -> float:
        """Return the seconds until one more may be done; 0.0 when it is now."""
        self._forget(now)
        if len(self._times) < self.most:
            return 0.0
        return self._seconds - (now - self._times[0])

    def take(self, now: float) -> None:
        """Count one more."""
        self._forget(now)
        self._times.append(now)

    def give_back(self) -> None:
        """Take back the last one that was counted."""
        if self._times:
            self._times.pop()

    def _forget(self, now: float) -> None:
        """Forget what was done too long ago, or, by a clock that was set back, has not been done yet."""
        times = self._times
        while times and times[-1] > now:
            times.pop()
        old = (place for place, time in enumerate(times) if now - time < self._seconds)
        del times[: next(old, len(times))]
