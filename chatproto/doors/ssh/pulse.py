"""Whether a silent client is there: it is asked, and given up when it leaves a few questions unanswered.

The kernel finds machines that are gone; this finds programs that hang, and whatever is gone beyond a proxy.
Must not know packets.  Source: sshd_config(5), ClientAliveInterval and ClientAliveCountMax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.limits import SSH_ALIVE_ASKED, SSH_ALIVE_INTERVAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import Clock, DelayedCall


class Pulse:
    """Watches one client.

    is_heard   something came from it since the last look
    """

    __slots__ = ("_ask", "_clock", "_give_up", "_later", "_unanswered", "is_heard")

    def __init__(self, clock: Clock, ask: Callable[[], None], give_up: Callable[[], None]) -> None:
        self.is_heard = True
        self._clock = clock
        self._ask = ask
        self._give_up = give_up
        self._unanswered = 0
        self._later: DelayedCall | None = clock.callLater(SSH_ALIVE_INTERVAL, self._look)

    def _look(self) -> None:
        self._later = None
        if self.is_heard:
            self.is_heard = False
            self._unanswered = 0
        elif self._unanswered == SSH_ALIVE_ASKED:
            self._give_up()
            return
        else:
            self._unanswered += 1
            self._ask()
        self._later = self._clock.callLater(SSH_ALIVE_INTERVAL, self._look)

    def stop(self) -> None:
        """Stop the watch: the connection is gone."""
        if self._later:
            self._later.cancel()
            self._later = None
