"""Selection: members who came and went, as one member reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from raw_voice import RawVoice

from chatproto.core.events import Change, Presence
from chatproto.core.identity import NOBODY
from chatproto.core.rooms import Member, Seat
from chatproto.delivery.selection import as_read_by
from chatproto.voices.line import LineVoice
from chatproto.voices.voice import Crowd

if TYPE_CHECKING:
    from collections.abc import Sequence

GATHERS, RAW = LineVoice("en"), RawVoice()
ALICE = Member(1, "alice", 0.0)
SEAT = Seat(ALICE.id, ALICE, NOBODY)
ROOMS = ("lobby", "garden")


class OthersAlone(RawVoice):
    """A raw voice whose readers are not sent their own lines."""

    own_lines: ClassVar[bool] = False


def did(change: Change, *rooms: str, by: int = 2) -> Presence:
    return Presence(0, rooms, change, "bob", by)


def came(*entries: int, after: Sequence[int] = ()) -> Crowd:
    names = tuple(f"m{entry}" for entry in entries)
    crowd = Crowd(0, "lobby", Change.JOINED, names, len(names), 0)
    return crowd._replace(entries=entries, after=tuple(after))


def gone(room: str, *told_in: tuple[str, ...]) -> Crowd:
    names = tuple(f"m{place}" for place in range(len(told_in)))
    places: dict[tuple[str, ...], list[int]] = {}
    for place, rooms in enumerate(told_in):
        places.setdefault(rooms, []).append(place)
    return Crowd(0, room, Change.QUIT, names, len(names), 0, told_in=places)


def names(crowd: Crowd) -> tuple[str, ...]:
    """Return the members that alice reads of in a crowd."""
    read = as_read_by(crowd, SEAT, ROOMS, GATHERS)
    assert read is None or isinstance(read, Crowd)
    assert read is None or read.size == len(read.names)
    return read.names if read else ()


def test_a_voice_reads_either_crowds_or_presences() -> None:
    presence, crowd = did(Change.JOINED, "lobby"), came(1, 2)
    assert as_read_by(presence, SEAT, ROOMS, RAW) is presence
    assert as_read_by(presence, SEAT, ROOMS, GATHERS) is None
    assert as_read_by(crowd, SEAT, ROOMS, GATHERS) is crowd
    assert as_read_by(crowd, SEAT, ROOMS, RAW) is None


def test_a_presence_is_read_where_the_member_is_in_one_of_its_rooms() -> None:
    quits = did(Change.QUIT, "cellar", "garden")
    assert as_read_by(quits, SEAT, ROOMS, RAW) is quits
    assert as_read_by(quits, SEAT, ("lobby",), RAW) is None


@pytest.mark.parametrize(("change", "room"), [(Change.JOINED, "lobby"), (Change.LEFT, "cellar")])
def test_ones_own_presence_is_read_as_ones_own_lines_are(change: Change, room: str) -> None:
    own = did(change, room, by=ALICE.id)
    assert as_read_by(own, SEAT, ROOMS, RAW) is own
    assert as_read_by(own, SEAT, ROOMS, OthersAlone()) is None


def test_ones_own_crowd_is_not_read() -> None:
    assert as_read_by(came(1)._replace(origin=ALICE.id), SEAT, ROOMS, GATHERS) is None


def test_only_who_came_later_is_news_to_who_came_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ALICE, "entries", {"lobby": 5})
    assert names(came(4, 5, 7, 9, after=[ALICE.id])) == ("m7", "m9")
    assert names(came(4, 5, after=[ALICE.id])) == ()
    assert names(came(4, 5)) == ("m4", "m5")


def test_who_quits_is_read_in_the_first_room_that_is_theirs_and_tells_of_it() -> None:
    both, garden, other = ("lobby", "garden"), ("garden",), ("cellar", "garden")
    assert names(gone("lobby", both)) == ("m0",)
    assert names(gone("garden", both)) == ()
    assert names(gone("garden", both, garden, both, other)) == ("m1", "m3")
    assert names(gone("cellar", other)) == ()
    assert as_read_by(whole := gone("garden", garden, other), SEAT, ROOMS, GATHERS) is whole
