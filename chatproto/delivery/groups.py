"""Groups: the live readers of each room, by the way in which they read it.

A group is the readers of a room in one voice for whom it is the current room, or for whom it is not: they share bytes.
Must not know events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.delivery.reader import Group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproto.delivery.batch import Batch
    from chatproto.delivery.reader import Reader, Way


class Groups:
    """The live readers, of all that there are `by_id` of the members.

    wanderers   those in more rooms than one
    choosy      those whose member ignores another
    typing      those with something after their prompt
    raw         those whose voice does not gather
    """

    def __init__(self, by_id: Mapping[int, tuple[Reader, ...]]) -> None:
        self._by_id = by_id
        self._rooms: dict[str, dict[Way, Group]] = {}
        self.wanderers: set[Reader] = set()
        self.choosy: set[Reader] = set()
        self.typing: set[Reader] = set()
        self.raw: set[Reader] = set()

    def add(self, reader: Reader) -> None:
        """Put a reader into its groups, for the first time or anew when something about it has changed."""
        self.remove(reader)
        seat = reader.seat
        assert seat, "only a reader with a name reads rooms"
        member = seat.member
        places = [
            self._group(name, (reader.voice, name == reader.current)) for name in member.rooms
        ]
        for group in places:
            group.add(reader)
        reader.groups = tuple(places)
        if len(places) > 1:
            self.wanderers.add(reader)
        if member.ignored:
            self.choosy.add(reader)
        if reader.typing:
            self.typing.add(reader)
        if not reader.voice.gathers:
            self.raw.add(reader)

    def remove(self, reader: Reader) -> None:
        """Take a reader out of its groups."""
        groups, reader.groups = reader.groups, ()
        for group in groups:
            group.discard(reader)
            if not group:
                self._forget(group)
        self.wanderers.discard(reader)
        self.choosy.discard(reader)
        self.typing.discard(reader)
        self.raw.discard(reader)

    def _group(self, room: str, way: Way) -> Group:
        groups = self._rooms.setdefault(room, {})
        if way not in groups:
            groups[way] = Group(room, way)
        return groups[way]

    def _forget(self, group: Group) -> None:
        groups = self._rooms[group.room]
        del groups[group.way]
        if not groups:
            del self._rooms[group.room]

    def divide(self, batch: Batch) -> tuple[set[Reader], list[Group]]:
        """Return the readers of a batch that need bytes of their own, and the groups of those that read alike.

        The groups are the living ones: copy them before sending.
        """
        if batch.is_raw and not self.raw:
            return set(), []
        by_id = self._by_id
        concerned = [one for one_id in batch.concerns for one in by_id.get(one_id, ())]
        own = {reader for reader in concerned if reader.live}
        if self.choosy:
            own |= self.choosy
        if batch.is_wide or len(batch.rooms) > 1:
            own |= self.wanderers
        if self.typing:
            own |= self.typing
        if batch.is_raw:
            own &= self.raw
        return own, [
            group
            for room in batch.rooms
            for group in self._rooms.get(room, {}).values()
            if not (batch.is_raw and group.voice.gathers)
        ]
