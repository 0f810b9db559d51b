"""Selection: what one reader reads of what happened, and the bytes of it.  No I/O.

    selected   which events of a batch one reader reads, and which of these in a way of its own
    own_bytes  a batch as one reader reads it
    in_room    a batch as a member reads it who is in one of its rooms alone
    from_log   events of the log, as one reader reads them

Must not know wires or how it looks.
"""

from __future__ import annotations

from bisect import bisect
from itertools import chain, compress
from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.core.events import ADDRESSED, ANNOUNCED, SHOWN, Event, Presence
from chatproto.delivery.batch import is_in
from chatproto.delivery.rendered import rendered
from chatproto.voices.voice import Crowd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from chatproto.core.rooms import Member, Seat
    from chatproto.delivery.batch import Batch
    from chatproto.delivery.reader import Group, Reader
    from chatproto.delivery.renderings import Renderings
    from chatproto.voices.voice import Shown, Voice

_NONE: Final[Mapping[int, Shown]] = {}


class Selection(NamedTuple):
    """What one reader reads of a batch.

    mask   of each event, whether the reader reads it; None for every one
    own    by place, the events that read otherwise to this reader than to all others: as it reads them
    """

    mask: Iterable[bool] | None
    own: Mapping[int, Shown]


_EVERY: Final = Selection(None, _NONE)


# -- bytes --------------------------------------------------------------------------------------


def own_bytes(reader: Reader, batch: Batch, renderings: Renderings) -> bytes:
    """Return the bytes of a batch for one reader, as its screen takes them."""
    voice, current, seat = reader.voice, reader.current, reader.seat
    assert seat
    if batch.origins == [seat.id] and batch.talk and not voice.own_lines:
        return b""  # a line alone, typed here: what most batches are to one of their readers
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


def in_room(batch: Batch, group: Group, renderings: Renderings) -> bytes:
    """Return the bytes of a batch for a member who is in one of its rooms alone."""
    rendering = renderings.of(batch, group.voice, group.current)
    if batch.rooms == {group.room}:
        return rendering.whole
    pairs = zip(batch.events, rendering.lines, strict=True)
    return group.voice.frame(b"".join([line for event, line in pairs if is_in(event, group.room)]))


def from_log(reader: Reader, seat: Seat, events: Sequence[Event]) -> bytes:
    """Return the bytes of events from the log for one reader, as its screen takes them."""
    own = reader.voice.own_lines
    wanted = [
        event
        for event in events
        if _was_there(reader, event) and _is_said_to(event, seat, seat.member.rooms, own=own)
    ]
    lines = rendered(reader.voice, wanted, reader.current, seat.member.ids) if wanted else []
    return reader.framed(b"".join(lines))


# -- which ones ---------------------------------------------------------------------------------


def selected(reader: Reader, seat: Seat, batch: Batch) -> Selection | None:
    """Return what a reader reads of a batch; None for all of it, as all others read it."""
    own, ids = _NONE, seat.member.ids
    if batch.personal:
        places = (place for one_id in ids for place in batch.personal.get(one_id, ()))
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


def _picked(reader: Reader, seat: Seat, batch: Batch, own: Mapping[int, Shown]) -> Selection:
    """Return what a reader reads of a batch, going by each event."""
    own, rooms = dict(own), _rooms(reader, seat.member, batch)
    mask = [True] * len(batch.events) if reader.live else list(_is_new(reader, batch))
    for place, event in enumerate(batch.events):
        if not mask[place]:
            continue
        read = as_read_by(event, seat, rooms, reader.voice)
        if read is None:
            mask[place] = False
        elif read is not event:
            own[place] = read
    return Selection(mask, own)


def _rooms(reader: Reader, member: Member, batch: Batch) -> Collection[str]:
    """Return the rooms that a reader has been in since before a batch."""
    if reader.live:
        return member.rooms
    joined = reader.joined
    return [room for room in member.rooms if room not in joined or joined[room].batch < batch.index]


def _is_new(reader: Reader, batch: Batch) -> Iterator[bool]:
    """Yield of each event whether it is beyond a reader's cursor.

    A presence is beyond it when the event that it follows is the last one up to the cursor, or a later one.
    """
    seq = batch.before
    for event in batch.events:
        if isinstance(event, Event):
            seq = event.seq
            yield reader.seq < seq
        else:
            yield reader.seq <= seq


def _was_there(reader: Reader, event: Event) -> bool:
    """Return whether an event from the log is no older than a reader's coming into its room."""
    return event.room not in reader.joined or reader.joined[event.room].seq < event.seq


def as_read_by(event: Shown, seat: Seat, rooms: Collection[str], voice: Voice) -> Shown | None:
    """Return this as it is read at the seat of a member of these rooms, in that voice; None when it is not."""
    if isinstance(event, Event):
        return event if _is_said_to(event, seat, rooms, own=voice.own_lines) else None
    if isinstance(event, Crowd):
        return _news(event, seat.member, rooms) if voice.gathers else None
    if voice.gathers:
        return None
    return event if _is_told_to(event, seat.member, rooms, own=voice.own_lines) else None


def _is_told_to(presence: Presence, member: Member, rooms: Collection[str], *, own: bool) -> bool:
    """Return whether a member reads of this: once, however many of its rooms the member is in."""
    if presence.origin == member.id:
        return own
    is_there = any(room in rooms for room in presence.rooms)
    return is_there and not member.ignored.hides(presence.origin, presence.nick)


def _news(told: Crowd, member: Member, rooms: Collection[str]) -> Crowd | None:
    """Return what is news to a member of a crowd; None when nothing is left of it."""
    if told.origin == member.id or told.room not in rooms:
        return None
    # One by one only: in a crowd a member who is ignored is a name and no more.
    if told.origin and member.ignored.hides(told.origin, told.names[0]):
        return None
    if told.told_in:
        return _read_here(told, rooms)
    if member.id not in told.after:
        return told
    # No news are those it was shown on coming in, and the member itself.  In a storm all are told of nearly all.
    return _only(told, told.names[bisect(told.entries, member.entries.get(told.room, 0)) :])


def _read_here(told: Crowd, rooms: Collection[str]) -> Crowd | None:
    """Return what is read of a crowd in its room: the members that are not told of in an earlier one of the rooms."""
    here = [
        places
        for told_in, places in told.told_in.items()
        if next((room for room in told_in if room in rooms), "") == told.room
    ]
    if len(here) == len(told.told_in):
        return told
    return _only(told, tuple([told.names[place] for place in sorted(chain.from_iterable(here))]))


def _only(told: Crowd, names: tuple[str, ...]) -> Crowd | None:
    """Return a crowd with some of its names alone; None for none."""
    return told._replace(names=names, size=len(names)) if names else None


def _is_said_to(event: Event, seat: Seat, rooms: Collection[str], *, own: bool) -> bool:
    if event.kind not in SHOWN:
        return False
    member = seat.member
    is_own = event.origin in member.ids
    is_between = is_own or event.target == member.id
    is_there = is_between if event.kind in ADDRESSED else event.room in rooms
    if is_own:
        is_answer = event.kind in ANNOUNCED or event.target == member.id
        return is_there and (own or is_answer or event.origin != seat.id)
    return is_there and not member.ignored.hides(event.origin, event.author)
