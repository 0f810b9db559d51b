"""Correspondence: by a nick that has changed hands no private line goes out, unless asked for twice."""

from __future__ import annotations

import pytest

from chatproto.core.away import Away
from chatproto.core.correspondence import Correspondence
from chatproto.core.ignoring import Ignoring
from chatproto.core.rooms import Member
from chatproto.errors import NotAllowed
from chatproto.limits import CORRESPONDENTS

ANNA, OTHER = Member(1, "anna", 0.0), Member(2, "anna", 0.0)


@pytest.fixture
def written() -> Correspondence:
    written = Correspondence()
    written.check(ANNA, {})
    written.note(ANNA)
    return written


def test_the_same_person_is_written_to_again(written: Correspondence) -> None:
    written.check(ANNA, {1: ANNA})


def test_another_of_that_name_is_written_to_when_asked_for_twice(written: Correspondence) -> None:
    with pytest.raises(NotAllowed, match="The “anna” you wrote to has left, and this may be"):
        written.check(OTHER, {2: OTHER})
    written.check(OTHER, {2: OTHER})
    written.note(OTHER)
    written.check(OTHER, {2: OTHER})


def test_it_is_told_what_the_first_one_is_called_now(written: Correspondence) -> None:
    renamed = Member(1, "anya", 0.0)
    with pytest.raises(NotAllowed, match="The “anna” you wrote to is “anya” now, and this is some"):
        written.check(OTHER, {1: renamed, 2: OTHER})


def test_another_spelling_is_the_same_name(written: Correspondence) -> None:
    with pytest.raises(NotAllowed):
        written.check(Member(3, "ANNA", 0.0), {})


def test_only_the_names_used_last_are_kept(written: Correspondence) -> None:
    for number in range(CORRESPONDENTS):
        written.note(Member(number + 10, f"n{number}", 0.0))
    assert len(written._known) == CORRESPONDENTS
    written.check(OTHER, {})  # the longest ago: forgotten


def test_an_absence_is_told_once(written: Correspondence) -> None:
    anna, away = Member(1, "anna", 0.0), Away(Ignoring())
    assert not written.tell_absence(anna)
    for _absence in range(2):
        away.go(anna, "lunch")
        written.note(anna)
        assert written.tell_absence(anna)
        written.note(anna)
        assert not written.tell_absence(anna)
        away.come_back(anna)
