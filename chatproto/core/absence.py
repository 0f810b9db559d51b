"""An absence: one time that a member is away, and what they miss meanwhile.

Must not know rooms or members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Missed(NamedTuple):
    """What was said while a member was away.

    rooms     how many lines in each room they are in, where there were any
    named     how many of these name them
    first     the seq of the first that does; 0 when none does
    private   how many private lines came
    """

    rooms: dict[str, int]
    named: int
    first: int
    private: int


class Absence:
    """One time of being away.

    id            no two share one
    reason        as the member gave it; "" for none
    mention_key   the nick by which they are named meanwhile
    """

    __slots__ = ("_before", "_first", "_named", "_private", "id", "mention_key", "reason")

    def __init__(self, id_: int, reason: str, mention_key: str, lines: Mapping[str, int]) -> None:
        """`lines` are those counted so far, by room."""
        self.id = id_
        self.reason = reason
        self.mention_key = mention_key
        self._before = dict(lines)
        self._named = self._first = self._private = 0

    def join(self, room: str, lines: int) -> None:
        """Count what is said in a room from now on: the member comes into it."""
        self._before[room] = lines

    def skip(self, room: str) -> None:
        """Leave one line out: the member ignores its author."""
        if room in self._before:
            self._before[room] += 1

    def name(self, seq: int) -> None:
        """Count a line that names the member."""
        self._named += 1
        self._first = self._first or seq

    def write(self) -> None:
        """Count a private line to the member."""
        self._private += 1

    def missed(self, lines: Mapping[str, int]) -> Missed:
        """Return what was said in the rooms of `lines`, which has how many were counted in each by now."""
        said = {room: count - self._before.get(room, count) for room, count in lines.items()}
        rooms = {room: count for room, count in said.items() if count}
        return Missed(rooms, self._named, self._first, self._private)
