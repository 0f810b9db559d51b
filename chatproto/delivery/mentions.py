"""Mentions: the readers to whom a line reads otherwise when it has their nick in it.

While no reader has a voice that marks mentions, no text is looked at.
Must not know how a mention is marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.events import SHOWN, Event
from chatproto.core.mentions import folded, named
from chatproto.limits import MENTIONS_PER_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.rooms import Member
    from chatproto.delivery.reader import Reader
    from chatproto.voices.voice import Shown


class Mentions:
    """The readers who are to be told of a mention, by their nick in small letters."""

    def __init__(self) -> None:
        self._by_key: dict[str, Reader] = {}

    def add(self, reader: Reader, member: Member) -> None:
        """Look for the nick that a member has now, if the reader's voice marks it."""
        self.remove(reader)
        if reader.voice.marks_mentions:
            reader.mention_key = folded(member.nick)
            self._by_key[reader.mention_key] = reader

    def remove(self, reader: Reader) -> None:
        """Look for a reader's nick no more."""
        if reader.mention_key and self._by_key.get(reader.mention_key) is reader:
            del self._by_key[reader.mention_key]
        reader.mention_key = ""

    def find(self, events: Sequence[Shown]) -> dict[int, list[int]]:
        """Return the members who are named in what was said, each with the places of these events."""
        found: dict[int, list[int]] = {}
        if not self._by_key:
            return found
        for place, event in enumerate(events):
            if not isinstance(event, Event) or event.kind not in SHOWN:
                continue
            readers = named(event.text, self._by_key).values()
            if len(readers) <= MENTIONS_PER_LINE:
                for reader in readers:
                    assert reader.member
                    found.setdefault(reader.member.id, []).append(place)
        return found
