"""The chat: which member is in which room, and what each may do.  The only place that decides.

What people do becomes something asked of the log; what the log has made durable comes back to `happened`, changes the
state, and goes to the audience.  So all members, the speaker too, learn of everything in one order.
Must not know sockets, the reactor, the clock (both are passed in), SQL, commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core import names, permissions
from chatproto.core.away import Away
from chatproto.core.drafts import beside
from chatproto.core.events import (
    ADDRESSED,
    REMEMBERED,
    Change,
    Draft,
    Event,
    Kind,
)
from chatproto.core.facts import FACTUAL, facts
from chatproto.core.history import History
from chatproto.core.ignoring import Ignoring
from chatproto.core.permissions import Action
from chatproto.core.rooms import FIRST_ROOM, Rooms
from chatproto.core.roster import Roster
from chatproto.core.seating import Seating
from chatproto.core.whereabouts import Whereabouts
from chatproto.errors import NotAllowed, NotFound
from chatproto.language import _
from chatproto.limits import ROOMS_PER_MEMBER, TOPIC_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from chatproto.clock import Clock
    from chatproto.core.events import Happened
    from chatproto.core.ports import Audience, Claims, Log
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.errors import NotSaid


# At hand for every line on its way.
_SAY: Final = Action.SAY


class Chat:
    """All rooms and all members.

    seating    lets members in, by which nick, and lets them go
    history    what of the past a member may read
    away       the members who are away, and what they miss
    ignoring   which members ignore which
    rooms      those in memory; `members`, all who are here
    head       the seq of the last event that was delivered
    """

    def __init__(
        self, log: Log, audience: Audience, clock: Clock, claims: Claims | None = None
    ) -> None:
        """Without `claims`, a nick is free unless a member who is here bears it."""
        self.log = log
        self.rooms = Rooms()
        # No id is used twice, not even by two runs of the server.
        self.members = Roster(int(clock.seconds() * 1000) * 1000)
        self.ignoring = Ignoring()
        self.away = Away(self.ignoring)
        self.history = History(self, audience.fail)
        self.head = 0
        self._audience = audience
        self._clock = clock
        self._whereabouts = Whereabouts(self.rooms, self.away, log.order, audience, clock)
        self.seating = Seating(self.members, self._whereabouts, self.ignoring, clock, claims)

    # -- the log's side -------------------------------------------------------------------------

    def open(self) -> None:
        """Take up where the log ended.  Raise CannotStart."""
        self.head, records = self.log.open()
        for record in reversed(records):  # the first of them are to be forgotten last
            room = self.rooms.bring(record.name)
            room.logged = True
            room.set_topic(record.topic)
            self.rooms.settle(room)
        self._audience.open(self.head)
        self.log.order.follow(self.head, self)

    def close(self) -> Deferred[None]:
        """Announce no more members that come or go, and let the log finish."""
        self.seating.close()
        self._audience.close()
        return self.log.close()

    def happened(self, batch: Sequence[Happened]) -> None:
        """Apply what the log made durable, then bring it to the readers."""
        for one in batch:
            if isinstance(one, Event):
                self._apply(one)
        self._audience.deliver(batch)

    def refused(self, batch: Sequence[Draft], error: NotSaid) -> None:
        """Tell each speaker that its draft was not stored."""
        for asked in batch:
            self._audience.refuse(asked, error)

    def repeated(self, draft: Draft, event: Event) -> None:
        """Acknowledge a retry: the speaker may not have learnt the first time that its draft was stored."""
        self._audience.acknowledge(draft, event)

    def _apply(self, event: Event) -> None:
        self.head = event.seq
        if event.kind in FACTUAL:
            for fact in facts(event):
                self.rooms.apply(fact)
        if event.kind not in REMEMBERED:
            if event.kind in ADDRESSED and (target := self.members.get(event.target)):
                self._apply_private(event, target)
            return
        room = self.rooms.get(event.room) or self.rooms.bring(event.room)
        room.logged = True
        if room.recent is not None:
            room.recent.append(event)
        if self.away.members:
            self.away.note(event, room, self.members.of(event.origin))
        if not room.members:
            self.rooms.settle(room)

    def _apply_private(self, event: Event, target: Member) -> None:
        if not target.ignored.hides(event.origin, event.author):
            sender = self.members.of(event.origin)
            target.last_sender = sender.id if sender else event.origin
            self.away.note_private(target)

    # -- coming and going -----------------------------------------------------------------------

    def join(self, seat: Seat, name: str) -> Room:
        """Bring a member into a room, made when it is not there, and make it the seat's current one; return it.

        Raise NotAllowed.
        """
        name, member = names.room(name), seat.member
        if name not in member.rooms:
            if len(member.rooms) >= ROOMS_PER_MEMBER:
                raise NotAllowed(
                    _("You are in {most} rooms, which is the most allowed.", most=ROOMS_PER_MEMBER)
                )
            permissions.check(Action.JOIN, member, name)
            if name not in self.rooms and name != FIRST_ROOM:  # which is there from the start
                permissions.check(Action.MAKE_ROOM, member, name)
                self.rooms.make(name, member, self._clock.seconds())
            self._whereabouts.come(member, self.rooms.bring(name))
        self.set_current_room(seat, member.rooms[name])
        return member.rooms[name]

    def leave(self, seat: Seat, name: str, reason: str = "") -> Room:
        """Take a member out of a room; return the room.

        Where it was the current one, the last room joined of those left is that now.  Raise NotFound, NotAllowed.
        """
        room, member = self.room_of(seat, name, Action.LEAVE), seat.member
        self._whereabouts.go(member, [room], Change.LEFT, reason)
        last = next(reversed(member.rooms.values()), None)
        moved = [one for one in member.seats if one.current_room is room]
        for one in moved:
            one.current_room = last
        self._audience.refresh(member)
        for one in moved:
            if one is not seat:
                self._audience.moved(one, room)
        return room

    def set_current_room(self, seat: Seat, room: Room | None) -> None:
        """Make a room that a member is in the current one of a seat: what is said at that seat goes to it."""
        seat.current_room = room
        self._audience.refresh(seat.member)

    # -- talking --------------------------------------------------------------------------------

    def say(
        self,
        seat: Seat,
        text: str,
        kind: Kind = Kind.SAID,
        name: str = "",
        *,
        ref: str = "",
        reply_to: int | None = None,
    ) -> None:
        """Say (or, with Kind.DID, do) something in a room, by default the current one; once for each `ref`.

        `kind` is a row of talk: for the others there are methods of their own.  `reply_to` is the seq of the event
        that it answers; it is not known here whether that was said in the room (`chatproto.core.drafts.beside`).

        Raise NotAllowed, NotFound, TooLong.
        """
        room, member = seat.current_room, seat.member
        if name or room is None:
            room = self.room_of(seat, name, _SAY)
        else:
            permissions.check(_SAY, member, room.name)
        if not text:
            raise NotAllowed(_("There is nothing in that line. It was not sent."))
        account = seat.identity.account
        draft = Draft(
            self._now(member), kind, room.name, member.nick, seat.id, "", 0, text, account
        )
        if ref or reply_to is not None:
            draft = beside(draft, ref, reply_to, self.head)
        if member.away:
            self.away.come_back(member)
        self.log.order.append(draft)

    def say_privately(
        self, seat: Seat, nick: str, text: str, *, ref: str = "", reply_to: int | None = None
    ) -> Member:
        """Say something to one member, once for each `ref`; return that member.  `reply_to` as in `say`.

        Raise NotFound, TooLong; NotAllowed, once, when another member had the nick when this one last wrote to it.
        """
        target = self.member_of(seat, nick, Action.WRITE)
        seat.member.written.check(target, self.members)
        self._write(seat, target, text, ref, reply_to)
        return target

    def reply(self, seat: Seat, text: str) -> Member:
        """Answer the member who wrote to this one last, by whatever nick now; return that member.

        Raise NotAllowed, NotFound.
        """
        member = seat.member
        permissions.check(Action.WRITE, member)
        target = self.members.of(member.last_sender)
        if target is None and member.last_sender:
            raise NotFound(_("Whoever wrote to you last has left."))
        if target is None:
            raise NotFound(_("Nobody has sent you a private message yet."))
        self._write(seat, target, text)
        return target

    def _write(
        self, seat: Seat, target: Member, text: str, ref: str = "", reply_to: int | None = None
    ) -> None:
        member = seat.member
        draft = Draft(
            self._now(member), Kind.PRIVATE, "", member.nick, seat.id,
            target.nick, target.id, text, seat.identity.account,
        )  # fmt: skip
        if ref or reply_to is not None:
            draft = beside(draft, ref, reply_to, self.head)
        member.written.note(target)
        self.away.come_back(member)
        self.log.order.append(draft)

    def set_topic(self, seat: Seat, text: str) -> None:
        """Say what the current room is about; empty text takes the topic away.

        Raise NotAllowed.
        """
        if len(text) > TOPIC_LENGTH:
            raise NotAllowed(
                _("That topic has {seen} characters; the most is {most}.",
                  seen=len(text), most=TOPIC_LENGTH)
            )  # fmt: skip
        room, member = self.room_of(seat, action=Action.SET_TOPIC), seat.member
        self.away.come_back(member)
        self.log.order.append(
            Draft(
                self._now(member), Kind.TOPIC, room.name, member.nick, seat.id,
                "", 0, text, seat.identity.account,
            )
        )  # fmt: skip

    def _now(self, member: Member) -> int:
        member.spoke = now = self._clock.seconds()
        return int(now * 1000)

    # -- preferences ----------------------------------------------------------------------------

    def ignore(self, member: Member, nick: str) -> bool:
        """Ignore a nick, or ignore it no more; return whether it is ignored now.

        No member need bear it just now.  Raise NotAllowed.
        """
        permissions.check(Action.IGNORE, member)
        nick = names.nick(nick)
        is_ignored = self.ignoring.toggle(member, nick, self.members.nicks.bearer(nick))
        self._audience.refresh(member)  # what it reads is another selection from now on
        return is_ignored

    # -- finding --------------------------------------------------------------------------------

    def member_of(self, seat: Seat, nick: str, action: Action = Action.SEE_MEMBER) -> Member:
        """Return the member of that nick, with whom the member at a seat may do something.

        Raise NotAllowed, NotFound.
        """
        permissions.check(action, seat.member)
        return self.members.nicks.find(nick)

    def list_rooms(self, member: Member) -> list[Room]:
        """Return the rooms as people look for them, the fullest first.  Raise NotAllowed."""
        permissions.check(Action.LIST_ROOMS, member)
        return self.rooms.listed()

    def room_of(self, seat: Seat, name: str = "", action: Action = Action.SEE_ROOM) -> Room:
        """Return the room of that name, by default the seat's current one, where a member may do something.

        Raise NotAllowed, NotFound.
        """
        if name:
            name = names.room(name)
        elif seat.current_room:
            name = seat.current_room.name
        permissions.check(action, seat.member, name)
        return seat.member.rooms[name]
