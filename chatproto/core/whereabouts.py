"""Whereabouts: members come into rooms, go out of them, and change nick.

Each is noted in the rooms and for the readers, and announced in the one order: at once, of one member, in all the rooms
where it shows.  What becomes one line about a crowd is the readers' business.
Must not know the clock or how it looks.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from chatproto.core.events import Change, Presence
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Collection

    from chatproto.clock import Clock
    from chatproto.core.away import Away
    from chatproto.core.ports import Audience, Order
    from chatproto.core.rooms import Member, Room, Rooms
    from chatproto.language import Sentence


def left(room: Room, now: Room | None) -> Sentence:
    """Return what a member is told on leaving a room; `now` is its current room from then on."""
    if now:
        return _("You left #{left}. You are talking in #{room} now.", left=room.name, room=now.name)
    return _("You left #{left}. You are in no room now.", left=room.name)


class Whereabouts:
    """Which members are in which rooms."""

    def __init__(
        self, rooms: Rooms, away: Away, order: Order, audience: Audience, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._away = away
        self._order = order
        self._audience = audience
        self._clock = clock
        self._entries = count(1)  # no room has the same one twice, forgotten or not

    def come(self, member: Member, room: Room) -> None:
        """Bring a member into a room."""
        room.let_in(member, next(self._entries))
        self._rooms.settle(room)
        self._away.join(member, room)
        self._audience.enter(member, room)
        self._tell(member, Change.JOINED, [room])

    def go(self, member: Member, rooms: Collection[Room], change: Change, reason: str) -> None:
        """Take a member out of rooms."""
        for room in rooms:
            room.let_out(member)
            self._audience.leave(member, room)
        if rooms:
            self._tell(member, change, rooms, text=reason)
        for room in rooms:
            self._rooms.settle(room)

    def quit(self, member: Member, change: Change, reason: str) -> None:
        """Take a member out of all rooms."""
        self.go(member, list(member.rooms.values()), change, reason)
        self._away.come_back(member)

    def rename(self, member: Member, old: str) -> None:
        """Take note that a member has another nick, and tell it."""
        self._away.rename(member)
        if member.rooms:
            self._tell(member, Change.RENAMED, member.rooms.values(), nick=old)
        self._audience.refresh(member)  # by another nick from now on

    def _tell(
        self,
        member: Member,
        change: Change,
        rooms: Collection[Room],
        *,
        nick: str = "",
        text: str = "",
    ) -> None:
        """Ask the order to announce what a member did, at once; `nick` is the old one after a rename."""
        names = tuple(room.name for room in rooms)
        self._order.append(
            Presence(
                int(self._clock.seconds() * 1000), names, change, nick or member.nick, member.id, text,
                new_nick=member.nick if nick else "",
                here=tuple(len(room.members) for room in rooms),
                entry=member.entries[names[0]] if change is Change.JOINED else 0,
            )
        )  # fmt: skip
