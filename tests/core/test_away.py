"""Being away: what is missed is counted, and nothing else is."""

from __future__ import annotations

import pytest

from chatproto.core.absence import Missed
from chatproto.core.away import Away
from chatproto.core.events import Event, Kind
from chatproto.core.ignoring import Ignoring
from chatproto.core.rooms import Member, Room


class Office:
    """Alice is in two rooms; bob talks."""

    def __init__(self) -> None:
        self.ignoring = Ignoring()
        self.away = Away(self.ignoring)
        self.alice, self.bob = Member(1, "Alice", 0.0), Member(2, "bob", 0.0)
        self.rooms = {name: Room(name) for name in ("lobby", "garden", "attic")}
        for name in ("lobby", "garden"):
            self.alice.rooms[name] = self.rooms[name]
        self.seq = 0

    def say(
        self, text: str, room: str = "lobby", by: Member | None = None, kind: Kind = Kind.SAID
    ) -> None:
        self.seq += 1
        by = by or self.bob
        event = Event(self.seq, 0, kind, room, by.nick, by.id, "", 0, text)
        self.away.note(event, self.rooms[room], by)

    def missed(self) -> Missed:
        assert self.alice.away
        return self.alice.away.missed(self.alice.lines)


@pytest.fixture
def office() -> Office:
    office = Office()
    office.say("before")
    office.away.go(office.alice, "lunch")
    return office


def test_lines_are_counted_by_room(office: Office) -> None:
    for room in ("lobby", "garden", "lobby", "attic"):
        office.say("a line", room)
    office.say("waves", kind=Kind.DID)
    office.say("a topic for alice", kind=Kind.TOPIC)
    assert office.missed() == Missed({"lobby": 3, "garden": 1}, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("alice", True), ("ALICE: hello", True), ("ask Alice.", True), ("(alice)", True),
        ("malice", False), ("alice-ann", False), ("al ice", False), ("", False),
    ],
)  # fmt: skip
def test_lines_that_name_them_are_counted(office: Office, text: str, *, is_named: bool) -> None:
    office.say("another line")
    office.say(text)
    office.say(text)
    assert office.missed()[1:3] == ((2, 3) if is_named else (0, 0))


def test_what_names_them_where_they_are_not_is_not_counted(office: Office) -> None:
    office.say("alice is silly", "attic")
    assert office.missed() == Missed({}, 0, 0, 0)


def test_ones_own_lines_do_not_count(office: Office) -> None:
    office.say("on its way when alice went", by=office.alice)
    assert office.missed() == Missed({}, 0, 0, 0)


def test_lines_of_whom_one_ignores_do_not_count(office: Office) -> None:
    office.ignoring.toggle(office.alice, "bob", office.bob)
    office.say("alice?")
    office.bob.set_nick("rob")
    office.say("alice!", "garden")
    office.say("a line", by=Member(3, "carol", 0.0))
    assert office.missed() == Missed({"lobby": 1}, 0, 0, 0)


def test_a_room_joined_while_away_counts_from_then_on(office: Office) -> None:
    office.say("too early", "attic")
    office.alice.rooms["attic"] = office.rooms["attic"]
    office.away.join(office.alice, office.rooms["attic"])
    office.say("alice?", "attic")
    assert office.missed() == Missed({"attic": 1}, 1, 3, 0)


def test_private_lines_are_counted(office: Office) -> None:
    office.away.note_private(office.alice)
    office.away.note_private(office.bob)  # who is here
    assert office.missed().private == 1


def test_another_reason_is_the_same_absence(office: Office) -> None:
    office.say("one")
    office.away.go(office.alice, "dinner")
    assert office.alice.away
    assert office.alice.away.reason == "dinner"
    assert office.missed().rooms == {"lobby": 1}


def test_nothing_is_kept_of_who_is_back(office: Office) -> None:
    office.alice.set_nick("ann")
    office.away.rename(office.alice)
    office.away.come_back(office.alice)
    office.away.come_back(office.bob)
    assert not office.away._by_name
    assert not office.away.members
