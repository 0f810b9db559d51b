"""What the log needs of a reactor: its turns, its clock, and a way into its thread.

Must not know events or the archive.  Source: twisted.internet.interfaces.IReactorTime and IReactorFromThreads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Later(Protocol):
    """Later turns."""

    def callLater(self, delay: float, call: Callable[..., object], /, *args: object) -> object:
        """Call in a later turn."""


class Turns(Later, Protocol):
    """Later turns, from any thread."""

    def callFromThread(self, call: Callable[..., object], /, *args: object) -> None:
        """Call in the reactor's thread; from any thread."""


class TimedTurns(Turns, Protocol):
    """The same, with a clock."""

    def seconds(self) -> float:
        """Return the time, by a clock that runs evenly; from any thread."""
