"""The rooms in memory: those with people, and a bounded number of others."""

from __future__ import annotations

from chatproto.core.facts import Topic
from chatproto.core.rooms import Member, Room, Rooms
from chatproto.limits import IDLE_ROOMS


def used(rooms: Rooms, name: str) -> Room:
    """Return an empty room in which something was said."""
    room = rooms.bring(name)
    room.logged = True
    room.start_remembering()
    rooms.settle(room)
    return room


def test_a_room_is_brought_once() -> None:
    rooms = Rooms()
    assert rooms.bring("garden") is rooms.bring("garden") is rooms["garden"]


def test_an_empty_room_in_which_nothing_was_said_is_gone() -> None:
    rooms = Rooms()
    rooms.settle(rooms.bring("garden"))
    assert rooms == {}


def test_an_idle_room_keeps_no_lines() -> None:
    assert used(Rooms(), "garden").recent is None


def test_of_the_idle_rooms_those_are_kept_that_were_used_last() -> None:
    rooms = Rooms()
    for number in range(IDLE_ROOMS):
        used(rooms, f"room{number}")
    used(rooms, "room0")  # again
    used(rooms, "onemore")
    assert len(rooms) == len(rooms._idle) == IDLE_ROOMS
    assert "room1" not in rooms
    assert {"room0", "room2", "onemore"} <= set(rooms)


def test_rooms_are_listed_as_people_look_for_them() -> None:
    rooms = Rooms()
    for name in ("old", "older", "silent"):
        used(rooms, name)
    rooms["old"].topic = rooms["older"].topic = Topic("tea", "alice", 0, 1)
    used(rooms, "old")
    for name, people in (("pub", 2), ("attic", 1), ("cellar", 1)):
        room = rooms.bring(name)
        room.members = {number: Member(number, "bob", 0.0) for number in range(people)}
    names = [room.name for room in rooms.listed()]
    assert names == ["pub", "attic", "cellar", "old", "older", "silent"]


def test_a_room_with_people_is_never_forgotten() -> None:
    rooms = Rooms()
    garden = used(rooms, "garden")
    garden.members[1] = Member(1, "alice", 0.0)
    rooms.settle(garden)
    for number in range(IDLE_ROOMS + 10):
        used(rooms, f"room{number}")
    assert rooms["garden"] is garden


def test_a_room_whose_past_is_awaited_is_never_forgotten() -> None:
    rooms = Rooms()
    garden = rooms.bring("garden")
    garden.readers = [lambda: None]
    rooms.settle(garden)
    assert rooms["garden"] is garden


def test_a_room_that_was_forgotten_stays_so() -> None:
    rooms = Rooms()
    old = rooms.bring("garden")
    rooms.settle(old)
    old.logged = True
    rooms.settle(old)
    assert rooms == rooms._idle == {}
