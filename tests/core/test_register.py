"""The register: which member has which nick, and which nicks are free."""

from __future__ import annotations

import pytest

from chatproto.core.register import Register
from chatproto.core.rooms import Member
from chatproto.errors import NotAllowed, NotFound, Taken

NOON = 43_200.0


@pytest.fixture
def alice() -> Member:
    return Member(1, "Alice", NOON)


@pytest.fixture
def register(alice: Member) -> Register:
    register = Register()
    register.add(alice)
    return register


def test_somebody_is_found_in_any_case_until_they_are_removed(
    register: Register, alice: Member
) -> None:
    assert register.find("aLICE") is alice
    register.remove(alice)
    with pytest.raises(NotFound, match="“Alice”"):
        register.find("Alice")
    register.check("Alice", NOON)


@pytest.mark.parametrize(
    ("nick", "error"),
    [("ALICE", Taken), ("AIice", Taken), ("ꓮꓡꓲꓚꓰ", Taken), ("system", NotAllowed)],
)
def test_a_nick_that_deceives_is_refused(
    register: Register, nick: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        register.check(nick, NOON)


def test_who_wants_a_taken_name_is_told_of_a_long_silence(register: Register) -> None:
    with pytest.raises(Taken, match="taken; silent for 12 minutes"):
        register.check("alice", NOON + 12 * 60)


def test_nobody_is_their_own_rival(register: Register, alice: Member) -> None:
    register.check("AIice", NOON, alice)
    assert register.rival("AIice", alice) is None
    assert register.rival("AIice") is alice


def test_a_guest_is_given_the_first_name_that_looks_like_nobodys(register: Register) -> None:
    register.add(Member(2, "guest-l", 0.0))
    assert [register.guest() for _ in range(2)] == ["guest-2", "guest-3"]
