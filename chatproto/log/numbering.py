"""Numbers: 1, 2, 3, ... over all rooms, without a gap.  An order gives them, an archive checks them.

An event is what was asked for, with its number before it.  A draft with a ref that its sender has used before
gets none: it is a repeat of the event that the ref stands for.
Must not know the archive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.core.events import Draft, Event, ref_of, sender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatproto.core.events import Asked, Happened, Sender


class Numbered(NamedTuple):
    """What follows from what was asked for.

    events     what is to be stored, with their numbers
    happened   the same, and the presences in their places among it
    repeats    drafts that were asked for before, each with the event that they are
    """

    events: list[Event]
    happened: Sequence[Happened]
    repeats: list[tuple[Draft, Event]]


_DRAFTS: Final = frozenset({Draft})


def number(asked: Sequence[Asked], last: int, find: Callable[[Draft], Event | None]) -> Numbered:
    """Return what was asked for, numbered on from `last`; `find` returns the stored event that a ref stands for."""
    events: list[Event] = []
    if len(asked) > 1 and _DRAFTS.issuperset(map(type, asked)) and not any(map(ref_of, asked)):
        events = [Event._make((seq, *one)) for seq, one in enumerate(asked, last + 1)]
        return Numbered(events, events, [])
    happened: list[Happened] = []
    repeats: list[tuple[Draft, Event]] = []
    new: dict[tuple[Sender, str], Event] = {}
    for one in asked:
        if not isinstance(one, Draft):
            happened.append(one)
        elif one.ref and (known := new.get((sender(one), one.ref)) or find(one)):
            repeats.append((one, known))
        else:
            last += 1
            event = Event._make((last, *one))
            events.append(event)
            happened.append(event)
            if one.ref:
                new[sender(one), one.ref] = event
    return Numbered(events, happened, repeats)


def check(events: Sequence[Event], last: int) -> None:
    """Raise ValueError unless events are numbered on from `last`."""
    first, end = events[0].seq, events[-1].seq
    if (first, end) != (last + 1, last + len(events)):
        raise ValueError(f"events {first} to {end} do not follow event {last}")
