"""Mentions: which members are told that a line names them.

Must not know connections, or how a mention looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.mentions import folded, named
from chatproto.limits import MENTIONS_PER_LINE

if TYPE_CHECKING:
    from chatproto.core.rooms import Member
    from chatproto.delivery.batch import Batch


class Mentions:
    """The members whose voices mark mentions, by the nick in small letters by which they are named."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._keys: dict[int, str] = {}

    def note(self, member: Member, *, are_marked: bool) -> None:
        """Take note of the nick that a member has from now on, and whether mentions of it are marked for them."""
        key = self._keys.pop(member.id, "")
        if key and self._members[key] is member:
            del self._members[key]
        if are_marked:
            key = self._keys[member.id] = folded(member.nick)
            self._members[key] = member

    def find(self, batch: Batch) -> None:
        """Note in a batch who is named in what was said."""
        if not self._members:
            return
        for place, event in enumerate(batch.events):
            members = named(event.text, self._members).values()
            if len(members) <= MENTIONS_PER_LINE:
                for member in members:
                    batch.mention(member.id, place)
