"""Who came and went, and what is told of it."""

from __future__ import annotations

import pytest

from chatproto.core.doorway import Crowds
from chatproto.core.events import Change, Presence
from chatproto.core.rooms import Member, Room
from chatproto.limits import CROWD_SECONDS

NOON = 1_000.0


def someone(number: int, nick: str = "") -> Member:
    return Member(number, nick or f"m{number}", NOON)


@pytest.fixture
def doorway() -> Crowds:
    return Crowds("lobby")


def test_nobody_waits_at_first(doorway: Crowds) -> None:
    assert doorway.wait(NOON) == 0.0


def test_one_person_is_told_by_number_and_name(doorway: Crowds) -> None:
    doorway.note(someone(7, "alice"), Change.JOINED)
    assert doorway.tell(NOON, here=3) == [
        Presence(1_000_000, "lobby", Change.JOINED, ("alice",), 1, 7, here=3, entries=(0,))
    ]


def test_who_comes_next_waits_for_the_rest_of_the_second(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.JOINED)
    doorway.tell(NOON, here=3)
    assert doorway.wait(NOON + 0.25) == CROWD_SECONDS - 0.25
    assert doorway.wait(NOON + CROWD_SECONDS) == 0.0


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_jumps_keeps_nobody_waiting(doorway: Crowds, jump: float) -> None:
    doorway.note(someone(1), Change.JOINED)
    doorway.tell(NOON, here=3)
    assert doorway.wait(NOON + jump) <= CROWD_SECONDS


def test_a_crowd_is_told_together_in_the_order_of_their_coming(doorway: Crowds) -> None:
    room = Room("lobby")
    for number in range(100):
        member = someone(number)
        room.let_in(member)
        doorway.note(member, Change.JOINED)
    (told,) = doorway.tell(NOON, here=508)
    assert told.names == tuple(f"m{number}" for number in range(100))
    assert told.entries == tuple(range(1, 101))
    assert (told.crowd, told.origin, told.here) == (100, 0, 508)


def test_who_came_and_went_untold_was_never_here(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.JOINED)
    doorway.note(someone(1), Change.LOST)
    assert doorway.tell(NOON, here=3) == []
    assert doorway.wait(NOON) == 0.0  # nothing was told, so nobody waits


def test_who_left_is_told_before_who_came(doorway: Crowds) -> None:
    doorway.note(someone(2, "alice"), Change.JOINED)
    doorway.note(someone(1, "alice"), Change.QUIT)
    assert [told.change for told in doorway.tell(NOON, here=3)] == [Change.QUIT, Change.JOINED]


def test_each_way_of_leaving_is_told_for_itself_with_its_reason(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.LEFT, "tea")
    doorway.note(someone(2), Change.QUIT, "bed")
    doorway.note(someone(3), Change.LOST)
    told = doorway.tell(NOON, here=3)
    assert [(one.change, one.text) for one in told] == [
        (Change.LEFT, "tea"),
        (Change.QUIT, "bed"),
        (Change.LOST, ""),
    ]


def test_a_crowd_gives_no_reason(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.LEFT, "tea")
    doorway.note(someone(2), Change.LEFT, "bed")
    (told,) = doorway.tell(NOON, here=3)
    assert (told.crowd, told.text) == (2, "")


def test_who_is_renamed_untold_comes_by_the_new_name(doorway: Crowds) -> None:
    member = someone(1, "alice")
    doorway.note(member, Change.JOINED)
    member.set_nick("alicia")
    assert doorway.rename(member)
    assert doorway.tell(NOON, here=3)[0].names == ("alicia",)


def test_who_was_told_is_renamed_aloud(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.JOINED)
    assert doorway.is_pending(1)
    doorway.tell(NOON, here=3)
    assert not doorway.is_pending(1)
    assert not doorway.rename(someone(1))


def test_what_was_told_is_not_told_again(doorway: Crowds) -> None:
    doorway.note(someone(1), Change.JOINED)
    doorway.tell(NOON, here=3)
    assert doorway.tell(NOON, here=3) == []
