"""Groups: the live readers of each room, by the way in which they read it.

A group is the readers of a room in one voice for whom it is the current room, or for whom it is not: they share bytes.
Must not know events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from collections.abc import Set as AbstractSet

    from chatproto.delivery.reader import Reader
    from chatproto.voices.voice import Voice

# A voice, and whether this is the reader's current room.
Way: TypeAlias = "tuple[Voice, bool]"


class _Group(set["Reader"]):
    """Who reads a room in one way."""

    __slots__ = ("room", "way")

    def __init__(self, room: str, way: Way) -> None:
        super().__init__()
        self.room = room
        self.way = way


class Alike(NamedTuple):
    """Readers who are sent the same bytes of what happened in a room; `current` is that room, or ""."""

    room: str
    voice: Voice
    current: str
    readers: AbstractSet[Reader]


class Groups:
    """The live readers.

    wanderers   those in more rooms than one
    choosy      those who ignore some member
    typing      those with something after their prompt
    """

    def __init__(self) -> None:
        self._rooms: dict[str, dict[Way, _Group]] = {}
        self._places: dict[Reader, tuple[_Group, ...]] = {}
        self.wanderers: set[Reader] = set()
        self.choosy: set[Reader] = set()
        self.typing: set[Reader] = set()

    def add(self, reader: Reader) -> None:
        """Put a reader where they belong; again when something about them has changed."""
        self.remove(reader)
        seat = reader.seat
        assert seat, "only who has a name reads rooms"
        member = seat.member
        places = [
            self._group(name, (reader.voice, name == reader.current)) for name in member.rooms
        ]
        for group in places:
            group.add(reader)
        self._places[reader] = tuple(places)
        if len(places) > 1:
            self.wanderers.add(reader)
        if member.ignored:
            self.choosy.add(reader)
        if reader.typing:
            self.typing.add(reader)

    def remove(self, reader: Reader) -> None:
        """Take a reader out everywhere."""
        for group in self._places.pop(reader, ()):
            group.discard(reader)
            if not group:
                self._forget(group)
        self.wanderers.discard(reader)
        self.choosy.discard(reader)
        self.typing.discard(reader)

    def _group(self, room: str, way: Way) -> _Group:
        groups = self._rooms.setdefault(room, {})
        if way not in groups:
            groups[way] = _Group(room, way)
        return groups[way]

    def _forget(self, group: _Group) -> None:
        groups = self._rooms[group.room]
        del groups[group.way]
        if not groups:
            del self._rooms[group.room]

    def divide(
        self, rooms: Collection[str], concerned: Iterable[Reader]
    ) -> tuple[set[Reader], list[Alike]]:
        """Return who reads in a way of their own what happened in these rooms, and who reads alike.

        `concerned` read for who did it or is addressed.  The sets stay as they are when a reader is removed.
        """
        own = {reader for reader in concerned if reader.live}
        if self.choosy:
            own |= self.choosy
        if len(rooms) > 1:
            own |= self.wanderers
        if self.typing:
            own |= self.typing
        return own, [
            Alike(room, voice, room if is_current else "", group - own)
            for room in rooms
            for (voice, is_current), group in self._rooms.get(room, {}).items()
        ]
