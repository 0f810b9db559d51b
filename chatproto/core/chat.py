"""The chat: who is where, and who may do what.  The only place that decides.

What people do becomes something asked of the log; what the log has made durable comes back to `happened`, changes the
state, and goes to the audience.  So everybody, the speaker too, learns of everything in one order.
Must not know sockets, the reactor, the clock (both are passed in), SQL, commands, or how anything looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chatproto.core import names
from chatproto.core.events import Change, Draft, Event, Kind, Presence
from chatproto.core.limits import (
    IGNORED_PER_MEMBER,
    RECENT_LINES,
    ROOMS_PER_MEMBER,
    SILENCE_TOLD,
    TOPIC_LENGTH,
)
from chatproto.core.rooms import Member, Room, Topic
from chatproto.core.spans import span
from chatproto.errors import NotAllowed, NotFound, Taken
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.doorway import Arranged
    from chatproto.core.events import Asked, Happened
    from chatproto.errors import NotSaid
    from chatproto.language import Sentence
    from chatproto.log.interface import Log

FIRST_ROOM = "lobby"


class Audience(Protocol):
    """Whoever brings to the readers what happened."""

    def enter(self, member: Member, room: Room) -> None:
        """From now on this member reads this room."""

    def leave(self, member: Member, room: Room) -> None:
        """From now on they do not."""

    def look(self, member: Member, room: Room | None) -> None:
        """From now on this is the room they look at."""

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring this to everybody who reads it."""

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell whoever asked for it that nobody will see it."""


class Clock(Protocol):
    """What time it is, and what to do later."""

    def seconds(self) -> float:
        """Give the seconds since 1970."""

    def callLater(self, delay: float, call: Callable[..., object], /, *args: object) -> Arranged:
        """Call in so many seconds."""


class Chat:
    """All rooms and everybody in them."""

    def __init__(self, log: Log, audience: Audience, clock: Clock) -> None:
        self.log = log
        self.rooms: dict[str, Room] = {}
        self.members: dict[int, Member] = {}
        self.head = 0  # the number of the last event everybody was brought
        self._audience = audience
        self._clock = clock
        self._by_key: dict[str, Member] = {}
        self._by_skeleton: dict[str, Member] = {}
        self._guests = 0
        # No number is used twice, not even by two runs of the server: events on disk bear them.
        self._last_number = int(clock.seconds() * 1000) * 1000

    # -- the log's side -------------------------------------------------------------------------

    def open(self) -> None:
        """Take up where the log ended.  Raises CannotStart."""
        self.head, records = self.log.open()
        for record in records:
            room = self._room(record.name)
            room.logged = True
            if record.topic:
                room.topic = Topic(record.topic, record.topic_author, record.topic_time)
        self.log.follow(self.head, self)

    def close(self) -> Deferred[None]:
        """Say nothing more of who comes and goes, and let the log finish."""
        for room in self.rooms.values():
            if room.doorway.arranged:
                room.doorway.arranged.cancel()
                room.doorway.arranged = None
        return self.log.close()

    def happened(self, batch: Sequence[Happened]) -> None:
        """Apply what the log made durable, then bring it to the readers."""
        for event in batch:
            if isinstance(event, Event):
                self._apply(event)
        self._audience.deliver(batch)

    def refused(self, batch: Sequence[Asked], error: NotSaid) -> None:
        """Tell the speakers."""
        for asked in batch:
            if isinstance(asked, Draft):
                self._audience.refuse(asked, error)

    def _apply(self, event: Event) -> None:
        self.head = event.seq
        if event.kind == Kind.PRIVATE:
            if target := self.members.get(event.target):
                target.caller = event.origin
            return
        room = self._room(event.room)
        room.logged = True
        if room.recent is not None:
            room.recent.append(event)
        if event.kind == Kind.TOPIC:
            room.topic = Topic(event.text, event.author, event.time) if event.text else None

    # -- coming and going -----------------------------------------------------------------------

    def enter(self, wish: str) -> Member:
        """Let somebody in, by the nick they wish for, or as a guest when they wish for none.

        Raises NotAllowed, Taken.
        """
        nick = names.nick(wish) if wish.strip() else self._guest()
        self._check_free(nick, None)
        self._last_number += 1
        member = Member(self._last_number, nick, self._clock.seconds())
        self.members[member.number] = member
        self._register(member)
        return member

    def quit(self, member: Member, reason: str = "", *, lost: bool = False) -> None:
        """Let somebody go; `lost` when the connection broke without a word."""
        change = Change.LOST if lost else Change.QUIT
        for room in list(member.rooms.values()):
            self._go(member, room, change, reason)
        member.room = None
        self._unregister(member)
        self.members.pop(member.number, None)

    def join(self, member: Member, name: str) -> Room:
        """Bring a member into a room, which is made when it is not there, and let them look at it.

        Raises NotAllowed.
        """
        name = names.room(name)
        if name not in member.rooms:
            if len(member.rooms) >= ROOMS_PER_MEMBER:
                raise NotAllowed(
                    _("You are in {most} rooms, the most there may be.", most=ROOMS_PER_MEMBER)
                )
            self._come(member, self._room(name))
        self.look(member, member.rooms[name])
        return member.rooms[name]

    def leave(self, member: Member, name: str, reason: str = "") -> Room:
        """Take a member out of a room they are in; they look at the last one left.

        Raises NotFound, NotAllowed.
        """
        room = self.room_of(member, name)
        self._go(member, room, Change.LEFT, reason)
        if member.room is room:
            self.look(member, next(reversed(member.rooms.values()), None))
        return room

    def look(self, member: Member, room: Room | None) -> None:
        """Let a member look at a room they are in: what they say goes there."""
        member.room = room
        self._audience.look(member, room)

    def rename(self, member: Member, wish: str) -> None:
        """Give a member another nick.  Raises NotAllowed, Taken."""
        nick = names.nick(wish)
        self._check_free(nick, member)
        old = member.nick
        if nick == old:
            return
        self._unregister(member)
        member.call(nick)
        self._register(member)
        now = int(self._clock.seconds() * 1000)
        told = [room for room in member.rooms.values() if not room.doorway.rename(member)]
        for room in told:
            self._tell_early(room)  # whoever had that name just now has left before this
        for room in told:  # side by side, so that who reads several of the rooms reads it once
            self.log.append(Presence(now, room.name, Change.RENAMED, (old, nick), 1, member.number))
        self._audience.look(member, member.room)  # they are called otherwise from now on

    def _come(self, member: Member, room: Room) -> None:
        room.members[member.number] = member
        member.rooms[room.name] = room
        self._audience.enter(member, room)
        self._at_the_door(member, room, Change.JOINED)

    def _go(self, member: Member, room: Room, change: Change, reason: str) -> None:
        del room.members[member.number]
        del member.rooms[room.name]
        self._audience.leave(member, room)
        self._at_the_door(member, room, change, reason)
        if not room.members and not room.logged and not room.doorway.arranged:
            self.rooms.pop(room.name, None)

    def _at_the_door(self, member: Member, room: Room, change: Change, reason: str = "") -> None:
        """Tell at once, or arrange to tell a crowd together a little later."""
        doorway = room.doorway
        doorway.pass_through(member, change, reason)
        if doorway.arranged:
            return
        wait = doorway.wait(self._clock.seconds())
        if wait:
            doorway.arranged = self._clock.callLater(wait, self._tell_doorway, room)
        else:
            self._tell_doorway(room)

    def _tell_doorway(self, room: Room) -> None:
        doorway = room.doorway
        doorway.arranged = None
        for presence in doorway.tell(room.name, self._clock.seconds()):
            self.log.append(presence)
        if not room.members and not room.logged:
            self.rooms.pop(room.name, None)

    # -- talking --------------------------------------------------------------------------------

    def say(self, member: Member, text: str, kind: Kind = Kind.SAID, name: str = "") -> None:
        """Say (or, with Kind.DID, do) something in a room, by default the one looked at.

        Raises NotAllowed when there is no such room for them.
        """
        room = member.room if not name and member.room else self.room_of(member, name)
        self._speak_up(member, room)
        self.log.append(
            Draft(self._now(member), kind, room.name, member.nick, member.number, "", 0, text)
        )

    def say_privately(self, member: Member, nick: str, text: str) -> Member:
        """Say something to one member; give that member.  Raises NotFound."""
        target = self.member(nick)
        self.log.append(
            Draft(
                self._now(member), Kind.PRIVATE, "", member.nick, member.number,
                target.nick, target.number, text,
            )
        )  # fmt: skip
        return target

    def set_topic(self, member: Member, text: str) -> None:
        """Say what the room looked at is about; empty text takes the topic away.

        Raises NotAllowed.
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

    def _speak_up(self, member: Member, room: Room) -> None:
        """Somebody whose coming is still untold is told before they are heard."""
        if room.doorway.is_untold(member.number):
            self._tell_early(room)

    def _tell_early(self, room: Room) -> None:
        if room.doorway.arranged:
            room.doorway.arranged.cancel()
            self._tell_doorway(room)

    def caller(self, member: Member) -> Member:
        """Give who last spoke to a member privately, by whatever name now.  Raises NotFound."""
        if not member.caller:
            raise NotFound(_("Nobody has sent you a private message yet."))
        found = self.members.get(member.caller)
        if found is None:
            raise NotFound(_("Whoever wrote to you last has left."))
        return found

    # -- preferences ----------------------------------------------------------------------------

    def ignore(self, member: Member, nick: str) -> bool:
        """Stop, or begin again, to read somebody; give whether they are ignored now.

        The name need not be here just now.  Raises NotAllowed.
        """
        nick = names.nick(nick)
        key = names.key(nick)
        if key == member.key:
            raise NotAllowed(_("That is you."))
        if key not in member.ignored and len(member.ignored) >= IGNORED_PER_MEMBER:
            raise NotAllowed(
                _("You ignore {most} names, the most there may be.", most=IGNORED_PER_MEMBER)
            )
        if member.ignored.pop(key, None) is None:
            member.ignored[key] = nick
        self._audience.look(member, member.room)  # they read otherwise from now on
        return key in member.ignored

    # -- finding --------------------------------------------------------------------------------

    def member(self, nick: str) -> Member:
        """Give whoever has that nick.  Raises NotFound."""
        found = self._by_key.get(names.key(nick))
        if found is None:
            raise NotFound(_("Nobody here is called “{nick}”. /who lists who is.", nick=nick))
        return found

    def room_of(self, member: Member, name: str = "") -> Room:
        """Give the room of that name that the member is in; without a name the one looked at.

        Raises NotAllowed, NotFound.
        """
        if not name:
            if member.room is None:
                raise NotAllowed(_("You are in no room. /join #{room} brings you into one.",
                                   room=FIRST_ROOM))  # fmt: skip
            return member.room
        name = names.room(name)
        if name not in member.rooms:
            raise NotFound(_("You are not in #{room}. /join #{room} brings you in.", room=name))
        return member.rooms[name]

    def recent(self, room: Room, ready: Callable[[], None]) -> None:
        """Call `ready` when `room.recent` holds the room's last lines: at once, if it does already."""
        if room.readers is not None:
            room.readers.append(ready)
        elif room.recent is not None:
            ready()
        else:
            room.start_remembering()
            if not room.logged:
                ready()
                return
            room.readers = [ready]
            self.log.before([room.name], self.head + 1, RECENT_LINES).addCallbacks(
                lambda events: self._recalled(room, events),
                lambda _failure: self._not_recalled(room),
            )

    def _recalled(self, room: Room, events: Iterable[Event]) -> None:
        room.start_remembering(list(events))
        ready, room.readers = room.readers or [], None
        for call in ready:
            call()

    def _not_recalled(self, room: Room) -> None:
        """Go on without the past; whoever comes next asks for it again."""
        self._recalled(room, ())
        room.recent = None

    # -- names ----------------------------------------------------------------------------------

    def _room(self, name: str) -> Room:
        if name not in self.rooms:
            self.rooms[name] = Room(name)
        return self.rooms[name]

    def _guest(self) -> str:
        while True:
            self._guests += 1
            nick = f"guest-{self._guests}"
            if self._rival(nick) is None:
                return nick

    def _check_free(self, nick: str, member: Member | None) -> None:
        rival = self._rival(nick, member)
        if rival and rival.key == names.key(nick):
            raise Taken(self._taken(nick, rival))
        if rival:
            raise Taken(
                _("“{nick}” looks like “{rival}”, who is here. Choose another name.",
                  nick=nick, rival=rival.nick)
            )  # fmt: skip

    def _taken(self, nick: str, owner: Member) -> Sentence:
        """Say that a nick is taken, and how long its owner has been silent, if that is worth telling."""
        silent = self._clock.seconds() - owner.spoke
        if silent < SILENCE_TOLD:
            return _("“{nick}” is taken. Choose another name.", nick=nick)
        return _(
            "“{nick}” is taken; silent for {span}. Choose another name.",
            nick=nick,
            span=span(silent),
        )

    def _rival(self, nick: str, member: Member | None = None) -> Member | None:
        """Give whoever else has that nick, or one that looks like it."""
        rivals = self._by_key.get(names.key(nick)), self._by_skeleton.get(names.skeleton(nick))
        return next((rival for rival in rivals if rival and rival is not member), None)

    def _register(self, member: Member) -> None:
        self._by_key[member.key] = member
        self._by_skeleton[member.skeleton] = member

    def _unregister(self, member: Member) -> None:
        del self._by_key[member.key]
        del self._by_skeleton[member.skeleton]
