"""The roster: the members who are here, and their seats.

Must not know rooms, events or the clock (the time is passed in).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.register import Register
from chatproto.core.rooms import Member, Seat
from chatproto.errors import NotAllowed
from chatproto.language import _n
from chatproto.limits import SEATS_GONE, SEATS_PER_MEMBER

if TYPE_CHECKING:
    from chatproto.core.identity import Identity
    from chatproto.core.pace import Window


class Roster(dict[int, Member]):
    """The members who are here, by id.

    nicks   which member bears which nick
    """

    def __init__(self, last_id: int) -> None:
        """Begin after `last_id`: events on disk bear the ids up to it, and no id may be used twice."""
        super().__init__()
        self.nicks = Register()
        self._last_id = last_id
        self._by_seat: dict[int, Member] = {}  # for the ids that are no member's own

    def of(self, one_id: int) -> Member | None:
        """Return the member of whom, or of one of whose seats, this is the id."""
        return self.get(one_id) or self._by_seat.get(one_id)

    def admit(self, nick: str, now: float, opened_there: Window | None) -> Member:
        """Return a new member of that nick, without a seat yet."""
        member = Member(self._next_id(), nick, now, opened_there)
        self[member.id] = member
        self.nicks.add(member)
        return member

    def remove(self, member: Member) -> None:
        """Take note that a member has gone."""
        self.nicks.remove(member)
        del self[member.id]
        for seat_id in member.ids[1:]:
            del self._by_seat[seat_id]

    def sit(self, member: Member, identity: Identity) -> Seat:
        """Return a new seat for a member.  Raise NotAllowed when it has too many."""
        if len(member.seats) >= SEATS_PER_MEMBER:
            raise NotAllowed(
                _n(
                    "You are here {count} time already, the most there may be.",
                    "You are here {count} times already, the most there may be.",
                    len(member.seats),
                )
            )
        seat = Seat(self._seat_id(member), member, identity)
        member.seats = (*member.seats, seat)
        return seat

    def _seat_id(self, member: Member) -> int:
        """Return the id of a member's next seat: its own for the first, then one that no seat has had.

        A ref lasts as long as the seat: at one with the id of another, a new line could pass for a repeat.
        """
        if not member.seats:  # it has just come: with its last seat a member goes
            return member.id
        seat_id = self._next_id()
        member.ids = (*member.ids, seat_id)
        self._by_seat[seat_id] = member
        return seat_id

    def forget_seats(self, member: Member) -> list[int]:
        """Forget the seats that a member has left, except for the last SEATS_GONE; return their ids."""
        taken = {member.id, *(seat.id for seat in member.seats)}
        gone = [one for one in member.ids if one not in taken][:-SEATS_GONE]
        for seat_id in gone:
            del self._by_seat[seat_id]
        if gone:
            member.ids = tuple(one for one in member.ids if one not in gone)
        return gone

    def get_up(self, seat: Seat) -> None:
        """Take note that a seat is empty for good."""
        member = seat.member
        member.seats = tuple(one for one in member.seats if one is not seat)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
