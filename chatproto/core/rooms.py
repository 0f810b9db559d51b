"""Rooms and the members in them.

Must not know sockets, the clock, the log or how it looks.  A room decides nothing: chatproto.core.chat does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from chatproto.core import names
from chatproto.core.correspondence import Correspondence
from chatproto.core.ignored import Ignored
from chatproto.core.lookalikes import Lookalikes, looks
from chatproto.core.pace import Window
from chatproto.errors import NotAllowed, Taken
from chatproto.language import _, _n
from chatproto.limits import (
    IDLE_ROOMS,
    RECENT_LINES,
    ROOMS_OPENED,
    ROOMS_OPENED_SECONDS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.absence import Absence
    from chatproto.core.events import Event, Ids
    from chatproto.core.facts import Fact, Topic
    from chatproto.core.identity import Identity
    from chatproto.core.pace import Bucket
    from chatproto.core.preferences import Preferences


FIRST_ROOM: Final = "lobby"


class Member:
    """A person or program in the chat, by whatever door.

    id            no two members share one, on this server or after a restart
    key           the nick folded, and
    looks         what the nick looks like: both are unique among the members who are here
    since         when the member came; `spoke`, when it last said something (seconds since 1970)
    rooms         the rooms it is in, in the order in which it joined them
    entries       by room, the number of its coming into it: a member who comes later has a larger one
    seats         one for each connection
    ids           its own, then those of its seats, and of the last that it left: what bears one of these was done by it
    pace          how fast it may talk, at all its seats together; None without a rate
    away          what it misses while it is away; None while it is not
    ignored       the members that it does not read
    written       the members that it has written to privately
    last_sender   the id of the member who last sent it a private message; 0 for none
    """

    __slots__ = (
        "_opened",
        "_opened_there",
        "away",
        "entries",
        "id",
        "ids",
        "ignored",
        "key",
        "last_sender",
        "looks",
        "nick",
        "pace",
        "rooms",
        "seats",
        "since",
        "spoke",
        "written",
    )  # fmt: skip

    def __init__(
        self, member_id: int, nick: str, now: float, opened_there: Window | None = None
    ) -> None:
        self.id = member_id
        self.ids: Ids = (member_id,)
        self.seats: tuple[Seat, ...] = ()
        self.set_nick(nick)
        self.since = self.spoke = now
        self.rooms: dict[str, Room] = {}
        self.entries: dict[str, int] = {}
        self.pace: Bucket | None = None
        self.away: Absence | None = None
        self.ignored = Ignored()
        self.written = Correspondence()
        self.last_sender = 0
        self._opened: Window | None = None
        self._opened_there = opened_there

    def set_nick(self, nick: str) -> None:
        """Change the nick, and what follows from it."""
        self.nick = nick
        self.key = names.key(nick)
        self.looks = looks(nick)

    @property
    def opened(self) -> tuple[Window, ...]:
        """Return the windows that count the rooms made of late: by this member, and by all from the same address."""
        if self._opened is None:  # most make none
            self._opened = Window(ROOMS_OPENED, ROOMS_OPENED_SECONDS)
        return (self._opened, self._opened_there) if self._opened_there else (self._opened,)

    def reads(self, origin: int, author: str) -> bool:
        """Return whether this member reads what an author does: it does not ignore the id or the nick."""
        return origin in self.ids or not self.ignored.hides(origin, author)

    def is_one_with(self, identity: Identity) -> bool:
        """Return whether a peer has proved to be this member: as the same person as at one of its seats."""
        return any(seat.identity.is_same(identity) for seat in self.seats)

    @property
    def lines(self) -> dict[str, int]:
        """Return how many lines were counted in each of its rooms."""
        return {room.name: room.lines for room in self.rooms.values()}


class Seat:
    """The place of one connection of a member; it may outlast the connection for a moment.

    id            the origin of what is said here; no two members share one, on this server or after a restart
    member        the one that sits here
    identity      what the peer that sits here has shown of itself
    current_room  the one that what is said here goes to
    seen          the seq of the last event brought here when its connection broke, from which the next one goes on;
                  None while there is a connection
    came_as       the key of the nick by which the peer came here
    takes_up      it goes on where a connection of its member's broke, and is kept when its own does: no pipe does
    preferences   how the member prefers to read and type here, when its connection broke; None before
    """

    __slots__ = (
        "came_as", "current_room", "id", "identity", "member", "preferences", "seen", "takes_up",
    )  # fmt: skip

    def __init__(self, seat_id: int, member: Member, identity: Identity) -> None:
        self.id = seat_id
        self.member = member
        self.identity = identity
        self.current_room: Room | None = None
        self.seen: int | None = None
        self.came_as = member.key
        self.takes_up = True
        self.preferences: Preferences | None = None


class Room:
    """One room.

    members   by id, in the order they joined
    lines     how many were said in it while any member was away, since it was last brought into memory
    recent    its last lines; None until they are asked for
    readers   what to call when `recent` has come from the log; None while nothing is asked of the log
    logged    the log knows it, as far as we know: such a room is there even when it is empty
    has_topic the topic is the one the log has, or a newer one
    opener    the member who brought it into memory, while it is not known whether the log knows it
    """

    __slots__ = (
        "has_topic", "lines", "logged", "members", "name", "opener", "readers",
        "recent", "topic",
    )  # fmt: skip

    def __init__(self, name: str, topic: Topic | None = None) -> None:
        self.name = name
        self.topic = topic
        self.members: dict[int, Member] = {}
        self.lines = 0
        self.recent: deque[Event] | None = None
        self.readers: list[Callable[[], None]] | None = None
        self.logged = self.has_topic = False
        self.opener: Member | None = None

    def let_in(self, member: Member, entry: int) -> None:
        """Note that a member is in this room, with the number of its coming."""
        self.members[member.id] = member
        member.rooms[self.name] = self
        member.entries[self.name] = entry

    def let_out(self, member: Member) -> None:
        """Note that a member is in this room no more."""
        del self.members[member.id]
        del member.rooms[self.name]
        del member.entries[self.name]

    def start_remembering(self, events: list[Event] | None = None) -> None:
        """Keep the last lines from now on: `events` from the log, then what came meanwhile."""
        self.recent = deque([*(events or ()), *(self.recent or ())], maxlen=RECENT_LINES)

    def set_topic(self, topic: Topic | None) -> None:
        """Say what the room is about."""
        self.topic = topic
        self.has_topic = True

    @property
    def is_idle(self) -> bool:
        """Return whether it is empty, and no one waits for its past."""
        return not (self.members or self.readers)


class Rooms(dict[str, Room]):
    """The rooms in memory, by name: those with people, and of the others the ones used last."""

    def __init__(self) -> None:
        super().__init__()
        self._idle: dict[str, None] = {}  # the longest idle first
        self._looks = Lookalikes[str]()
        # Every member comes into the first room, so nothing may ever pass for it.
        self._looks.add(FIRST_ROOM, looks(FIRST_ROOM))

    def bring(self, name: str) -> Room:
        """Return the room of that name, new when it is not in memory."""
        if name not in self:
            self[name] = Room(name)
            if name != FIRST_ROOM:
                self._looks.add(name, looks(name))
        return self[name]

    def apply(self, fact: Fact) -> None:
        """Take note of what follows from an event."""
        self.bring(fact.room).set_topic(fact.topic)

    def make(self, name: str, member: Member, now: float) -> None:
        """Make a room for a member: a new one, until the log says otherwise.  Raise NotAllowed, Taken."""
        self._check(name)
        fuller = max(member.opened, key=lambda window: window.wait(now))
        if wait := fuller.wait(now):
            raise NotAllowed(
                _n(
                    "One member or one address may make {most} rooms in an hour. Try again in {count} minute.",
                    "One member or one address may make {most} rooms in an hour. Try again in {count} minutes.",
                    -int(-wait // 60), most=fuller.most,
                )
            )  # fmt: skip
        for window in member.opened:
            window.take(now)
        self.bring(name).opener = member

    def _check(self, name: str) -> None:
        """Raise Taken when a room to be made would pass for one that is there."""
        if rival := next(self._looks.rivals(looks(name)), None):
            raise Taken(
                _("#{room} looks like #{rival}, which is there. /join #{rival} brings you in.",
                  room=name, rival=rival)
            )  # fmt: skip

    def forget(self, name: str) -> None:
        """Forget an empty room."""
        self._idle.pop(name, None)
        if self.pop(name, None) and name != FIRST_ROOM:
            self._looks.remove(name, looks(name))

    def listed(self) -> list[Room]:
        """Return the rooms in the order of `/rooms`.

        The fullest come first; then the empty ones, those with a topic before the others, used last first.
        """
        used = [room for name, room in self.items() if name not in self._idle]
        used.sort(key=lambda room: (-len(room.members), room.name))
        idle = [self[name] for name in reversed(self._idle)]
        idle.sort(key=lambda room: room.topic is None)
        return used + idle

    def settle(self, room: Room) -> None:
        """Take note that a room is used, or idle from now on: then it keeps no lines, and may be forgotten."""
        self._idle.pop(room.name, None)
        if not room.is_idle or self.get(room.name) is not room:
            return
        if not room.logged:  # nothing was said in it
            self.forget(room.name)
            return
        room.recent = None
        self._idle[room.name] = None
        if len(self._idle) > IDLE_ROOMS:
            oldest = next(iter(self._idle))
            self.forget(oldest)
