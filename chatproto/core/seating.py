"""Seating: members come in, by a nick, and sit down; seats whose connection broke are kept for a moment.

An identity is known before a nick is.  Whether a peer may bear a nick is asked of `Claims`, which may take a while:
until the answer no member bears it, and no other may have it.
Must not know SQL or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from chatproto.core import names, permissions
from chatproto.core.events import Change
from chatproto.core.permissions import Action
from chatproto.limits import SEAT_KEPT_SECONDS, SEATS_KEPT, SEATS_KEPT_PER_ADDRESS

if TYPE_CHECKING:
    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.identity import Identity
    from chatproto.core.ignoring import Ignoring
    from chatproto.core.pace import Window
    from chatproto.core.ports import Claims
    from chatproto.core.rooms import Member, Seat
    from chatproto.core.roster import Roster
    from chatproto.core.whereabouts import Whereabouts


class Seating:
    """Lets peers in as members, and out."""

    def __init__(
        self,
        members: Roster,
        whereabouts: Whereabouts,
        ignoring: Ignoring,
        clock: Clock,
        claims: Claims | None,
    ) -> None:
        """Without `claims`, a nick is free unless a member who is here bears it."""
        self._members = members
        self._whereabouts = whereabouts
        self._ignoring = ignoring
        self._clock = clock
        self._claims = claims
        self._kept: dict[Seat, DelayedCall] = {}  # whose connections broke

    def close(self) -> None:
        """Keep no seat any longer."""
        for later in self._kept.values():
            later.cancel()
        self._kept.clear()

    # -- sitting down ---------------------------------------------------------------------------

    def enter(
        self,
        identity: Identity,
        wish: str,
        opened_there: Window | None = None,
        *,
        takes_up: bool = True,
    ) -> Deferred[Seat]:
        """Let a peer in under the nick it wishes for, or as a guest when it wishes for none; return its seat.

        A peer that has proved to be a member who is here gets one more seat of that member; or, if it `takes_up`, the
        seat that was kept for it when a connection broke.  `opened_there` counts the rooms made by all from the same
        address.  Fail with NotAllowed, Taken.
        """
        return Deferred.fromCoroutine(self._enter(identity, wish, opened_there, takes_up=takes_up))

    async def _enter(
        self, identity: Identity, wish: str, opened_there: Window | None, *, takes_up: bool
    ) -> Seat:
        nicks = self._members.nicks
        nick = names.nick(wish) if wish.strip() else nicks.guest()
        kept = self._kept_for(identity, names.key(nick)) if takes_up else None
        if kept:
            return self._take_up(kept, identity)
        bearer = nicks.bearer(nick)
        if bearer and bearer.is_one_with(identity):
            seat = self._members.sit(bearer, identity)
            self._ignoring.note_seat(seat)
            self._ignoring.forget_seats(self._members.forget_seats(bearer))
        else:
            nicks.check(nick, self._clock.seconds())
            await self._claim(nick, identity)
            bearer = self._members.admit(nick, self._clock.seconds(), opened_there)
            self._ignoring.note_nick(bearer)
            seat = self._members.sit(bearer, identity)
        seat.came_as, seat.takes_up = names.key(nick), takes_up
        return seat

    async def _claim(self, nick: str, identity: Identity) -> None:
        """Return when a peer may bear a nick that no member here bears.  Raise NotAllowed, Taken."""
        if self._claims:
            with self._members.nicks.reserved(nick, self._clock.seconds()):
                await self._claims.claim(nick, identity)

    def _release(self, nick: str) -> None:
        if self._claims:
            self._claims.release(nick)

    # -- seats that are kept --------------------------------------------------------------------

    def keep(self, seat: Seat, seen: int) -> None:
        """Keep a seat whose connection broke, after the event `seen`; leave it when no peer could claim it again."""
        if not self._may_keep(seat):
            self.quit(seat, lost=True)
            return
        seat.seen = seen
        self._kept[seat] = self._clock.callLater(SEAT_KEPT_SECONDS, self._lose, seat)

    def _may_keep(self, seat: Seat) -> bool:
        """Return whether a seat could be claimed again, and one more may be kept: in all, and from its address."""
        if not (seat.identity.is_proved and seat.takes_up) or len(self._kept) >= SEATS_KEPT:
            return False
        there = seat.identity.address
        return sum(one.identity.address == there for one in self._kept) < SEATS_KEPT_PER_ADDRESS

    def _kept_for(self, identity: Identity, key: str) -> Seat | None:
        """Return the seat kept for a peer that came by that nick or bears it now: the one that broke last."""
        kept = (seat for seat in reversed(self._kept) if seat.identity.is_same(identity))
        return next((seat for seat in kept if key in (seat.came_as, seat.member.key)), None)

    def _take_up(self, seat: Seat, identity: Identity) -> Seat:
        self._kept.pop(seat).cancel()
        seat.identity = identity
        return seat

    def _drop_kept(self, member: Member) -> None:
        """Keep no seat of a member who has left by its own wish, from the last seat with a connection."""
        if all(seat in self._kept for seat in member.seats):
            for seat in member.seats:
                self._kept.pop(seat).cancel()
                self._members.get_up(seat)

    def _lose(self, seat: Seat) -> None:
        del self._kept[seat]
        self.quit(seat, lost=True)

    def quit(self, seat: Seat, reason: str = "", *, lost: bool = False) -> None:
        """Let a member go from a seat, and from the chat with the last one; `lost` when the connection broke."""
        self._members.get_up(seat)
        seat.current_room = None
        member = seat.member
        if not lost and seat.takes_up:
            self._drop_kept(member)
        if member.seats:
            return
        change = Change.LOST if lost else Change.QUIT
        self._whereabouts.quit(member, change, reason)
        self._members.remove(member)
        self._release(member.nick)
        self._ignoring.forget(member)

    # -- another nick ---------------------------------------------------------------------------

    def rename(self, seat: Seat, wish: str) -> Deferred[None]:
        """Give a member another nick.  Fail with NotAllowed, Taken."""
        return Deferred.fromCoroutine(self._rename(seat, wish))

    async def _rename(self, seat: Seat, wish: str) -> None:
        permissions.check(Action.RENAME, seat.member)
        nick, member = names.nick(wish), seat.member
        self._members.nicks.check(nick, self._clock.seconds(), member)
        if nick == member.nick:
            return
        if names.key(nick) == member.key:  # the same nick in another case
            self._be_called(member, nick)
            return
        await self._claim(nick, seat.identity)
        # A member who has left meanwhile bears neither; else the old one is free.
        self._release(self._be_called(member, nick) if member.seats else nick)

    def _be_called(self, member: Member, nick: str) -> str:
        """Let a member bear another nick; return the old one."""
        old = member.nick
        self._members.nicks.remove(member)
        member.set_nick(nick)
        self._members.nicks.add(member)
        self._ignoring.note_nick(member)
        self._whereabouts.rename(member, old)
        return old
