"""The fan-out: what is shown goes to all its readers, the same bytes to all that read alike.

Must not know how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.delivery.batch import pieces
from chatproto.delivery.selection import in_room, own_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from chatproto.delivery.batch import Batch, Tail
    from chatproto.delivery.catchup import CatchUp
    from chatproto.delivery.groups import Groups
    from chatproto.delivery.mentions import Mentions
    from chatproto.delivery.reader import Reader
    from chatproto.delivery.renderings import Renderings
    from chatproto.voices.voice import Shown


class FanOut:
    """What brings a batch to the readers who are live; the others find it in the tail."""

    def __init__(
        self,
        tail: Tail,
        mentions: Mentions,
        groups: Groups,
        renderings: Renderings,
        catch_up: CatchUp,
    ) -> None:
        self._tail = tail
        self._mentions = mentions
        self._groups = groups
        self._renderings = renderings
        self._catch_up = catch_up

    def send(self, shown: Sequence[Shown]) -> None:
        """Bring it to everybody, in one system call for each of them."""
        for events in pieces(shown):
            batch = self._tail.add(events, self._mentions.find(events))
            for data, readers in self._shares(batch):
                size = len(data)
                for reader in readers:
                    try:
                        taken: object = reader.try_send(data)
                    except Exception as error:  # noqa: BLE001 - one reader's fault is nobody else's
                        taken = error
                    if taken != size:
                        self._catch_up.fall_behind(reader, data, taken, batch)

    def _shares(self, batch: Batch) -> Iterator[tuple[bytes, Collection[Reader]]]:
        """Yield what is sent, and to which readers: each time all that read the same."""
        own, groups = self._groups.divide(batch)
        for reader in own:
            try:
                data = own_bytes(reader, batch, self._renderings)
            except Exception as error:  # noqa: BLE001 - one reader's fault is nobody else's
                self._catch_up.end(reader, error)
                continue
            if data:
                yield data, (reader,)
        for group in groups:
            if data := in_room(batch, group, self._renderings):
                # A new set either way: who falls behind leaves the group while we go through it.
                yield data, group - own
