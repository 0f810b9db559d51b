"""Entering: the way of a peer to being a member, and how long it may take.

A seat under a nick is asked for until one is given.  The answer may take a while: accounts and other nodes may have a
say in it (core.ports.Claims).
Must not know doors, sockets or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import CancelledError

from chatproto.core.identity import NOBODY
from chatproto.errors import ChatError
from chatproto.language import _
from chatproto.limits import LOGIN_SECONDS
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.chat import Chat
    from chatproto.core.identity import Identity
    from chatproto.core.pace import Window
    from chatproto.core.rooms import Member, Seat
    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence


def _no_member(_member: Member) -> None:
    """Do nothing: no gate wishes to know."""


class Newcomer(Protocol):
    """A session, seen from its way in."""

    chat: Chat
    reader: Reader

    def sit_down(self, seat: Seat) -> None:
        """Take note that the peer is the member of that seat from now on."""

    def dismiss(self, sentence: Sentence) -> None:
        """End it with a sentence."""

    def fail(self, failure: Failure) -> None:
        """End it for a fault of ours."""


class Entering:
    """What a session has until there is a member.

    identity   what the peer has shown of itself
    takes_up   it goes on where a connection of the member's broke; a pipe never does
    opened     the rooms made of late from where the peer comes; None when they are not counted
    on_named   called with the member when there is one
    """

    __slots__ = (
        "_asked", "_grace", "_session", "identity", "on_named", "opened", "takes_up",
    )  # fmt: skip

    def __init__(self, session: Newcomer, clock: Clock) -> None:
        self._session = session
        self._asked: Deferred[Seat] | None = None
        self._grace: DelayedCall | None = clock.callLater(LOGIN_SECONDS, self._too_long)
        self.identity: Identity = NOBODY
        self.takes_up = True
        self.opened: Window | None = None
        self.on_named: Callable[[Member], None] = _no_member

    def enter(
        self, nick: str, let_in: Callable[[Seat], None], refuse: Callable[[ChatError], None]
    ) -> None:
        """Ask for a seat under a nick, then call `let_in` with it, or `refuse` with the reason why not.

        What the peer sends meanwhile is read after that.
        """
        session = self._session
        asked = session.chat.seating.enter(
            self.identity, nick, self.opened, takes_up=self.takes_up
        ).addCallback(self._sit_down)
        if not asked.called:
            self._asked = asked
            session.reader.valve.shut(PauseReason.NAME)
        asked.addCallbacks(let_in, self._refused, errbackArgs=(refuse,))
        asked.addCallbacks(self._read_on, self._failed)

    def _sit_down(self, seat: Seat) -> Seat:
        self._session.sit_down(seat)
        self.stop()
        self.on_named(seat.member)
        return seat

    def _refused(self, failure: Failure, refuse: Callable[[ChatError], None]) -> None:
        if not isinstance(failure.value, ChatError):
            failure.raiseException()
        refuse(failure.value)

    def _read_on(self, _told: None) -> None:
        self._session.reader.valve.open(PauseReason.NAME)

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):  # which says that the peer has left
            self._session.fail(failure)

    def stop(self) -> None:
        """Wait no longer, for a name or for an answer: there is a member, or the session is over."""
        asked, self._asked = self._asked, None
        if asked:
            asked.cancel()
        if self._grace:
            self._grace.cancel()
            self._grace = None

    def _too_long(self) -> None:
        self._grace = None
        self._session.dismiss(_("You took too long to give a name. Goodbye."))
