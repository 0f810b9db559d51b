"""A session: one connection of one person, from the moment it is made to its last line.

What is the same for each kind of guest: a way in (`entering`), a pace, a seat once there is a member, and an end.
What comes in, and what it means, is the business of the sessions built on it (`lines`).
Must not know doors, sockets or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.logger import Logger

from chatproto.errors import FAULT
from chatproto.language import _
from chatproto.sessions.answers import Answers, nothing
from chatproto.sessions.arrived import Arrived
from chatproto.sessions.entering import Entering
from chatproto.sessions.goodbye import say_goodbye
from chatproto.sessions.pacing import Pacing
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from chatproto.core.rooms import Member, Seat
    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence
    from chatproto.sessions.context import Context

_log = Logger(namespace="chatproto.sessions")


class Waiting(Protocol):
    """What has lines that have come and are not taken yet."""

    def drop_lines(self) -> int:
        """Drop these lines; return how many there were."""


class Session:
    """One connection of one person.

    pacing       how fast lines are read
    answers      what was asked for and is on its way
    waiting      has the lines that wait at the door; None where none ever do
    is_leaving   it was ended with a sentence: whatever the peer sends from now on is nothing to us
    """

    __slots__ = (
        "_arrived", "_entering", "_seat", "answers", "chat", "context", "is_leaving", "pacing", "reader",
        "waiting",
    )  # fmt: skip

    def __init__(self, context: Context, reader: Reader) -> None:
        self.context = context
        self.chat = context.chat
        self.reader = reader
        reader.sitting = self
        self.pacing = Pacing(context.clock, reader.valve, context.chat.log.order, context.rate)
        self.answers = Answers(context.delivery, reader)
        self.waiting: Waiting | None = None
        self.is_leaving = False
        self._seat: Seat | None = None
        self._arrived: Arrived | None = None
        self._entering: Entering | None = Entering(self, context.clock)
        context.sessions.add(self)

    # -- the member -----------------------------------------------------------------------------

    @property
    def entering(self) -> Entering:
        """Return the way in; only until there is a member."""
        assert self._entering
        return self._entering

    @property
    def seat(self) -> Seat:
        """Return where the member sits; only once there is one."""
        assert self._seat
        return self._seat

    @property
    def member(self) -> Member:
        """Return the member; only once there is one."""
        return self.seat.member

    @property
    def has_name(self) -> bool:
        """Return whether there is a member."""
        return self._seat is not None

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self.context.clock.seconds()

    def sit_down(self, seat: Seat) -> None:
        """Take note that the peer is the member of that seat from now on."""
        self._seat = seat
        self._entering = None
        seat.member.pace = self.pacing.share(seat.member.pace)

    def begin_to_read(self, seat: Seat, seen: int | None = None) -> None:
        """Read at a seat: from now on, or what happened after the event `seen`."""
        delivery = self.context.delivery
        delivery.attach(self.reader, seat, seen)
        self._arrived = Arrived(delivery.cursor(self.reader) if seen is None else seen)

    def note_heard(self) -> None:
        """Take note of a sign of life from the peer."""
        if self._arrived:
            self._arrived.note_heard(self.now(), self.context.delivery.cursor(self.reader))

    # -- leaving --------------------------------------------------------------------------------

    def quit(self, reason: str) -> None:
        """Leave, as the member asked."""
        self._leave(reason, lost=False)
        self.dismiss(_("Goodbye."))

    def fail(self, failure: Failure) -> None:
        """End it for a fault of ours, which is kept for the operator."""
        _log.failure("A session fails, and is ended", failure)
        self.send_home(FAULT)

    def send_home(self, sentence: Sentence) -> None:
        """End it for a reason that is not the member's: the lines that still wait are refused."""
        self.dismiss(sentence, refuses=True)

    def dismiss(self, sentence: Sentence, *, refuses: bool = False) -> None:
        """End it with a sentence; `refuses` when the member should know of lines that wait."""
        if self.is_leaving:
            return
        try:
            refused = self.waiting.drop_lines() if refuses and self.waiting else 0
            say_goodbye(self.reader, sentence, refused)
        except Exception:  # noqa: BLE001 - a peer that cannot be told goes all the same
            _log.failure("A goodbye could not be said")
        self.is_leaving = True
        if self._entering:
            self._entering.stop()
        self.context.delivery.detach(self.reader)  # nothing comes after a goodbye
        self.reader.valve.shut(PauseReason.GONE)
        self.answers.drop()
        self.reader.wire.close()

    def lose_peer(self, closed: Callable[[], None]) -> None:
        """Show nothing more: the peer is gone.  What it sent before is still taken, until `gone`.

        `closed` is called when the connection would be closed meanwhile.
        """
        self.answers.on_answered = nothing
        self.reader.detach(closed)
        self.answers.drop()
        self.reader.valve.open(PauseReason.BEHIND)

    def hurry(self) -> None:
        """Say at once what the peer sent before it was gone: it cannot be told that anything is not said."""
        self.pacing.hurry()

    def gone(self, *, lost: bool = True) -> None:
        """Leave: the connection is no more; `lost` when the peer did not close it."""
        if self._entering:
            self._entering.stop()
            self._entering = None
        if lost and not self.is_leaving:
            self._keep_seat()
        self._leave("", lost=lost)
        self.reader.detach()
        self.pacing.stop()
        self.context.remove(self)

    def _leave(self, reason: str, *, lost: bool) -> None:
        if seat := self._get_up():
            self.chat.seating.quit(seat, reason, lost=lost)

    def _keep_seat(self) -> None:
        """Leave the seat as it is, for a member who can come back to it."""
        arrived = self._arrived
        if arrived and (seat := self._get_up()):
            self.chat.seating.keep(seat, arrived.seq)

    def _get_up(self) -> Seat | None:
        """Return the seat, if there is a member, and have none from now on."""
        seat, self._seat = self._seat, None
        if seat:
            self.context.delivery.detach(self.reader)
            self.reader.valve.shut(PauseReason.GONE)  # a line that waits is no name to come in by
            self.answers.drop()
        return seat
