"""The chat: who is where, and who may do what.  The only place that decides.

What people do becomes something asked of the log; what the log has made durable comes back to `happened`, changes the
state, and goes to the audience.  So everybody, the speaker too, learns of everything in one order.
Must not know sockets, the reactor, the clock (both are passed in), SQL, commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from chatproto.core import names, permissions
from chatproto.core.away import Away
from chatproto.core.claims import Unclaimed
from chatproto.core.drafts import measured
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
from chatproto.core.history import History
from chatproto.core.ignoring import Ignoring
from chatproto.core.permissions import Action
from chatproto.core.rooms import FIRST_ROOM, Rooms
from chatproto.core.roster import Roster
from chatproto.errors import NotAllowed, NotFound
from chatproto.language import _
from chatproto.limits import ROOMS_PER_MEMBER, SEAT_KEPT_SECONDS, TOPIC_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.events import Happened
    from chatproto.core.identity import Identity
    from chatproto.core.pace import Window
    from chatproto.core.ports import Audience, Claims, Log
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.errors import NotSaid


class Chat:
    """All rooms and everybody in them."""

    def __init__(
        self, log: Log, audience: Audience, clock: Clock, claims: Claims | None = None
    ) -> None:
        """Without `claims`, nobody but who is here has a say in who may bear a nick."""
        self.log = log
        self.rooms = Rooms()
        # No id is used twice, not even by two runs of the server.
        self.members = Roster(int(clock.seconds() * 1000) * 1000)
        self.ignoring = Ignoring()
        self.away = Away(self.ignoring)
        self.history = History(self, audience.fail)
        self.head = 0  # the number of the last event everybody was brought
        self._audience = audience
        self._clock = clock
        self._claims = claims or Unclaimed()
        self._kept: dict[Seat, DelayedCall] = {}  # whose connections broke

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
        """Say nothing more of who comes and goes, and let the log finish."""
        for later in self._kept.values():
            later.cancel()
        self._kept.clear()
        for room in self.rooms.values():
            if room.crowds.arranged:
                room.crowds.arranged.cancel()
                room.crowds.arranged = None
        return self.log.close()

    def happened(self, batch: Sequence[Happened]) -> None:
        """Apply what the log made durable, then bring it to the readers."""
        brought = list(batch)
        for place, one in enumerate(batch):
            if isinstance(one, Event):
                self._apply(one)
            elif one.entries:
                brought[place] = self._with_who_came_since(one)
        self._audience.deliver(brought)

    def _with_who_came_since(self, joined: Presence) -> Presence:
        """Note who was shown some of these when they came in themselves, a moment ago."""
        room = self.rooms.get(joined.room)
        after = room.came_since(joined.entries[0]) if room else ()
        return joined._replace(after=tuple(after))

    def refused(self, batch: Sequence[Draft], error: NotSaid) -> None:
        """Tell the speakers."""
        for asked in batch:
            self._audience.refuse(asked, error)

    def repeated(self, draft: Draft, event: Event) -> None:
        """Tell the speaker, who may not have learnt it the first time."""
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
            target.last_sender = event.origin
            self.away.note_private(target)

    # -- coming and going -----------------------------------------------------------------------

    def enter(
        self, identity: Identity, wish: str, opened_there: Window | None = None
    ) -> Deferred[Seat]:
        """Let a peer in under the nick it wishes for, or as a guest when it wishes for none; return its seat.

        Who has proved to be a member who is here sits down beside them, or where a connection of theirs broke.
        `opened_there` counts the rooms made by all who come from where they do.  Fail with NotAllowed, Taken.
        """
        return Deferred.fromCoroutine(self._enter(identity, wish, opened_there))

    async def _enter(self, identity: Identity, wish: str, opened_there: Window | None) -> Seat:
        nicks = self.members.nicks
        nick = names.nick(wish) if wish.strip() else nicks.guest()
        bearer = nicks.bearer(nick)
        if bearer and bearer.is_one_with(identity):
            return self._sit_again(bearer, identity)
        nicks.check(nick, self._clock.seconds())
        await self._claim(nick, identity)
        member = self.members.admit(nick, self._clock.seconds(), opened_there)
        self.ignoring.note_nick(member)
        return self.members.sit(member, identity)

    async def _claim(self, nick: str, identity: Identity) -> None:
        """Return when a peer may bear a nick that nobody here bears.  Raise NotAllowed, Taken."""
        with self.members.nicks.reserved(nick, self._clock.seconds()):
            await self._claims.claim(nick, identity)

    def _sit_again(self, member: Member, identity: Identity) -> Seat:
        """Return the seat at which a connection of this peer's broke, or a new one."""
        kept = (seat for seat in member.seats if seat in self._kept)
        if seat := next((seat for seat in kept if seat.identity.is_same(identity)), None):
            self._kept.pop(seat).cancel()
            seat.identity = identity
            return seat
        seat = self.members.sit(member, identity)
        self.ignoring.note_seat(seat)
        return seat

    def keep(self, seat: Seat, seen: int) -> None:
        """Keep a seat whose connection broke, after the event `seen`; one that nobody can claim again is lost."""
        if not seat.identity.is_proved:
            self.quit(seat, lost=True)
            return
        seat.seen = seen
        self._kept[seat] = self._clock.callLater(SEAT_KEPT_SECONDS, self._lose, seat)

    def _lose(self, seat: Seat) -> None:
        del self._kept[seat]
        self.quit(seat, lost=True)

    def quit(self, seat: Seat, reason: str = "", *, lost: bool = False) -> None:
        """Let a member go from a seat, and from the chat with the last one; `lost` when the connection broke."""
        self.members.get_up(seat)
        seat.current_room = None
        member = seat.member
        if member.seats:
            return
        change = Change.LOST if lost else Change.QUIT
        for room in list(member.rooms.values()):
            self._go(member, room, change, reason)
        self.members.remove(member)
        self._claims.release(member.nick)
        self.away.come_back(member)
        self.ignoring.forget(member)

    def join(self, seat: Seat, name: str) -> Room:
        """Bring a member into a room, which is made when it is not there, and make it the seat's current one.

        Raise NotAllowed.
        """
        name, member = names.room(name), seat.member
        if name not in member.rooms:
            if len(member.rooms) >= ROOMS_PER_MEMBER:
                raise NotAllowed(
                    _("You are in {most} rooms, which is the most allowed.", most=ROOMS_PER_MEMBER)
                )
            if name not in self.rooms and name != FIRST_ROOM:  # which nobody makes
                self.rooms.make(name, member, self._clock.seconds())
            self._come(member, self.rooms.bring(name))
        self.set_current_room(seat, member.rooms[name])
        return member.rooms[name]

    def leave(self, seat: Seat, name: str, reason: str = "") -> Room:
        """Take a member out of a room they are in; where it was the current one, the last one left is that now.

        Raise NotFound, NotAllowed.
        """
        room, member = self.room_of(seat, name, Action.LEAVE), seat.member
        self._go(member, room, Change.LEFT, reason)
        last = next(reversed(member.rooms.values()), None)
        for one in member.seats:
            if one.current_room is room:
                one.current_room = last
        self._audience.refresh(member)
        return room

    def set_current_room(self, seat: Seat, room: Room | None) -> None:
        """Make a room that a member is in the current one of a seat: what they say there goes to it."""
        seat.current_room = room
        self._audience.refresh(seat.member)

    def rename(self, seat: Seat, wish: str) -> Deferred[None]:
        """Give a member another nick.  Fail with NotAllowed, Taken."""
        return Deferred.fromCoroutine(self._rename(seat, wish))

    async def _rename(self, seat: Seat, wish: str) -> None:
        nick, member = names.nick(wish), seat.member
        self.members.nicks.check(nick, self._clock.seconds(), member)
        old = member.nick
        if nick == old:
            return
        if names.key(nick) == member.key:  # theirs already, in another case
            self._be_called(member, nick)
            return
        await self._claim(nick, seat.identity)
        if member.seats:
            self._be_called(member, nick)
        self._claims.release(old if member.seats else nick)  # they may have left meanwhile

    def _be_called(self, member: Member, nick: str) -> None:
        old = member.nick
        self.members.nicks.remove(member)
        member.set_nick(nick)
        self.members.nicks.add(member)
        self.ignoring.note_nick(member)
        self.away.rename(member)
        now = int(self._clock.seconds() * 1000)
        told = [room for room in member.rooms.values() if not room.crowds.rename(member)]
        for room in told:
            self._tell_early(room)  # whoever had that name just now has left before this
        for room in told:  # side by side, so that who reads several of the rooms reads it once
            self.log.order.append(
                Presence(now, room.name, Change.RENAMED, (old, nick), 1, member.id)
            )
        self._audience.refresh(member)  # they are called otherwise from now on

    def _come(self, member: Member, room: Room) -> None:
        room.let_in(member)
        self.rooms.settle(room)
        self.away.join(member, room)
        self._audience.enter(member, room)
        self._at_the_door(member, room, Change.JOINED)

    def _go(self, member: Member, room: Room, change: Change, reason: str) -> None:
        room.let_out(member)
        self._audience.leave(member, room)
        self._at_the_door(member, room, change, reason)
        self.rooms.settle(room)

    def _at_the_door(self, member: Member, room: Room, change: Change, reason: str = "") -> None:
        """Tell at once, or arrange to tell a crowd together a little later."""
        crowds = room.crowds
        crowds.note(member, change, reason)
        if crowds.arranged:
            return
        wait = crowds.wait(self._clock.seconds())
        if wait:
            crowds.arranged = self._clock.callLater(wait, self._tell_crowds, room)
        else:
            self._tell_crowds(room)

    def _tell_crowds(self, room: Room) -> None:
        crowds = room.crowds
        crowds.arranged = None
        for presence in crowds.tell(self._clock.seconds(), len(room.members)):
            self.log.order.append(presence)
        self.rooms.settle(room)

    # -- talking --------------------------------------------------------------------------------

    def say(
        self, seat: Seat, text: str, kind: Kind = Kind.SAID, name: str = "", ref: str = ""
    ) -> None:
        """Say (or, with Kind.DID, do) something in a room, by default the current one; once for each `ref`.

        Raise NotAllowed when there is no such room for them, TooLong.
        """
        room = seat.current_room if not name else None  # in which they are: all that is asked for
        if room is None:
            room = self.room_of(seat, name, Action.SAY)
        member = seat.member
        draft = measured(
            Draft(self._now(member), kind, room.name, member.nick, seat.id, "", 0, text, ref=ref)
        )
        if room.crowds.arranged:
            self._speak_up(member, room)
        if member.away:
            self.away.come_back(member)
        self.log.order.append(draft)

    def say_privately(self, seat: Seat, nick: str, text: str, ref: str = "") -> Member:
        """Say something to one member, once for each `ref`; return that member.

        Raise NotFound; NotAllowed, once, when the nick was somebody else's when they last wrote to it; TooLong.
        """
        target = self.member(nick)
        seat.member.written.check(target, self.members)
        self._write(seat, target, text, ref)
        return target

    def reply(self, seat: Seat, text: str) -> Member:
        """Answer the member who wrote to this one last, by whatever nick now; return them.  Raise NotFound."""
        member = seat.member
        target = self.members.of(member.last_sender)
        if target is None and member.last_sender:
            raise NotFound(_("Whoever wrote to you last has left."))
        if target is None:
            raise NotFound(_("Nobody has sent you a private message yet."))
        self._write(seat, target, text)
        return target

    def _write(self, seat: Seat, target: Member, text: str, ref: str = "") -> None:
        member = seat.member
        draft = measured(
            Draft(
                self._now(member), Kind.PRIVATE, "", member.nick, seat.id,
                target.nick, target.id, text, ref=ref,
            )
        )  # fmt: skip
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
        room = self.room_of(seat, action=Action.SET_TOPIC)
        self.say(seat, text, Kind.TOPIC, room.name)

    def _now(self, member: Member) -> int:
        member.spoke = now = self._clock.seconds()
        return int(now * 1000)

    def _speak_up(self, member: Member, room: Room) -> None:
        """Somebody whose coming is still untold is told before they are heard."""
        if room.crowds.is_pending(member.id):
            self._tell_early(room)

    def _tell_early(self, room: Room) -> None:
        if room.crowds.arranged:
            room.crowds.arranged.cancel()
            self._tell_crowds(room)

    # -- preferences ----------------------------------------------------------------------------

    def ignore(self, member: Member, nick: str) -> bool:
        """Stop, or begin again, to read somebody; give whether they are ignored now.

        The name need not be here just now.  Raise NotAllowed.
        """
        nick = names.nick(nick)
        is_ignored = self.ignoring.toggle(member, nick, self.members.nicks.bearer(nick))
        self._audience.refresh(member)  # they read otherwise from now on
        return is_ignored

    # -- finding --------------------------------------------------------------------------------

    def member(self, nick: str) -> Member:
        """Return who has that nick.  Raise NotFound, NotAllowed."""
        return self.members.nicks.find(nick)

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
