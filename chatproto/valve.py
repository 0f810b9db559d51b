"""A valve on what comes in: shut while there is any reason not to read from somebody.

The reasons overlap (too fast, too far behind, the disk is slow), so each shuts and opens for itself.
Must not know what flows.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class PauseReason(Enum):
    """Why nothing is read just now."""

    KEYS = auto()  # the keys they pressed have not all been looked at
    PACE = auto()  # they talk faster than the rate
    BYTES = auto()  # they send more than anybody types
    TURN = auto()  # the others have their turn
    BEHIND = auto()  # they do not read what they are sent
    PAST = auto()  # what they asked for of the past is on its way
    DISK = auto()  # the log has enough to write
    GONE = auto()  # they are leaving


class Valve:
    """Pauses at the first reason, resumes after the last."""

    __slots__ = ("_pause", "_reasons", "_resume")

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._reasons: dict[PauseReason, Callable[[], None] | None] = {}

    def shut(self, reason: PauseReason, alone: Callable[[], None] | None = None) -> None:
        """Read nothing more until this reason is gone; `alone` is called when all others are."""
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
        """This reason is gone."""
        if reason not in self._reasons:
            return
        del self._reasons[reason]
        if not self._reasons:
            self._resume()
        elif len(self._reasons) == 1:
            (alone,) = self._reasons.values()
            if alone:
                alone()
