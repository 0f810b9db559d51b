"""A valve on what a peer sends: shut while there is any reason not to read it.

The reasons overlap (too fast, too far behind, the disk is slow), so each shuts and opens for itself.
Must not know anything else of ours.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class PauseReason(Enum):
    """A reason for which nothing is read just now."""

    KEYS = auto()  # not all the keys that came have been looked at
    PACE = auto()  # the peer talks faster than the rate
    BYTES = auto()  # it sends more than a person types
    TURN = auto()  # the others have their turn
    BEHIND = auto()  # it does not read what it is sent
    PAST = auto()  # the past that it asked for is on its way
    DISK = auto()  # the log has enough to write
    NAME = auto()  # whether it may bear the name that it wishes for is being asked
    GONE = auto()  # it is leaving


class Producer(Protocol):
    """What the peer's bytes come from: twisted.internet.interfaces.IPushProducer, as far as it is used here."""

    def pauseProducing(self) -> None:
        """Read nothing more from the peer."""

    def resumeProducing(self) -> None:
        """Read on."""


# Of nearly every valve at any time: so they are made anew with every change, and shared until then.
_NO_REASON: Final[Mapping[PauseReason, Callable[[], None] | None]] = {}


class Valve:
    """Pauses a producer at the first reason, resumes it after the last."""

    __slots__ = ("_producer", "_reasons")

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._reasons = _NO_REASON

    def shut(self, reason: PauseReason, alone: Callable[[], None] | None = None) -> None:
        """Read nothing more while this reason holds; `alone` is called when it is the last one left."""
        if not self._reasons:
            self._producer.pauseProducing()
        self._reasons = {**self._reasons, reason: alone}

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
        self._reasons = {one: call for one, call in self._reasons.items() if one is not reason}
        if not self._reasons:
            self._reasons = _NO_REASON
            self._producer.resumeProducing()
        elif len(self._reasons) == 1:
            (alone,) = self._reasons.values()
            if alone:
                alone()
