"""The roster: the members who are here, and their seats."""

from __future__ import annotations

import pytest

from chatproto.core.identity import NOBODY
from chatproto.core.roster import Roster
from chatproto.errors import NotAllowed
from chatproto.limits import SEATS_PER_MEMBER


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


def test_the_id_of_an_empty_seat_is_used_again_by_the_same_member(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    first, second = roster.sit(alice, NOBODY), roster.sit(alice, NOBODY)
    roster.get_up(first)
    assert alice.seats == (second,)
    assert alice.ids == (101, 102)  # what was said there is theirs still
    assert roster.sit(alice, NOBODY).id == first.id
    assert roster.sit(alice, NOBODY).id == 103


def test_there_are_so_many_seats_and_no_more(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    for _ in range(SEATS_PER_MEMBER):
        roster.sit(alice, NOBODY)
    with pytest.raises(NotAllowed, match="You are here 10 times already"):
        roster.sit(alice, NOBODY)
    roster.get_up(alice.seats[4])
    roster.sit(alice, NOBODY)
    assert len(alice.ids) == SEATS_PER_MEMBER


def test_of_whoever_has_gone_nothing_is_kept(roster: Roster) -> None:
    alice = roster.admit("alice", 0.0, None)
    roster.sit(alice, NOBODY)
    roster.sit(alice, NOBODY)
    roster.remove(alice)
    assert not roster
    assert [roster.of(number) for number in alice.ids] == [None, None]
    assert roster.nicks.bearer("alice") is None
    assert roster.admit("alice", 0.0, None).id not in alice.ids
