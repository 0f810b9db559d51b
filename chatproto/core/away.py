"""Being away: which members are, why, and what they miss meanwhile.

What is missed is counted as it is said, so coming back asks nothing of the log: lines by a counter of each room,
private lines as they come, mentions by looking the name up among those of the members who are away.  Not counted are
a member's own lines, which may still be on their way when it goes, and those of members it ignores.
Must not know commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core import permissions
from chatproto.core.absence import Absence
from chatproto.core.events import TALK
from chatproto.core.mentions import folded, named
from chatproto.core.permissions import Action

if TYPE_CHECKING:
    from collections.abc import Collection

    from chatproto.core.events import Event
    from chatproto.core.ignoring import Ignoring
    from chatproto.core.rooms import Member, Room


class Away:
    """The members who are away.

    members   by id; while there are none, nothing need be noted
    """

    def __init__(self, ignoring: Ignoring) -> None:
        self._ignoring = ignoring
        self._by_name: dict[str, Member] = {}
        self.members: dict[int, Member] = {}
        self._count = 0

    def go(self, member: Member, reason: str) -> None:
        """Note that a member is away, or away for another reason.  Raise NotAllowed."""
        permissions.check(Action.GO_AWAY, member)
        if member.away:
            member.away.reason = reason
            return
        self._count += 1
        member.away = Absence(self._count, reason, folded(member.nick), member.lines)
        self._by_name[member.away.mention_key] = self.members[member.id] = member

    def come_back(self, member: Member) -> None:
        """Note that a member is back; do nothing when it was not away."""
        if member.away:
            self._forget_name(member.away)
            del self.members[member.id]
            member.away = None

    def join(self, member: Member, room: Room) -> None:
        """Count what is said from now on in a room that a member who is away comes into."""
        if member.away:
            member.away.join(room.name, room.lines)

    def rename(self, member: Member) -> None:
        """Take note of the name a member has from now on."""
        if member.away:
            self._forget_name(member.away)
            member.away.mention_key = folded(member.nick)
            self._by_name[member.away.mention_key] = member

    def _forget_name(self, absence: Absence) -> None:
        found = self._by_name.get(absence.mention_key)
        if found and found.away is absence:
            del self._by_name[absence.mention_key]

    # -- what they miss -------------------------------------------------------------------------

    def note(self, event: Event, room: Room, speaker: Member | None) -> None:
        """Count a line that was said in a room, by a member who may have left since."""
        if event.kind not in TALK:
            return
        room.lines += 1
        skipping = self._skipping(event.origin, speaker)
        for absence in skipping:
            absence.skip(room.name)
        for member in named(event.text, self._by_name).values():
            if member.away and room.name in member.rooms and member.away not in skipping:
                member.away.name(event.seq)

    def _skipping(self, origin: int, speaker: Member | None) -> Collection[Absence]:
        """Return the absences in which a line does not count: of its author, and of members who ignore the author."""
        members = self._ignoring.of(origin)
        if not members and not (speaker and speaker.away):
            return ()
        return {member.away for member in (*members, speaker) if member and member.away}

    def note_private(self, to: Member) -> None:
        """Count a private line that a member reads."""
        if to.away:
            to.away.write()
