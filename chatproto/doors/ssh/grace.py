"""How long logging in may take, from the first byte to the shell.

Must not know packets.  Source: sshd_config(5), LoginGraceTime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.limits import LOGIN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import Clock, DelayedCall


class Grace:
    """The time that one client has."""

    __slots__ = ("_later", "_too_late")

    def __init__(self, clock: Clock, too_late: Callable[[], None]) -> None:
        self._too_late = too_late
        self._later: DelayedCall | None = clock.callLater(LOGIN_SECONDS, self._expire)

    def end(self) -> None:
        """Stop the watch: the client is in, or gone."""
        if self._later:
            self._later.cancel()
            self._later = None

    def _expire(self) -> None:
        self._later = None
        self._too_late()
