"""What follows from an event: the same wherever it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.events import Event, Kind
from chatproto.core.facts import FACTUAL, RoomTopic, Topic, facts, rooms_there
from chatproto.core.rooms import Rooms
from chatproto.log.memory import MemoryArchive
from fakes import Clock
from unknown import UNKNOWN_KINDS


def event(kind: int, text: str = "roses", room: str = "garden") -> Event:
    return Event(5, 1_000, kind, room, "alice", 7, "", 0, text)


def test_a_topic_is_set_by_somebody_and_taken_away() -> None:
    topic = Topic("roses", "alice", 1_000, 7)
    assert facts(event(Kind.TOPIC)) == (RoomTopic("garden", topic),)
    assert facts(event(Kind.TOPIC, "")) == (RoomTopic("garden", None),)


@given(st.integers())
def test_nothing_follows_from_what_is_not_factual(kind: int) -> None:
    assert bool(facts(event(kind))) is (kind in FACTUAL)


@given(UNKNOWN_KINDS)
def test_an_unknown_kind_makes_no_room(kind: int) -> None:
    assert rooms_there([event(kind)]) == set()
    assert rooms_there([event(Kind.PRIVATE, room=""), event(Kind.DID, room="pub")]) == {"pub"}


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_whoever_applies_the_facts_knows_what_the_log_knows(kept: int) -> None:
    archive, rooms = MemoryArchive(Clock()), Rooms()
    for seq, text in enumerate(("roses", "", "tulips")[:kept], 1):
        archive.store([event(Kind.TOPIC, text)._replace(seq=seq)])
        for fact in facts(event(Kind.TOPIC, text)):
            rooms.apply(fact)
    records: list[object] = []
    archive.room("garden").addCallback(records.append)
    assert records == [("garden", rooms["garden"].topic) if kept else None]
