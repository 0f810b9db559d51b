"""Rooms and the members in them.

Must not know sockets, the clock, or how a room looks.  A room decides nothing: chatproto.core.chat does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from chatproto.core import names
from chatproto.core.doorway import Doorway
from chatproto.core.limits import RECENT_LINES
from chatproto.core.lookalikes import looks

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.events import Event


class Topic(NamedTuple):
    """What a room is about, who said so, and when (milliseconds since 1970)."""

    text: str
    author: str
    time: int


class Member:
    """Somebody who is here, by whatever door.

    number    no two sittings share one, on this server or after a restart
    key       the nick folded, and
    looks     what the nick looks like: both are unique among those who are here
    since     when they came; `spoke`, when they last said something (seconds since 1970)
    rooms     the rooms they are in, in the order they joined
    room      the one they are looking at, where what they say goes
    away      the reason they gave for being away; None while they are here
    left_at   the number of the last event before they were away
    ignored   whom they do not want to read: keys, and the nicks as they gave them
    caller    number of the member who last sent them a private message, else 0
    """

    __slots__ = (
        "away", "caller", "ignored", "key", "left_at", "looks", "nick", "number", "room", "rooms", "since",
        "spoke",
    )  # fmt: skip

    def __init__(self, number: int, nick: str, now: float) -> None:
        self.number = number
        self.call(nick)
        self.since = self.spoke = now
        self.rooms: dict[str, Room] = {}
        self.room: Room | None = None
        self.away: str | None = None
        self.left_at = 0
        self.ignored: dict[str, str] = {}
        self.caller = 0

    def call(self, nick: str) -> None:
        """Give them a name."""
        self.nick = nick
        self.key = names.key(nick)
        self.looks = looks(nick)


class Room:
    """One room.

    members   by number, in the order they joined
    recent    its last lines; None until somebody asks for them
    readers   who to call when `recent` has come from the log; None when nobody asked
    doorway   who came and went and has not been told
    logged    whether the log knows it: such a room is there even when nobody is in it
    """

    __slots__ = ("doorway", "logged", "members", "name", "readers", "recent", "topic")

    def __init__(self, name: str, topic: Topic | None = None) -> None:
        self.name = name
        self.topic = topic
        self.members: dict[int, Member] = {}
        self.recent: deque[Event] | None = None
        self.readers: list[Callable[[], None]] | None = None
        self.doorway = Doorway()
        self.logged = False

    def start_remembering(self, events: list[Event] | None = None) -> None:
        """Keep the last lines from now on: `events` from the log, then what came meanwhile."""
        self.recent = deque([*(events or ()), *(self.recent or ())], maxlen=RECENT_LINES)
