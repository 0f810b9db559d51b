"""Selection: which of the things that happened one member reads.

Must not know connections, voices, or how anything looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from chatproto.core.events import ADDRESSED, ANNOUNCED, SHOWN, Change, Event

if TYPE_CHECKING:
    from chatproto.core.events import Happened, Presence
    from chatproto.core.rooms import Member, Seat

# The room in which a rename was read, by the old name and the new.
Renamed: TypeAlias = dict[tuple[str, ...], str]


class Place(NamedTuple):
    """Where in what happened: the last batch, and the last event, up to there."""

    batch: int
    seq: int


def is_for(event: Happened, seat: Seat, seen: Renamed, *, own: bool) -> bool:
    """Return whether this event is read at a seat.

    `seen` is what was read there of this batch, `own` whether the lines that were typed there are read too.
    """
    if isinstance(event, Event):
        return _is_said_to(event, seat, own=own)
    member = seat.member
    if event.origin == member.id or event.room not in member.rooms:
        return False
    if member.ignored.hides(event.origin, event.names[0] if event.origin else ""):
        return False  # one by one only: in a crowd they are a name and no more
    if event.change is Change.RENAMED:  # told in every room they are in, read once
        return seen.setdefault(event.names, event.room) == event.room
    return True


def as_read_by(told: Presence, member: Member) -> Presence | None:
    """Return what is news to a member of this: without themselves, and who was here when they came.

    None when nothing is left of it.
    """
    if member.id not in told.after:
        return told
    own = member.entries.get(told.room, 0)
    news = [nick for nick, entry in zip(told.names, told.entries, strict=True) if entry > own]
    return told._replace(names=tuple(news), crowd=len(news)) if news else None


def _is_said_to(event: Event, seat: Seat, *, own: bool) -> bool:
    if event.kind not in SHOWN:
        return False
    member = seat.member
    is_own = event.origin in member.ids
    is_between = is_own or event.target == member.id
    is_there = is_between if event.kind in ADDRESSED else event.room in member.rooms
    if is_own:
        is_answer = event.kind in ANNOUNCED or event.target == member.id
        return is_there and (own or is_answer or event.origin != seat.id)
    return is_there and not member.ignored.hides(event.origin, event.author)
