"""Mentions: the members to whom a line reads otherwise when it has their nick in it.

While no member has a voice that marks mentions, no text is looked at.
Must not know readers or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.events import SHOWN, Event
from chatproto.core.mentions import folded, named
from chatproto.limits import MENTIONS_PER_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.rooms import Member
    from chatproto.voices.voice import Shown


class Mentions:
    """The members who are to be told of a mention, by nick in small letters."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._keys: dict[int, str] = {}

    def note(self, member: Member, *, are_marked: bool) -> None:
        """Look from now on for the nick that a member has now, if one of its voices marks mentions."""
        key = self._keys.pop(member.id, "")
        if key and self._members.get(key) is member:
            del self._members[key]
        if are_marked:
            key = self._keys[member.id] = folded(member.nick)
            self._members[key] = member

    def find(self, events: Sequence[Shown]) -> dict[int, list[int]]:
        """Return the members who are named in what was said, each with the places of these events."""
        found: dict[int, list[int]] = {}
        if not self._members:
            return found
        for place, event in enumerate(events):
            if not isinstance(event, Event) or event.kind not in SHOWN:
                continue
            members = named(event.text, self._members).values()
            if len(members) <= MENTIONS_PER_LINE:
                for member in members:
                    found.setdefault(member.id, []).append(place)
        return found
