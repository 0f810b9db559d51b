"""The facts that go from the chat to its readers."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatproto.core import events
from chatproto.core.events import KINDS, Change, Draft, Event, Kind, Presence
from unknown import UNKNOWN_KINDS

DRAFT = Draft(1, Kind.SAID, "lobby", "alice", 7, "", 0, "hello")


def test_an_event_is_a_draft_behind_its_number() -> None:
    assert Event._fields == ("seq", *Draft._fields)
    assert Event(5, *DRAFT)[1:] == DRAFT


NUMBERS = {
    "SAID": 1,
    "DID": 2,
    "TOPIC": 3,
    "PRIVATE": 4,
}


def test_the_numbers_on_disk_stay_what_they_are() -> None:
    assert {kind.name: kind.value for kind in Kind} == NUMBERS, "a new kind: add it here"


COLUMNS = {
    "is_talk": "TALK", "is_shown": "SHOWN", "is_indexed": "INDEXED", "is_addressed": "ADDRESSED",
    "is_remembered": "REMEMBERED",
}  # fmt: skip


def test_each_kind_has_a_row() -> None:
    assert KINDS.keys() == set(Kind)
    assert set(COLUMNS) == set(events.Row._fields)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_kind_is_in_the_columns_of_its_row(kind: Kind, column: str) -> None:
    assert (kind in getattr(events, COLUMNS[column])) is getattr(KINDS[kind], column)


@given(UNKNOWN_KINDS)
def test_an_unknown_kind_is_in_none(kind: int) -> None:
    assert not any(kind in getattr(events, name) for name in (*COLUMNS.values(), "ANNOUNCED"))


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        DRAFT.text = "goodbye"  # type: ignore[misc]


def test_a_presence_is_told_apart_from_an_event() -> None:
    presence = Presence(1, ("lobby",), Change.JOINED, "alice", 7)
    assert not isinstance(presence, Event)
    assert {"time", "origin", "text"} <= set(Presence._fields) & set(Event._fields)
