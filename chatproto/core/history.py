"""The history: what a member may read back of what was said, and where it is found.

A room's past is for the members in it, what two said to each other alone is for these two.  It is decided anew for
each piece that is read, since a member may have left the room meanwhile.
Must not know commands or how it looks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chatproto.core import names, permissions
from chatproto.core.events import ADDRESSED
from chatproto.core.permissions import Action
from chatproto.core.queries import Partner, Scope, Span
from chatproto.core.recall import recall
from chatproto.errors import NotAllowed
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Ids
    from chatproto.core.ports import Log
    from chatproto.core.queries import Found, Piece, Query
    from chatproto.core.rooms import Member, Room, Rooms, Seat
    from chatproto.core.roster import Roster


class Present(Protocol):
    """What the history asks of the chat: which members and rooms there are now."""

    log: Log
    rooms: Rooms
    members: Roster
    head: int

    def room_of(self, seat: Seat, name: str = "", action: Action = ...) -> Room:
        """Return the room of that name, where a member may do something.  Raise NotAllowed, NotFound."""


class Place(NamedTuple):
    """Where lines were said: a room, or what two people said to each other alone.

    scope   what is read
    room    its name; "" when it is none
    nick    of the other of the two; "" in a room
    """

    scope: Scope
    room: str = ""
    nick: str = ""


class History:
    """What was said, for the members who may read it."""

    def __init__(self, chat: Present, fail: Callable[[Exception], None]) -> None:
        """`fail` is called with the reason when a room's last lines cannot be read."""
        self._chat = chat
        self._fail = fail

    # -- where ----------------------------------------------------------------------------------

    def room(self, seat: Seat, name: str = "") -> Place:
        """Return the room of that name, by default the current one.  Raise NotAllowed, NotFound."""
        return _room(self._chat.room_of(seat, name, Action.READ_ROOM).name)

    def conversation(self, member: Member, nick: str) -> Place:
        """Return what a member and another said to each other alone.  Raise NotAllowed.

        What was said to a member of that name and what was said to the member who has it now are both the
        member's to read: sent by this member, or to it.
        """
        permissions.check(Action.READ_PRIVATE, member)
        nick = names.nick(nick)
        bearer = self._chat.members.nicks.bearer(nick)
        return _conversation(member, nick, bearer.ids if bearer else ())

    async def place_of(self, seat: Seat, seq: int) -> Place:
        """Return where the line of that seq was said; the current room, when the member may not read it.

        Raise NotAllowed.
        """
        member = seat.member
        for line in (await self.after(member, self.everything(seat), seq - 1, seq, 1)).events:
            if line.kind not in ADDRESSED:
                return _room(line.room)
            if line.origin in member.ids:
                return _conversation(member, line.to, self._ids_with(line.target))
            return _conversation(member, line.author, self._ids_with(line.origin))
        return self.room(seat)

    def _ids_with(self, one_id: int) -> Ids:
        """Return all ids of the member who has this one; this one alone, when that member has left."""
        member = self._chat.members.of(one_id)
        return member.ids if member else (one_id,)

    def everything(self, seat: Seat, rooms: Iterable[str] = ()) -> Scope:
        """Return all that a member may read; of these rooms alone, when there are any.  Raise NotAllowed, NotFound."""
        if chosen := tuple(self.room(seat, name).room for name in rooms):
            return Scope(chosen)
        member = seat.member
        own = [
            name
            for name in member.rooms
            if permissions.refusal(Action.READ_ROOM, member, name) is None
        ]
        alone = permissions.refusal(Action.READ_PRIVATE, member) is None
        return Scope(tuple(own), member.ids if alone else ())

    # -- reading --------------------------------------------------------------------------------

    async def before(self, member: Member, scope: Scope, seq: int, lines: int) -> Span | None:
        """Return the last lines of a scope below `seq`; None when there are none."""
        scope = _readable(member, scope)
        first = await self._chat.log.archive.back(scope, seq, lines)
        return Span(scope, first - 1, seq - 1, lines) if first else None

    async def around(self, member: Member, scope: Scope, seq: int, lines: int) -> Span:
        """Return as many lines of a scope, the one of that seq in the middle of them."""
        scope = _readable(member, scope)
        first = await self._chat.log.archive.back(scope, seq + 1, (lines + 1) // 2) or seq
        return Span(scope, first - 1, self._chat.head, lines)

    def after(
        self, member: Member, scope: Scope, seq: int, upto: int, limit: int
    ) -> Deferred[Piece]:
        """Return the first lines over `seq`, at most `limit`.  Raise NotAllowed, NotFound."""
        scope = _readable(member, scope)
        return self._chat.log.archive.after(scope, seq, upto, limit)

    async def search(self, member: Member, query: Query, limit: int) -> Found:
        """Return the newest lines that are sought, oldest first, without those of members that this one ignores."""
        query = replace(query, scope=_readable(member, query.scope))
        found = await self._chat.log.archive.search(query, limit)
        wanted = [event for event in found.events if member.reads(event.origin, event.author)]
        return found._replace(events=wanted)

    def recall(self, room: Room, ready: Callable[[], None]) -> None:
        """Call `ready` when a room has its topic and its last lines: at once, if it does already."""
        chat = self._chat
        recall(room, chat.rooms, chat.log.archive, chat.head, ready, fail=self._fail)


def _readable(member: Member, scope: Scope) -> Scope:
    """Return a scope with no other ids than a member's own.

    A seat that was left may have been forgotten since a page of it was shown.  Raise NotAllowed or NotFound when a room
    is not the member's to read, or nothing private is.
    """
    for room in scope.rooms:
        permissions.check(Action.READ_ROOM, member, room)
    if not scope.ids:
        return scope
    permissions.check(Action.READ_PRIVATE, member)
    own = tuple(one for one in scope.ids if one in member.ids)
    if not own:
        raise NotAllowed(_("What others say to each other alone is for them to read."))
    return scope if own == scope.ids else replace(scope, ids=own)


def _room(name: str) -> Place:
    return Place(Scope((name,)), room=name)


def _conversation(member: Member, nick: str, partner: Ids) -> Place:
    return Place(Scope((), member.ids, Partner(names.key(nick), partner)), nick=nick)
