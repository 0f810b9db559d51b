"""A valve on what comes in: shut while there is any reason not to read from somebody.

The reasons overlap (too fast, too far behind, the disk is slow), so each shuts and opens for itself.
Must not know what flows.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Why(Enum):
    """Why nothing is read just now."""

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
        self._reasons: set[Why] = set()

    def shut(self, why: Why) -> None:
        """Read nothing more until this reason is gone."""
        if not self._reasons:
            self._pause()
        self._reasons.add(why)

    @property
    def is_shut(self) -> bool:
        """Tell whether there is any reason."""
        return bool(self._reasons)

    def open(self, why: Why) -> None:
        """This reason is gone."""
        if why in self._reasons:
            self._reasons.discard(why)
            if not self._reasons:
                self._resume()
