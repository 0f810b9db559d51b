"""Crowds: members who came into a room or went, told together in one line.

One member is told at once; a crowd is told in one line a second, not in a thousand lines.  That is for voices that
gather; the others read each presence as it comes, beside these lines and in the same order.

    Crowds     what happened, with the crowds put in their places
    Gathering  the members who are pending in one room

A member who goes while its coming is pending was never here, as far as the others know.  One whose coming is pending is
announced before its first line in that room.
Must not know readers.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.core.events import EVENTS, Change, Presence
from chatproto.limits import CROWD_SECONDS
from chatproto.voices.voice import Crowd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.events import Event, Happened
    from chatproto.voices.voice import Shown

# The order in which they are told: those who left made room before those who came.
_TOLD: Final = (Change.LEFT, Change.QUIT, Change.LOST, Change.JOINED)


class _Passing(NamedTuple):
    """A member who came or went: the nick; on coming the entry, on going the rooms in which that is told."""

    nick: str
    entry: int
    told_in: tuple[str, ...]


class Gathering:
    """The members who passed through one room and are pending, by what they did.

    here      how many are in the room, as far as is known here
    entered   by id, the entry of each member who came in and whose presence has not passed here yet
    """

    __slots__ = ("_passed", "_reasons", "_told", "entered", "here", "room")

    def __init__(self, room: str) -> None:
        self.room = room
        self.here = 0
        self.entered: dict[int, int] = {}
        self._passed: dict[Change, dict[int, _Passing]] = {}
        self._reasons: dict[int, str] = {}
        self._told = float("-inf")

    def note(self, presence: Presence, told_in: tuple[str, ...] = ()) -> None:
        """Note that a member came or went; `told_in` are all rooms in which this going is told."""
        if self.entered.get(presence.origin) == presence.entry:
            del self.entered[presence.origin]
        passed = self._passed.setdefault(presence.change, {})
        passed[presence.origin] = _Passing(presence.nick, presence.entry, told_in)
        if presence.text:
            self._reasons[presence.origin] = presence.text

    def is_pending(self, member_id: int) -> bool:
        """Return whether the coming of this member is pending."""
        return member_id in self._passed.get(Change.JOINED, ())

    def forget(self, member_id: int) -> bool:
        """Drop the pending coming of a member; return whether there was one."""
        return self._passed.get(Change.JOINED, {}).pop(member_id, None) is not None

    def rename(self, member_id: int, nick: str) -> bool:
        """Put the new nick into the pending coming of a member; return whether there was one."""
        arrivals = self._passed.get(Change.JOINED, {})
        if member_id not in arrivals:
            return False
        arrivals[member_id] = arrivals[member_id]._replace(nick=nick)
        return True

    def wait(self, now: float) -> float:
        """Return the seconds until the next telling is due; 0.0 when it is now."""
        return min(CROWD_SECONDS, max(0.0, self._told + CROWD_SECONDS - now))

    def is_over(self, now: float) -> bool:
        """Return whether nothing is pending, and the last telling is no reason to wait."""
        return not (any(self._passed.values()) or self.entered or self.wait(now))

    def tell(self, now: float) -> list[Crowd]:
        """Return what is to be told, and begin anew."""
        passed, self._passed = self._passed, {}
        reasons, self._reasons = self._reasons, {}
        told = [
            self._crowd(change, members, reasons, int(now * 1000))
            for change in _TOLD
            if (members := passed.get(change))
        ]
        if told:
            self._told = now
        return told

    def _crowd(
        self, change: Change, members: dict[int, _Passing], reasons: dict[int, str], time: int
    ) -> Crowd:
        origin = next(iter(members)) if len(members) == 1 else 0
        nicks = tuple([one.nick for one in members.values()])
        crowd = Crowd(
            time, self.room, change, nicks, len(members), origin, reasons.get(origin, ""), self.here
        )
        if change is Change.JOINED:
            entries = tuple([one.entry for one in members.values()])
            return crowd._replace(entries=entries, after=(*members, *self.entered))
        told_in: dict[tuple[str, ...], list[int]] = {}
        for place, one in enumerate(members.values()):
            told_in.setdefault(one.told_in, []).append(place)
        return crowd._replace(told_in=told_in)


class Crowds:
    """The members who passed through the rooms and are pending.

    later   called with what is told later than it happened
    """

    def __init__(
        self,
        clock: Clock,
        member_id: Callable[[int], int],
        later: Callable[[Sequence[Crowd]], None],
    ) -> None:
        """`member_id` returns the id of the member for an id of its own or of one of its seats."""
        self._clock = clock
        self._member_id = member_id
        self._later = later
        self._rooms: dict[str, Gathering] = {}  # the one told longest ago first
        self._delayed: dict[str, DelayedCall] = {}  # by room, a later telling that is on its way
        self._is_closed = False

    def enter(self, member_id: int, room: str, entry: int) -> None:
        """Take note that a member is shown a list of a room now: those in it are no news to it."""
        self._of(room).entered[member_id] = entry

    def leave(self, member_id: int, room: str) -> None:
        """Take note that a member has left a room."""
        if gathering := self._rooms.get(room):
            gathering.entered.pop(member_id, None)

    def close(self) -> None:
        """Drop what is pending, and put nothing off from now on."""
        self._is_closed = True
        for call in self._delayed.values():
            call.cancel()
        self._delayed.clear()

    def among(self, happened: Sequence[Happened], *, raw: bool) -> Sequence[Shown]:
        """Return what happened with the crowds in their places; each presence too, if `raw`."""
        if not self._delayed and EVENTS.issuperset(map(type, happened)):  # as in a flood
            return happened
        shown: list[Shown] = []
        for one in happened:
            if isinstance(one, Presence):
                if raw:
                    shown.append(one)
                shown += self._pass(one)
            else:
                if self._delayed:
                    shown += self._before(one)
                shown.append(one)
        return shown

    def _before(self, event: Event) -> Sequence[Crowd]:
        """Return the pending join announcement of the member who speaks, if there is one."""
        if event.room not in self._delayed:
            return ()
        gathering = self._rooms[event.room]
        return self._early(gathering) if gathering.is_pending(self._member_id(event.origin)) else ()

    def _pass(self, presence: Presence) -> list[Crowd]:
        """Take note of a presence; return what is to be told at once."""
        if presence.change is Change.RENAMED:
            return self._rename(presence)
        if presence.change not in _TOLD:  # another node may know more of them
            return []
        rooms = [self._of(room) for room in presence.rooms]
        for gathering, here in zip(rooms, presence.here, strict=True):
            gathering.here = here
        if presence.change is not Change.JOINED:
            rooms = [one for one in rooms if not one.forget(presence.origin)]
        told_in = tuple(gathering.room for gathering in rooms)
        for gathering in rooms:
            gathering.note(presence, told_in)
        return [crowd for gathering in rooms for crowd in self._due(gathering)]

    def _rename(self, presence: Presence) -> list[Crowd]:
        """Return the line of a rename, in each room in which the member was told."""
        told: list[Crowd] = []
        rooms = []
        for name in presence.rooms:
            gathering = self._rooms.get(name)
            if gathering and gathering.rename(presence.origin, presence.new_nick):
                continue
            rooms.append(name)
            if gathering:  # a member who had that nick just now has left before this
                told += self._early(gathering)
        names = presence.nick, presence.new_nick
        told_in = {tuple(rooms): (0, 1)}
        return told + [
            Crowd(presence.time, room, Change.RENAMED, names, 1, presence.origin, told_in=told_in)
            for room in rooms
        ]

    # -- when -----------------------------------------------------------------------------------

    def _due(self, gathering: Gathering) -> list[Crowd]:
        """Return what is to be told at once, or arrange to tell it with others a little later."""
        if gathering.room in self._delayed or self._is_closed:
            return []
        wait = gathering.wait(self._clock.seconds())
        if not wait:
            return self._tell(gathering)
        later = self._clock.callLater(wait, self._tell_later, gathering)
        self._delayed[gathering.room] = later
        return []

    def _early(self, gathering: Gathering) -> list[Crowd]:
        if call := self._delayed.get(gathering.room):
            call.cancel()
            return self._tell(gathering)
        return []

    def _tell_later(self, gathering: Gathering) -> None:
        if told := self._tell(gathering):
            self._later(told)

    def _tell(self, gathering: Gathering) -> list[Crowd]:
        """Return what is to be told; forget rooms in which nothing was told of late."""
        now = self._clock.seconds()
        self._delayed.pop(gathering.room, None)
        told = gathering.tell(now)
        self._rooms[gathering.room] = self._rooms.pop(gathering.room)
        for room in list(islice(self._rooms, 2)):  # two for each telling: so none is kept for long
            if room not in self._delayed and self._rooms[room].is_over(now):
                del self._rooms[room]
        return told

    def _of(self, room: str) -> Gathering:
        if room not in self._rooms:
            self._rooms[room] = Gathering(room)
        return self._rooms[room]
