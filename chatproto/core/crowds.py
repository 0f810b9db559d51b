"""Crowds: who came into a room and went, and is still pending to be told.

One person is told at once; a crowd is told in one line a second, not in a thousand lines.
Must not know the clock (the time is passed in) or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from chatproto.core.events import Change, Presence
from chatproto.limits import CROWD_SECONDS

if TYPE_CHECKING:
    from chatproto.clock import DelayedCall


# In this order they are told: who left made room before who came.
_TOLD: tuple[Change, ...] = (Change.LEFT, Change.QUIT, Change.LOST, Change.JOINED)


class Passing(Protocol):
    """What there is to know of a member who comes or goes; `entries` are by room."""

    id: int
    nick: str
    entries: dict[str, int]


class Visitor(NamedTuple):
    """Who passed: the nick, and for who came in the how-manieth they were."""

    nick: str
    entry: int


class Crowds:
    """Who passed through, by what they did."""

    __slots__ = ("_passed", "_reasons", "_room", "_told", "arranged")

    def __init__(self, room: str) -> None:
        self._room = room
        self._passed: dict[Change, dict[int, Visitor]] = {}
        self._reasons: dict[int, str] = {}
        self._told = float("-inf")
        self.arranged: DelayedCall | None = None  # a later telling, on its way

    def note(self, member: Passing, change: Change, reason: str = "") -> None:
        """Note that a member came or went.

        Who goes while their coming is pending was never here, as far as the others know.
        """
        if change is not Change.JOINED and self._was_pending(member.id):
            return
        visitor = Visitor(member.nick, member.entries.get(self._room, 0))
        self._passed.setdefault(change, {})[member.id] = visitor
        if reason:
            self._reasons[member.id] = reason

    def _was_pending(self, number: int) -> bool:
        return self._passed.get(Change.JOINED, {}).pop(number, None) is not None

    def rename(self, member: Passing) -> bool:
        """Give a member whose coming is pending their new nick; return False when it was told."""
        arrivals = self._passed.get(Change.JOINED, {})
        if member.id not in arrivals:
            return False
        arrivals[member.id] = arrivals[member.id]._replace(nick=member.nick)
        return True

    def is_pending(self, number: int) -> bool:
        """Return whether this member's coming is still to be told."""
        return number in self._passed.get(Change.JOINED, ())

    def wait(self, now: float) -> float:
        """Return the seconds until the next telling is due; 0.0 when it is now."""
        return min(CROWD_SECONDS, max(0.0, self._told + CROWD_SECONDS - now))

    def tell(self, now: float, here: int) -> list[Presence]:
        """Return what is to be told, when so many are in the room, and begin anew."""
        passed, self._passed = self._passed, {}
        reasons, self._reasons = self._reasons, {}
        told = [
            self._presence(change, who, reasons, now)._replace(here=here)
            for change in _TOLD
            if (who := passed.get(change))
        ]
        if told:
            self._told = now
        return told

    def _presence(
        self, change: Change, who: dict[int, Visitor], reasons: dict[int, str], now: float
    ) -> Presence:
        origin = next(iter(who)) if len(who) == 1 else 0
        names = tuple(visitor.nick for visitor in who.values())
        entries = [visitor.entry for visitor in who.values() if change is Change.JOINED]
        return Presence(
            int(now * 1000), self._room, change, names, len(who), origin, reasons.get(origin, ""),
            entries=tuple(entries),
        )  # fmt: skip
