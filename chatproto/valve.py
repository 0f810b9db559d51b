"""A valve on what a peer sends: shut while there is any reason not to read it.

The reasons overlap (too fast, too far behind, the disk is slow), so each shuts and opens for itself.
Must not know anything else of ours.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class PauseReason(Enum):
    """Why nothing is read just now."""

    KEYS = auto()  # not all the keys that came have been looked at
    PACE = auto()  # the peer talks faster than the rate
    BYTES = auto()  # it sends more than a person types
    TURN = auto()  # the others have their turn
    BEHIND = auto()  # it does not read what it is sent
    PAST = auto()  # the past that it asked for is on its way
    DISK = auto()  # the log has enough to write
    NAME = auto()  # whether it may bear the name that it wishes for is being asked
    GONE = auto()  # it is leaving


class Valve:
    """Pauses at the first reason, resumes after the last."""

    __slots__ = ("_pause", "_reasons", "_resume")

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._reasons: dict[PauseReason, Callable[[], None] | None] = {}

    def shut(self, reason: PauseReason, alone: Callable[[], None] | None = None) -> None:
        """Read nothing more while this reason holds; `alone` is called when it is the last one left."""
        if not self._reasons:
            self._pause()
        self._reasons[reason] = alone

    @property
    def is_shut(self) -> bool:
        """Return whether there is any reason."""
        return bool(self._reasons)

    def is_shut_but_for(self, reason: PauseReason) -> bool:
        """Return whether there is any other reason."""
        return bool(self._reasons.keys() - {reason})

    def open(self, reason: PauseReason) -> None:
        """Let this reason go; resume if it was the last, or call the last one's `alone`."""
        if reason not in self._reasons:
            return
        del self._reasons[reason]
        if not self._reasons:
            self._resume()
        elif len(self._reasons) == 1:
            (alone,) = self._reasons.values()
            if alone:
                alone()
