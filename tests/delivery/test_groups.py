"""Groups: which readers share bytes."""

from __future__ import annotations

from typing import Any, cast

import pytest
from raw_voice import RawVoice

from chatproto.core.events import Change, Event, Kind, Presence
from chatproto.core.identity import NOBODY
from chatproto.core.rooms import Member, Room, Seat
from chatproto.delivery.batch import Batch
from chatproto.delivery.groups import Groups
from chatproto.delivery.reader import Reader
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.voice import Crowd
from fakes import MemoryProducer, MemoryWire

EN, RU = LineVoice("en"), LineVoice("ru")


def reader(*rooms: str, voice: LineVoice = EN, current: str = "", member_id: int = 1) -> Reader:
    made = Reader(MemoryWire(), voice, Valve(MemoryProducer()))
    made.seat = Seat(1, Member(member_id, "alice", 0.0), NOBODY)
    member_of(made).rooms = {name: Room(name) for name in rooms}
    made.current = current or next(iter(rooms), "")
    return made


def member_of(reader: Reader) -> Member:
    assert reader.seat
    return reader.seat.member


def of(groups: Groups, room: str) -> dict[tuple[object, bool], set[Reader]]:
    _own, alike = groups.divide(Batch(1, 0, [line(room)]))
    return {(one.voice, one.current == room): set(one) for one in alike}


def line(room: str, origin: int = 99) -> Event:
    return Event(1, 0, Kind.SAID, room, "zoe", origin, "", 0, "hi")


def test_who_reads_alike_is_together() -> None:
    groups = Groups({})
    one, two, other = reader("lobby"), reader("lobby"), reader("lobby", voice=RU)
    for who in (one, two, other):
        groups.add(who)
    assert of(groups, "lobby") == {(EN, True): {one, two}, (RU, True): {other}}


def test_who_looks_elsewhere_reads_otherwise() -> None:
    groups = Groups({})
    who = reader("lobby", "garden", current="garden")
    groups.add(who)
    assert of(groups, "lobby") == {(EN, False): {who}}
    assert of(groups, "garden") == {(EN, True): {who}}


def test_a_change_moves_them() -> None:
    groups = Groups({})
    who = reader("lobby")
    groups.add(who)
    who.voice = RU
    groups.add(who)
    assert of(groups, "lobby") == {(RU, True): {who}}


def test_who_is_in_several_rooms_is_a_wanderer_until_they_are_not() -> None:
    groups = Groups({})
    who = reader("lobby", "garden")
    groups.add(who)
    assert groups.wanderers == {who}
    del member_of(who).rooms["garden"]
    groups.add(who)
    assert groups.wanderers == set()
    assert of(groups, "garden") == {}


def test_who_ignores_somebody_is_choosy() -> None:
    groups = Groups({})
    who = reader("lobby")
    member_of(who).ignored.add("bob")
    groups.add(who)
    assert groups.choosy == {who}
    member_of(who).ignored.drop("bob")
    groups.add(who)
    assert groups.choosy == set()


def test_nothing_is_kept_of_who_is_removed() -> None:
    groups = Groups({})
    who = reader("lobby", "garden")
    member_of(who).ignored.add("bob")
    groups.add(who)
    groups.remove(who)
    groups.remove(who)
    assert groups._rooms == {}
    assert who.groups == ()
    assert groups.wanderers == groups.choosy == set()


def test_who_is_concerned_reads_in_a_way_of_their_own_while_they_are_live() -> None:
    one, two = reader("lobby", member_id=1), reader("lobby", member_id=2)
    groups = Groups({1: (one,), 2: (two,)})
    for who in (one, two):
        who.live = True
        groups.add(who)
    batch = Batch(1, 0, [line("lobby", origin=2), line("lobby", origin=3)])
    assert groups.divide(batch)[0] == {two}
    two.live = False
    assert groups.divide(batch)[0] == set()


def test_a_wanderer_reads_by_themselves_what_happened_in_several_rooms() -> None:
    groups = Groups({})
    who = reader("lobby", "garden")
    groups.add(who)
    quit_ = Crowd(0, "lobby", Change.QUIT, ("zoe",), 1, 99, told_in={("lobby", "garden"): [0]})
    assert groups.divide(Batch(1, 0, [line("lobby")]))[0] == set()
    assert groups.divide(Batch(1, 0, [line("lobby"), line("garden")]))[0] == {who}
    assert groups.divide(Batch(1, 0, [quit_]))[0] == {who}


def test_raw_presences_reach_nobody_whose_voice_gathers() -> None:
    groups = Groups({})
    for who in (reader("lobby", member_id=1), reader("lobby", "garden", member_id=2)):
        groups.add(who)
        who.typing = True
        groups.add(who)
    raw = Batch(1, 0, [Presence(0, ("lobby", "garden"), Change.QUIT, "zoe", 1)])
    assert groups.divide(raw) == (set(), [])
    reads_each = reader("lobby", voice=cast("Any", RawVoice()), member_id=3)
    groups.add(reads_each)
    own, alike = groups.divide(raw)
    assert own == set()
    assert [set(group) for group in alike] == [{reads_each}]


def test_only_a_reader_with_a_name_reads_rooms() -> None:
    who = reader("lobby")
    who.seat = None
    with pytest.raises(AssertionError, match="with a name"):
        Groups({}).add(who)
