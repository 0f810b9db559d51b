"""A chat alone: no delivery, no doors, an audience that notes what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatproto.core.chat import Chat
from chatproto.core.events import Draft, Event, Presence
from chatproto.core.ports import Log
from chatproto.limits import CROWD_SECONDS
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from fakes import Clock, answer_of, enter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Happened
    from chatproto.core.pace import Window
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.errors import NotSaid


class Audience:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str]] = []
        self.heard: list[Happened] = []
        self.refusals: list[tuple[Draft, NotSaid]] = []
        self.acknowledged: list[tuple[Draft, Event]] = []
        self.head = -1

    def open(self, head: int) -> None:
        self.head = head

    def enter(self, member: Member, room: Room) -> None:
        self.noted.append(("enter", member.nick, room.name))

    def leave(self, member: Member, room: Room) -> None:
        self.noted.append(("leave", member.nick, room.name))

    def refresh(self, member: Member) -> None:
        room = member.seats[0].current_room
        self.noted.append(("refresh", member.nick, room.name if room else ""))

    def moved(self, seat: Seat, left: Room) -> None:
        self.noted.append(("moved", seat.member.nick, left.name))

    def deliver(self, batch: Sequence[Happened]) -> None:
        self.heard += batch

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        self.refusals.append((asked, error))

    def acknowledge(self, asked: Draft, event: Event) -> None:
        self.acknowledged.append((asked, event))

    def close(self) -> None:
        self.noted.append(("close", "", ""))

    def fail(self, fault: Exception) -> None:
        raise AssertionError from fault


class Hall:
    """A chat with a clock, and an audience that notes everything."""

    def __init__(
        self,
        archive: MemoryArchive | None = None,
        clock: Clock | None = None,
        audience: Audience | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.audience = audience or Audience()
        archive = archive or MemoryArchive(self.clock)
        log = Log(EmbeddedOrder(archive, self.clock), archive)
        self.chat = Chat(log, self.audience, self.clock)
        self.chat.open()

    def enter(self, nick: str, there: Window | None = None) -> Seat:
        """Return the seat of a new member."""
        return enter(self.chat, nick, there=there)

    def rename(self, seat: Seat, nick: str) -> None:
        """Give the member another nick."""
        answer_of(self.chat.seating.rename(seat, nick))

    def come(self, *nicks: str, room: str = "lobby") -> list[Seat]:
        """Return the seats of new members, each come a while after the last."""
        seats = []
        for nick in nicks:
            seats.append(self.enter(nick))
            self.chat.join(seats[-1], room)
            self.wait()
        self.told()
        return seats

    def wait(self, seconds: float = 2 * CROWD_SECONDS) -> None:
        self.clock.turn()
        self.clock.advance(seconds)
        self.clock.turn()

    def told(self) -> list[tuple[Any, ...]]:
        """Return what was brought to the readers since the last time, in short."""
        self.clock.turn()
        heard, self.audience.heard = self.audience.heard, []
        return [
            (one.change.name, one.nick, *([one.new_nick] if one.new_nick else []))
            if isinstance(one, Presence)
            else (one.author, one.text)
            for one in heard
        ]
