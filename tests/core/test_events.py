"""The facts that go from the chat to its readers."""

from __future__ import annotations

import pytest

from chatproto.core.events import Change, Draft, Event, Kind, Presence

DRAFT = Draft(1, Kind.SAID, "lobby", "alice", 7, "", 0, "hello")


def test_an_event_is_a_draft_behind_its_number() -> None:
    assert Event._fields == ("seq", *Draft._fields)
    assert Event(5, *DRAFT)[1:] == DRAFT


@pytest.mark.parametrize(
    ("kind", "number"),
    [(Kind.SAID, 1), (Kind.DID, 2), (Kind.TOPIC, 3), (Kind.PRIVATE, 4)],
)
def test_the_numbers_on_disk_stay_what_they_are(kind: Kind, number: int) -> None:
    assert kind == number
    assert len(Kind) == 4, "a new kind: add it here"


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        DRAFT.text = "goodbye"  # type: ignore[misc]


def test_a_presence_is_told_apart_from_an_event() -> None:
    presence = Presence(1, "lobby", Change.JOINED, ("alice",), 1, 7)
    assert not isinstance(presence, Event)
    assert {"time", "room", "origin", "text"} <= set(Presence._fields) & set(Event._fields)
