"""The end of one connection: closed when all is sent, cut off when the peer does not let that happen.

Must not know packets or channels.  Source: RFC 4253 section 11.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatproto.limits import GOODBYE_SECONDS

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from chatproto.clock import Clock, DelayedCall


class Disconnection:
    """The end of the connection on one socket.

    is_over   nothing more is read from the peer or sent to it
    why       why the connection was lost; None while it stands
    """

    __slots__ = ("_clock", "_cut", "_socket", "is_over", "why")

    def __init__(self, socket: Any, clock: Clock) -> None:
        self.is_over = False
        self.why: Failure | None = None
        self._socket = socket
        self._clock = clock
        self._cut: DelayedCall | None = None

    def close(self) -> None:
        """Close the connection once the socket has taken everything that was written to it."""
        self.is_over = True
        self._socket.unregisterProducer()  # a registered one would hold the connection open
        self._socket.loseConnection()
        self.expect()

    def expect(self) -> None:
        """Leave the end to the peer, for GOODBYE_SECONDS at the most."""
        if self._cut is None and self.why is None:
            self._cut = self._clock.callLater(GOODBYE_SECONDS, self._time_out)

    def abort(self) -> None:
        """Cut the connection; what is not sent yet is lost."""
        self.is_over = True
        self._socket.abortConnection()

    def lost(self, why: Failure) -> None:
        """Note that the connection is lost."""
        self.is_over = True
        self.why = why
        if self._cut:
            self._cut.cancel()
            self._cut = None

    def _time_out(self) -> None:
        self._cut = None
        self.abort()
