"""The roster: the members who are here, and their seats."""

from __future__ import annotations

import pytest

from chatproto.core.identity import NOBODY
from chatproto.core.roster import Roster
from chatproto.errors import NotAllowed
from chatproto.limits import SEATS_GONE, SEATS_PER_MEMBER


@pytest.fixture
def roster() -> Roster:
    return Roster(100)


def test_the_first_seat_has_the_members_own_id(roster: Roster) -> None:
    alice, bob = (roster.admit(nick, 0.0, None) for nick in ("alice", "bob"))
    assert (alice.id, bob.id) == (101, 102)
    assert roster.sit(alice, NOBODY).id == 101
    assert alice.ids == (101,)


def test_what_is_done_at_any_seat_is_known_to_be_theirs(roster: Roster) -> None:
    alice, bob = (roster.admit(nick, 0.0, None) for nick in ("alice", "bob"))
    seats = [roster.sit(alice, NOBODY) for _ in range(3)]
    assert alice.ids == tuple(seat.id for seat in seats) == (101, 103, 104)
    assert [roster.of(number) for number in (101, 103, 104)] == [alice] * 3
    assert roster.of(102) is bob
    assert roster.of(105) is None
    assert list(roster) == [101, 102]  # members alone


def test_no_seat_has_the_id_of_one_that_was_left(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    first, second = roster.sit(alice, NOBODY), roster.sit(alice, NOBODY)
    for left in (first, second):
        other = roster.sit(alice, NOBODY)
        roster.get_up(left)
        assert left not in alice.seats
        assert other.id not in (first.id, second.id)
    assert alice.ids == (101, 102, 103, 104)  # what was said there is theirs still
    assert [seat.id for seat in alice.seats] == [103, 104]
    assert roster.admit("bob", 0.0, None).id == 105


def test_a_member_that_comes_and_goes_all_day_has_no_more_ids_than_it_may(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    roster.sit(alice, NOBODY)
    kept = roster.sit(alice, NOBODY)  # older than all that follow, and not left
    forgotten: list[int] = []
    for _ in range(SEATS_GONE + 3):
        roster.get_up(roster.sit(alice, NOBODY))
        forgotten += roster.forget_seats(alice)
    assert forgotten == [103, 104, 105]
    assert alice.ids == (alice.id, kept.id, *range(106, 106 + SEATS_GONE))
    assert [roster.of(one) for one in (101, 102, 105, 106)] == [alice, alice, None, alice]
    roster.remove(alice)
    assert not any(roster.of(one) for one in range(101, 200))


def test_there_are_so_many_seats_and_no_more(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    for _ in range(SEATS_PER_MEMBER):
        roster.sit(alice, NOBODY)
    with pytest.raises(NotAllowed, match="You are here 10 times already"):
        roster.sit(alice, NOBODY)
    roster.get_up(alice.seats[4])
    roster.sit(alice, NOBODY)
    assert len(alice.seats) == SEATS_PER_MEMBER


def test_of_whoever_has_gone_nothing_is_kept(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    roster.sit(alice, NOBODY)
    roster.sit(alice, NOBODY)
    roster.remove(alice)
    assert not roster
    assert [roster.of(number) for number in alice.ids] == [None, None]
    assert roster.nicks.bearer("alice") is None
    assert roster.admit("alice", 0.0, None).id not in alice.ids
