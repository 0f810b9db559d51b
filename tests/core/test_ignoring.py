"""Ignoring: a nick, and with it each member who bears it, under any later nick."""

from __future__ import annotations

import pytest

from chatproto.core.ignoring import Ignoring
from chatproto.core.rooms import Member
from chatproto.errors import NotAllowed
from chatproto.limits import IGNORED_GONE, IGNORED_PER_MEMBER


class People:
    """Members who take names, and who ignore each other."""

    def __init__(self) -> None:
        self.ignoring = Ignoring()
        self.count = 0

    def come(self, nick: str) -> Member:
        self.count += 1
        member = Member(self.count, nick, 0.0)
        self.ignoring.note_nick(member)
        return member

    def rename(self, member: Member, nick: str) -> None:
        member.set_nick(nick)
        self.ignoring.note_nick(member)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def alice(people: People) -> Member:
    return people.come("alice")


def hides(member: Member, other: Member) -> bool:
    return member.ignored.hides(other.id, other.nick)


def test_who_is_ignored_stays_so_under_other_names(people: People, alice: Member) -> None:
    bob = people.come("bob")
    assert people.ignoring.toggle(alice, "Bob", bob)
    people.rename(bob, "rob")
    assert hides(alice, bob)
    assert people.ignoring.of(bob.id) == {alice}


def test_who_comes_by_an_ignored_name_is_ignored_after_it(people: People, alice: Member) -> None:
    people.ignoring.toggle(alice, "bob", None)
    bob = people.come("BOB")
    people.rename(bob, "rob")
    assert hides(alice, bob)
    carol = people.come("carol")
    people.rename(carol, "bob")
    people.rename(carol, "carol")
    assert hides(alice, carol)


def test_others_are_read(people: People, alice: Member) -> None:
    bob, carol = people.come("bob"), people.come("carol")
    people.ignoring.toggle(alice, "bob", bob)
    assert not hides(alice, carol)
    assert not hides(carol, bob)


def test_it_is_undone_by_any_name_of_theirs(people: People, alice: Member) -> None:
    bob = people.come("bob")
    for name in ("bob", "rob"):
        people.ignoring.toggle(alice, "bob", bob)
        people.rename(bob, "rob")
        assert not people.ignoring.toggle(alice, name, bob if name == "rob" else None)
        assert not hides(alice, bob)
        assert not alice.ignored
        assert people.ignoring.of(bob.id) == set()
        people.rename(bob, "bob")


def test_what_they_said_before_they_left_is_not_read_after_it(
    people: People, alice: Member
) -> None:
    bob = people.come("bob")
    people.ignoring.toggle(alice, "bob", bob)
    people.rename(bob, "rob")
    people.ignoring.forget(bob)
    assert hides(alice, bob)
    people.ignoring.toggle(alice, "bob", None)
    assert not hides(alice, bob)


def test_of_those_who_left_only_the_last_are_kept(people: People, alice: Member) -> None:
    people.ignoring.toggle(alice, "bob", None)
    sittings = []
    for _ in range(IGNORED_GONE + 1):
        sittings.append(bob := people.come("bob"))
        people.rename(bob, "rob")
        people.ignoring.forget(bob)
    assert not hides(alice, sittings[0])
    assert all(hides(alice, bob) for bob in sittings[1:])


def test_nothing_is_kept_of_who_ignores_and_leaves(people: People, alice: Member) -> None:
    bob = people.come("bob")
    people.ignoring.toggle(alice, "bob", bob)
    people.ignoring.toggle(alice, "carol", None)
    people.ignoring.forget(alice)
    assert not people.ignoring._by_key
    assert not people.ignoring._by_id
    people.ignoring.forget(bob)


def test_taking_a_name_one_ignores_hides_nothing_of_ones_own(people: People, alice: Member) -> None:
    people.ignoring.toggle(alice, "bob", None)
    people.rename(alice, "bob")
    assert alice.id not in alice.ignored.ids


def test_one_ignores_neither_oneself_nor_everybody(people: People, alice: Member) -> None:
    with pytest.raises(NotAllowed, match="That is you"):
        people.ignoring.toggle(alice, "ALICE", alice)
    for number in range(IGNORED_PER_MEMBER):
        people.ignoring.toggle(alice, f"bot{number}", None)
    with pytest.raises(NotAllowed, match="You are ignoring 100 names"):
        people.ignoring.toggle(alice, "another", None)
