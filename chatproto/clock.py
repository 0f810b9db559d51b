"""The clock: what time it is, and calls for later.  Each part that needs a clock is given one.

    Clock         what the parts are given
    DelayedCall   a call that will be made later, and can be cancelled until then
    WallClock     the time of day, and the reactor's calls

Must not know anything else of ours or the reactor (it is passed in).
Source: twisted.internet.interfaces.IReactorTime and IDelayedCall, of which this is the part in use.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class DelayedCall(Protocol):
    """A call that will be made later."""

    def cancel(self) -> object:
        """Cancel it: it is not made."""


class Clock(Protocol):
    """What time it is, and what to do later."""

    def seconds(self) -> float:
        """Return the seconds since 1970."""

    def callLater(self, delay: float, call: Callable[..., object], /, *args: object) -> DelayedCall:
        """Call in so many seconds; 0 is in the next turn of the reactor."""


class WallClock:
    """The time of day, and a reactor's calls."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def callLater(self, delay: float, call: Callable[..., object], *args: object) -> DelayedCall:
        """Call in so many seconds."""
        delayed: DelayedCall = self._reactor.callLater(delay, call, *args)
        return delayed
