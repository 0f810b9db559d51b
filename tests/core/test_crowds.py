"""Who came and went, and what is told of it."""

from __future__ import annotations

import pytest

from chatproto.core.crowds import Crowds
from chatproto.core.events import Change, Presence
from chatproto.core.rooms import Member, Room
from chatproto.limits import CROWD_SECONDS

NOON = 1_000.0


def someone(number: int, nick: str = "") -> Member:
    return Member(number, nick or f"m{number}", NOON)


@pytest.fixture
def crowds() -> Crowds:
    return Crowds("lobby")


def test_nobody_waits_at_first(crowds: Crowds) -> None:
    assert crowds.wait(NOON) == 0.0


def test_one_person_is_told_by_number_and_name(crowds: Crowds) -> None:
    crowds.note(someone(7, "alice"), Change.JOINED)
    assert crowds.tell(NOON, here=3) == [
        Presence(1_000_000, "lobby", Change.JOINED, ("alice",), 1, 7, here=3, entries=(0,))
    ]


def test_who_comes_next_waits_for_the_rest_of_the_second(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.JOINED)
    crowds.tell(NOON, here=3)
    assert crowds.wait(NOON + 0.25) == CROWD_SECONDS - 0.25
    assert crowds.wait(NOON + CROWD_SECONDS) == 0.0


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_jumps_keeps_nobody_waiting(crowds: Crowds, jump: float) -> None:
    crowds.note(someone(1), Change.JOINED)
    crowds.tell(NOON, here=3)
    assert crowds.wait(NOON + jump) <= CROWD_SECONDS


def test_a_crowd_is_told_together_in_the_order_of_their_coming(crowds: Crowds) -> None:
    room = Room("lobby")
    for number in range(100):
        member = someone(number)
        room.let_in(member)
        crowds.note(member, Change.JOINED)
    (told,) = crowds.tell(NOON, here=508)
    assert told.names == tuple(f"m{number}" for number in range(100))
    assert told.entries == tuple(range(1, 101))
    assert (told.crowd, told.origin, told.here) == (100, 0, 508)


def test_who_came_and_went_untold_was_never_here(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.JOINED)
    crowds.note(someone(1), Change.LOST)
    assert crowds.tell(NOON, here=3) == []
    assert crowds.wait(NOON) == 0.0  # nothing was told, so nobody waits


def test_who_left_is_told_before_who_came(crowds: Crowds) -> None:
    crowds.note(someone(2, "alice"), Change.JOINED)
    crowds.note(someone(1, "alice"), Change.QUIT)
    assert [told.change for told in crowds.tell(NOON, here=3)] == [Change.QUIT, Change.JOINED]


def test_each_way_of_leaving_is_told_for_itself_with_its_reason(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.LEFT, "tea")
    crowds.note(someone(2), Change.QUIT, "bed")
    crowds.note(someone(3), Change.LOST)
    told = crowds.tell(NOON, here=3)
    assert [(one.change, one.text) for one in told] == [
        (Change.LEFT, "tea"),
        (Change.QUIT, "bed"),
        (Change.LOST, ""),
    ]


def test_a_crowd_gives_no_reason(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.LEFT, "tea")
    crowds.note(someone(2), Change.LEFT, "bed")
    (told,) = crowds.tell(NOON, here=3)
    assert (told.crowd, told.text) == (2, "")


def test_who_is_renamed_untold_comes_by_the_new_name(crowds: Crowds) -> None:
    member = someone(1, "alice")
    crowds.note(member, Change.JOINED)
    member.set_nick("alicia")
    assert crowds.rename(member)
    assert crowds.tell(NOON, here=3)[0].names == ("alicia",)


def test_who_was_told_is_renamed_aloud(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.JOINED)
    assert crowds.is_pending(1)
    crowds.tell(NOON, here=3)
    assert not crowds.is_pending(1)
    assert not crowds.rename(someone(1))


def test_what_was_told_is_not_told_again(crowds: Crowds) -> None:
    crowds.note(someone(1), Change.JOINED)
    crowds.tell(NOON, here=3)
    assert crowds.tell(NOON, here=3) == []
