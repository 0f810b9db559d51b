"""Recall: what the archive knows of a room that comes into memory: what it is about, and its last lines.

A member who comes meanwhile waits for the same answer; what is said meanwhile follows it.
Must not know readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.limits import RECENT_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Event
    from chatproto.core.ports import Archive, RoomRecord
    from chatproto.core.rooms import Room, Rooms


def recall(
    room: Room,
    rooms: Rooms,
    archive: Archive,
    head: int,
    ready: Callable[[], None],
    *,
    fail: Callable[[Exception], None],
) -> None:
    """Call `ready` when a room has its topic and its last lines up to the event `head`: at once, if it does already.

    When one of the calls that waited for the log raises, `fail` is told, and the others are made all the same.
    """
    if room.readers is not None:
        room.readers.append(ready)
    elif room.recent is not None:
        ready()
    else:
        room.readers = [ready]
        room.start_remembering()
        _ask(room, archive, head).addCallbacks(
            lambda events: _recalled(room, rooms, events, fail),
            lambda _failure: _not_recalled(room, rooms, fail),
        )


def _ask(room: Room, archive: Archive, head: int) -> Deferred[list[Event]]:
    def last_lines(record: RoomRecord | None) -> Deferred[list[Event]] | list[Event]:
        if not room.has_topic:  # what happened meanwhile is newer
            room.set_topic(record.topic if record else None)
        return archive.before([room.name], head + 1, RECENT_LINES) if record else []

    if room.has_topic:  # the log was asked before, and its lines were forgotten since
        return archive.before([room.name], head + 1, RECENT_LINES)
    return archive.room(room.name).addCallback(last_lines)


def _recalled(
    room: Room, rooms: Rooms, events: Sequence[Event], fail: Callable[[Exception], None]
) -> None:
    opener, room.opener = room.opener, None
    if events:
        room.logged = True
        for window in opener.opened if opener else ():
            window.give_back()  # it was there before the opener came, who did not make it
    room.start_remembering(list(events))
    waiting, room.readers = room.readers or [], None
    for ready in waiting:
        try:
            ready()
        except Exception as fault:  # noqa: BLE001 - the fault of one stays with it
            fail(fault)
    rooms.settle(room)  # all may have left before the answer came


def _not_recalled(room: Room, rooms: Rooms, fail: Callable[[Exception], None]) -> None:
    """Go on without the past; the next member to come asks for it again."""
    _recalled(room, rooms, (), fail)
    room.recent = None
