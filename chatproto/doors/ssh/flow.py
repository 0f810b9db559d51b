"""Flow control of one connection's socket: when it is read, and whether it takes more.

It is not read while the peer reads nothing of what it is sent (answers would pile up), while the peer sends more than a
person types, or until the other connections have had their turn.  The windows of channels are another matter (RFC 4254
section 5.2): what opens a client's window comes by the socket too.
Must not know packets.  Source: IPushProducer of twisted.internet.interfaces.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chatproto.doors.intake import Intake
from chatproto.limits import SSH_PACKETS_PER_TURN
from chatproto.valve import PauseReason, Valve

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import Clock, DelayedCall


def unheard() -> None:
    """Do nothing."""


@implementer(IPushProducer)
class Flow:
    """What may flow through one socket; registered with it as the producer of what is sent.

    is_full   the socket takes no more for now
    changed   called when the connection begins or ceases to take what is sent
    """

    __slots__ = (
        "_clock", "_intake", "_next", "_packets", "_read_on", "_valve", "changed", "is_full",
    )  # fmt: skip

    def __init__(
        self, socket: Any, clock: Clock, read_on: Callable[[], None], *, is_paced: bool
    ) -> None:
        """`read_on` is called when packets that had to wait may be read."""
        self.is_full = False
        self.changed: Callable[[], None] = unheard
        self._clock = clock
        self._read_on = read_on
        self._packets = 0
        self._next: DelayedCall | None = None
        self._valve = valve = Valve(socket)
        self._intake = (
            Intake(
                clock,
                partial(valve.shut, PauseReason.BYTES),
                partial(valve.open, PauseReason.BYTES),
            )
            if is_paced
            else None
        )

    @property
    def is_read(self) -> bool:
        """Return whether the socket is read just now."""
        return not self._valve.is_shut

    def receive(self, count: int) -> None:
        """Begin a turn, in which so many bytes have come."""
        self._packets = SSH_PACKETS_PER_TURN
        if self._intake:
            self._intake.take(count)

    def take_packet(self) -> bool:
        """Return whether one more packet may be read in this turn; if not, the next turn is arranged."""
        if self._packets:
            self._packets -= 1
            return True
        if self._next is None:
            self._valve.shut(PauseReason.TURN)
            self._next = self._clock.callLater(0, self._begin_turn)
        return False

    def _begin_turn(self) -> None:
        self._next = None
        self._valve.open(PauseReason.TURN)
        self._read_on()

    def stop(self) -> None:
        """Let go of the connection, which is gone, and cancel what is to be done later."""
        if self._intake:
            self._intake.stop()
        if self._next:
            self._next.cancel()
            self._next = None
        self._intake = None
        self._read_on = self.changed = unheard

    # Twisted calls these

    def pauseProducing(self) -> None:
        """Note that the socket takes no more: the peer does not read."""
        self.is_full = True
        self._valve.shut(PauseReason.BEHIND)
        self.changed()

    def resumeProducing(self) -> None:
        """Note that the socket takes more again."""
        self.is_full = False
        self._valve.open(PauseReason.BEHIND)
        self.changed()

    def stopProducing(self) -> None:
        """Do nothing: the socket is gone, and the connection learns of it elsewhere."""
