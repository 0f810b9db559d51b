"""Selection: what one reader reads of what happened, and the bytes of it.  No I/O.

    selected   which events of a batch one reader reads, and which of these in a way of their own
    own_bytes  a batch as one reader reads it
    in_room    a batch as those read it who are in one of its rooms
    from_log   events of the log, as one reader reads them

Must not know wires or how it looks.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from chatproto.core.events import ADDRESSED, ANNOUNCED, SHOWN, Change, Event
from chatproto.delivery.rendered import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chatproto.core.events import Happened
    from chatproto.core.rooms import Member, Seat
    from chatproto.delivery.batch import Batch
    from chatproto.delivery.groups import Alike
    from chatproto.delivery.reader import Reader
    from chatproto.delivery.renderings import Renderings

# The room in which a rename was read, by the old name and the new.
Renamed: TypeAlias = dict[tuple[str, ...], str]
_NONE: Final[Mapping[int, Happened]] = {}


class Selection(NamedTuple):
    """What one reader reads of a batch.

    mask   of each event, whether they read it; None for every one
    own    by place, the events that read otherwise to them than to all others: as they do
    """

    mask: Iterable[bool] | None
    own: Mapping[int, Happened]


_EVERY: Final = Selection(None, _NONE)


# -- bytes --------------------------------------------------------------------------------------


def own_bytes(reader: Reader, batch: Batch, renderings: Renderings) -> bytes:
    """Return what one reader reads of a batch, on their screen."""
    voice, current, seat = reader.voice, reader.current, reader.seat
    assert seat
    selection = selected(reader, seat, batch)
    rendering = renderings.of(batch, voice, current)
    if selection is None:
        return rendering.whole
    lines = rendering.lines
    if own := selection.own:
        lines = list(lines)
        texts = rendered(voice, list(own.values()), current, seat.member.ids, seat.member.nick)
        for place, text in zip(own, texts, strict=True):
            lines[place] = text
    if selection.mask is not None:
        lines = list(compress(lines, selection.mask))
    return reader.framed(b"".join(lines))


def in_room(batch: Batch, alike: Alike, renderings: Renderings) -> bytes:
    """Return what a member reads of a batch who is in one of its rooms alone."""
    rendering = renderings.of(batch, alike.voice, alike.current)
    if batch.rooms == {alike.room}:
        return rendering.whole
    pairs = zip(batch.events, rendering.lines, strict=True)
    return alike.voice.frame(b"".join([line for event, line in pairs if event.room == alike.room]))


def from_log(reader: Reader, seat: Seat, events: Sequence[Event]) -> bytes:
    """Return what one reader reads of events from the log, on their screen."""
    own = reader.voice.own_lines
    wanted = [
        event for event in events if _was_there(reader, event) and _is_said_to(event, seat, own=own)
    ]
    lines = rendered(reader.voice, wanted, reader.current, seat.member.ids) if wanted else []
    return reader.framed(b"".join(lines))


# -- which ones ---------------------------------------------------------------------------------


def selected(reader: Reader, seat: Seat, batch: Batch) -> Selection | None:
    """Return what a reader reads of a batch; None for all of it, just as all others do."""
    own, ids = _NONE, seat.member.ids
    if places := [place for number in ids for place in batch.personal.get(number, ())]:
        own = {place: batch.events[place] for place in places}
    if not _reads_it_whole(reader, seat.member, batch):
        return _picked(reader, seat, batch, own)
    if batch.concerns.isdisjoint(ids):
        return _EVERY if reader.typing else None
    return Selection(None if reader.voice.own_lines else map(seat.id.__ne__, batch.origins), own)


def _reads_it_whole(reader: Reader, member: Member, batch: Batch) -> bool:
    if member.ignored.names or batch.talk not in member.rooms:
        return False
    is_new = reader.seq <= batch.before and reader.joined[batch.talk].batch < batch.index
    return reader.live or is_new


def _picked(reader: Reader, seat: Seat, batch: Batch, own: Mapping[int, Happened]) -> Selection:
    """Return what a reader reads of a batch, going by each event."""
    own, seen = dict(own), Renamed()
    mask = [True] * len(batch.events) if reader.live else list(_has_yet_to_read(reader, batch))
    for place, event in enumerate(batch.events):
        if not mask[place]:
            continue
        news = as_read_by(event, seat.member)
        if news is None or not is_for(event, seat, seen, own=reader.voice.own_lines):
            mask[place] = False
        elif news is not event:
            own[place] = news
    return Selection(mask, own)


def _has_yet_to_read(reader: Reader, batch: Batch) -> Iterator[bool]:
    """Yield of each event whether it is beyond a reader's cursor, and they were in its room.

    A presence is beyond it when the event that it follows is the last one up to the cursor, or a later one.
    """
    seq = batch.before
    for event in batch.events:
        is_new = reader.seq <= seq
        if isinstance(event, Event):
            seq = event.seq
            is_new = reader.seq < seq
        joined = reader.joined.get(event.room)
        yield is_new and (joined is None or joined.batch < batch.index)


def _was_there(reader: Reader, event: Event) -> bool:
    """Return whether an event from the log is no older than a reader's coming into its room."""
    return event.room not in reader.joined or reader.joined[event.room].seq < event.seq


def as_read_by(event: Happened, member: Member) -> Happened | None:
    """Return what is news to a member of this: without themselves, and who was here when they came.

    None when nothing is left of it.
    """
    if isinstance(event, Event) or member.id not in event.after:
        return event
    own = member.entries.get(event.room, 0)
    news = [nick for nick, entry in zip(event.names, event.entries, strict=True) if entry > own]
    return event._replace(names=tuple(news), crowd=len(news)) if news else None


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
