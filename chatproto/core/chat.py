"""The chat: who is where, and who may do what.  The only place that decides.

What people do becomes something asked of the log; what the log has made durable comes back to `happened`, changes the
state, and goes to the audience.  So everybody, the speaker too, learns of everything in one order.
Must not know sockets, the reactor, the clock (both are passed in), SQL, commands, or how anything looks.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from chatproto.core import names
from chatproto.core.away import Away
from chatproto.core.events import (
    ADDRESSED,
    REMEMBERED,
    Change,
    Draft,
    Event,
    Kind,
    Presence,
)
from chatproto.core.facts import FACTUAL, facts
from chatproto.core.ignoring import Ignoring
from chatproto.core.recall import recall
from chatproto.core.register import Register
from chatproto.core.rooms import FIRST_ROOM, Member, Room, Rooms
from chatproto.errors import NotAllowed, NotFound
from chatproto.language import _
from chatproto.limits import ROOMS_PER_MEMBER, TOPIC_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.clock import Clock
    from chatproto.core.events import Asked, Happened
    from chatproto.core.pace import Window
    from chatproto.core.ports import Audience, Log
    from chatproto.errors import NotSaid


class Chat:
    """All rooms and everybody in them."""

    def __init__(self, log: Log, audience: Audience, clock: Clock) -> None:
        self.log = log
        self.rooms = Rooms()
        self.members: dict[int, Member] = {}
        self.ignoring = Ignoring()
        self.away = Away(self.ignoring)
        self.head = 0  # the number of the last event everybody was brought
        self._audience = audience
        self._clock = clock
        self._register = Register()
        self._guests = 0
        self._entries = count(1)  # no room has the same one twice, forgotten or not
        # No number is used twice, not even by two runs of the server: events on disk bear them.
        self._last_id = int(clock.seconds() * 1000) * 1000

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
        self.log.follow(self.head, self)

    def close(self) -> Deferred[None]:
        """Say nothing more of who comes and goes, and let the log finish."""
        self._audience.close()
        return self.log.close()

    def happened(self, batch: Sequence[Happened]) -> None:
        """Apply what the log made durable, then bring it to the readers."""
        for one in batch:
            if isinstance(one, Event):
                self._apply(one)
        self._audience.deliver(batch)

    def refused(self, batch: Sequence[Asked], error: NotSaid) -> None:
        """Tell the speakers."""
        for asked in batch:
            if isinstance(asked, Draft):
                self._audience.refuse(asked, error)

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
            self.away.note(event, room)
        if not room.members:
            self.rooms.settle(room)

    def _apply_private(self, event: Event, target: Member) -> None:
        if not target.ignored.hides(event.origin, event.author):
            target.last_sender = event.origin
            self.away.note_private(target)

    # -- coming and going -----------------------------------------------------------------------

    def enter(self, wish: str, opened_there: Window | None = None) -> Member:
        """Let somebody in, by the nick they wish for, or as a guest when they wish for none.

        `opened_there` counts the rooms made by all who come from where they do.  Raise NotAllowed, Taken.
        """
        nick = names.nick(wish) if wish.strip() else self._guest()
        self._register.check(nick, self._clock.seconds())
        self._last_id += 1
        member = Member(self._last_id, nick, self._clock.seconds(), opened_there)
        self.members[member.id] = member
        self._register.add(member)
        self.ignoring.note_nick(member)
        return member

    def quit(self, member: Member, reason: str = "", *, lost: bool = False) -> None:
        """Let somebody go; `lost` when the connection broke without a word."""
        change = Change.LOST if lost else Change.QUIT
        self._go(member, list(member.rooms.values()), change, reason)
        member.current_room = None
        self._register.remove(member)
        self.members.pop(member.id, None)
        self.away.come_back(member)
        self.ignoring.forget(member)

    def join(self, member: Member, name: str) -> Room:
        """Bring a member into a room, which is made when it is not there, and make it their current one.

        Raise NotAllowed.
        """
        name = names.room(name)
        if name not in member.rooms:
            if len(member.rooms) >= ROOMS_PER_MEMBER:
                raise NotAllowed(
                    _("You are in {most} rooms, which is the most allowed.", most=ROOMS_PER_MEMBER)
                )
            if name not in self.rooms and name != FIRST_ROOM:  # which nobody makes
                self.rooms.make(name, member, self._clock.seconds())
            self._come(member, self.rooms.bring(name))
        self.set_current_room(member, member.rooms[name])
        return member.rooms[name]

    def leave(self, member: Member, name: str, reason: str = "") -> Room:
        """Take a member out of a room they are in; their current one is the last one left.

        Raise NotFound, NotAllowed.
        """
        room = self.room_of(member, name)
        self._go(member, [room], Change.LEFT, reason)
        if member.current_room is room:
            self.set_current_room(member, next(reversed(member.rooms.values()), None))
        return room

    def set_current_room(self, member: Member, room: Room | None) -> None:
        """Make a room that a member is in their current one: what they say goes there."""
        member.current_room = room
        self._audience.set_current_room(member, room)

    def rename(self, member: Member, wish: str) -> None:
        """Give a member another nick.  Raise NotAllowed, Taken."""
        nick = names.nick(wish)
        self._register.check(nick, self._clock.seconds(), member)
        old = member.nick
        if nick == old:
            return
        self._register.remove(member)
        member.set_nick(nick)
        self._register.add(member)
        self.ignoring.note_nick(member)
        self.away.rename(member)
        if member.rooms:
            self._tell(member, Change.RENAMED, member.rooms.values(), nick=old)
        self._audience.set_current_room(
            member, member.current_room
        )  # they are called otherwise from now on

    def _come(self, member: Member, room: Room) -> None:
        room.let_in(member, next(self._entries))
        self.rooms.settle(room)
        self.away.join(member, room)
        self._audience.enter(member, room)
        self._tell(member, Change.JOINED, [room])

    def _go(self, member: Member, rooms: Collection[Room], change: Change, reason: str) -> None:
        for room in rooms:
            room.let_out(member)
            self._audience.leave(member, room)
        if rooms:
            self._tell(member, change, rooms, text=reason)
        for room in rooms:
            self.rooms.settle(room)

    def _tell(
        self,
        member: Member,
        change: Change,
        rooms: Collection[Room],
        *,
        nick: str = "",
        text: str = "",
    ) -> None:
        """Ask that it be told where a member is, at once; `nick` is the one they had, if they have another."""
        names = tuple(room.name for room in rooms)
        self.log.append(
            Presence(
                int(self._clock.seconds() * 1000), names, change, nick or member.nick, member.id, text,
                new_nick=member.nick if nick else "",
                here=tuple(len(room.members) for room in rooms),
                entry=member.entries[names[0]] if change is Change.JOINED else 0,
            )
        )  # fmt: skip

    # -- talking --------------------------------------------------------------------------------

    def say(self, member: Member, text: str, kind: Kind = Kind.SAID, name: str = "") -> None:
        """Say (or, with Kind.DID, do) something in a room, by default the current one.

        Raise NotAllowed when there is no such room for them.
        """
        room = (
            member.current_room if not name and member.current_room else self.room_of(member, name)
        )
        if member.away:
            self.away.come_back(member)
        self.log.append(
            Draft(self._now(member), kind, room.name, member.nick, member.id, "", 0, text)
        )

    def say_privately(self, member: Member, nick: str, text: str) -> Member:
        """Say something to one member; give that member.

        Raise NotFound; NotAllowed, once, when the nick was somebody else's when they last wrote to it.
        """
        target = self.member(nick)
        member.written.check(target, self.members)
        self._write(member, target, text)
        return target

    def reply(self, member: Member, text: str) -> Member:
        """Answer whoever last wrote to a member privately, by whatever name now; give them.  Raise NotFound."""
        target = self.members.get(member.last_sender)
        if target is None and member.last_sender:
            raise NotFound(_("Whoever wrote to you last has left."))
        if target is None:
            raise NotFound(_("Nobody has sent you a private message yet."))
        self._write(member, target, text)
        return target

    def _write(self, member: Member, target: Member, text: str) -> None:
        member.written.note(target)
        self.away.come_back(member)
        self.log.append(
            Draft(
                self._now(member), Kind.PRIVATE, "", member.nick, member.id,
                target.nick, target.id, text,
            )
        )  # fmt: skip

    def set_topic(self, member: Member, text: str) -> None:
        """Say what the current room is about; empty text takes the topic away.

        Raise NotAllowed.
        """
        if len(text) > TOPIC_LENGTH:
            raise NotAllowed(
                _("That topic has {seen} characters; the most is {most}.",
                  seen=len(text), most=TOPIC_LENGTH)
            )  # fmt: skip
        self.say(member, text, Kind.TOPIC)

    def _now(self, member: Member) -> int:
        member.spoke = now = self._clock.seconds()
        return int(now * 1000)

    # -- preferences ----------------------------------------------------------------------------

    def ignore(self, member: Member, nick: str) -> bool:
        """Stop, or begin again, to read somebody; give whether they are ignored now.

        The name need not be here just now.  Raise NotAllowed.
        """
        nick = names.nick(nick)
        is_ignored = self.ignoring.toggle(member, nick, self._register.holder(nick))
        self._audience.set_current_room(
            member, member.current_room
        )  # they read otherwise from now on
        return is_ignored

    # -- finding --------------------------------------------------------------------------------

    def member(self, nick: str) -> Member:
        """Return who has that nick.  Raise NotFound, NotAllowed."""
        return self._register.find(nick)

    def room_of(self, member: Member, name: str = "") -> Room:
        """Return the room of that name that the member is in; without a name the current one.

        Raise NotAllowed, NotFound.
        """
        if not name:
            if member.current_room is None:
                raise NotAllowed(_("You are in no room. /join #{room} brings you into one.",
                                   room=FIRST_ROOM))  # fmt: skip
            return member.current_room
        name = names.room(name)
        if name not in member.rooms:
            raise NotFound(_("You are not in #{room}. /join #{room} brings you in.", room=name))
        return member.rooms[name]

    def recent(self, room: Room, ready: Callable[[], None]) -> None:
        """Call `ready` when a room has its topic and its last lines: at once, if it does already."""
        recall(room, self.rooms, self.log, self.head, ready, fail=self._audience.fail)

    # -- names ----------------------------------------------------------------------------------

    def _guest(self) -> str:
        nick = self._register.guest(self._guests + 1)
        self._guests = int(nick.rpartition("-")[2])
        return nick
