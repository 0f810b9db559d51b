"""The gate: so many connections in all, and so many from one address."""

from __future__ import annotations

import resource

import pytest

from chatproto.core.limits import CONNECTIONS_PER_ADDRESS, SPARE_DESCRIPTORS
from chatproto.doors.gate import Gate
from chatproto.doors.plain import PlainDoor
from chatproto.doors.telnet.protocol import TelnetDoor
from chatproto.errors import NotAllowed
from fakes import House


def test_one_address_has_so_many_and_no_more() -> None:
    gate = Gate(per_address=2)
    gate.enter("192.0.2.1")
    gate.enter("192.0.2.1")
    with pytest.raises(NotAllowed, match="There are 2 connections from your address"):
        gate.enter("192.0.2.1")
    gate.enter("192.0.2.2")


def test_who_leaves_makes_room() -> None:
    gate = Gate(per_address=1)
    gate.leave(gate.enter("192.0.2.1"))
    gate.enter("192.0.2.1")


def test_who_was_refused_has_not_come_in() -> None:
    gate = Gate(per_address=1, most=2)
    ticket = gate.enter("192.0.2.1")
    for _ in range(3):
        with pytest.raises(NotAllowed):
            gate.enter("192.0.2.1")
    gate.leave(ticket)
    gate.enter("192.0.2.1")
    gate.enter("192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("::ffff:192.0.2.1", "192.0.2.1"),
     ("fe80::1%eth0", "fe80::2%eth1")],
)  # fmt: skip
def test_these_are_one_origin(one: str, other: str) -> None:
    gate = Gate(per_address=1)
    gate.enter(one)
    with pytest.raises(NotAllowed):
        gate.enter(other)


def test_another_64_is_another_origin() -> None:
    gate = Gate(per_address=1)
    gate.enter("2001:db8:0:1::1")
    gate.enter("2001:db8:0:2::1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_is_exempt(host: str) -> None:
    gate = Gate(per_address=1)
    for _ in range(3):
        gate.enter(host)


def test_a_full_house_lets_in_nobody() -> None:
    gate = Gate(most=1)
    ticket = gate.enter("127.0.0.1")
    with pytest.raises(NotAllowed, match="full"):
        gate.enter("127.0.0.1")
    gate.leave(ticket)
    gate.enter("127.0.0.1")


def test_by_default_there_are_as_many_as_descriptors_less_the_spare_ones() -> None:
    gate = Gate()
    assert gate._most == resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_DESCRIPTORS


@pytest.mark.parametrize("door", [TelnetDoor, PlainDoor])
def test_who_is_refused_is_told_why_and_closed(door: type[TelnetDoor | PlainDoor]) -> None:
    house = House()
    for _ in range(CONNECTIONS_PER_ADDRESS):
        house.dial(door, host="192.0.2.1")
    peer = house.dial(door, host="192.0.2.1")
    peer.turn()
    assert peer.read().startswith("-- There are 16 connections from your address")
    assert not peer.is_connected
    assert len(house.server.sessions) == CONNECTIONS_PER_ADDRESS
    assert house.dial(door, host="127.0.0.1").is_read_from


def test_what_is_sent_after_a_refusal_is_nothing_to_us() -> None:
    house = House()
    house.gate = Gate(most=0)
    peer = house.knock(PlainDoor)
    peer.send("alice")
    assert peer.read() == "-- The server is full. Try again later.\n"
    assert not house.chat.members


def test_a_door_tells_the_gate_who_left() -> None:
    house = House()
    house.gate = Gate(per_address=1)
    house.dial(PlainDoor, host="192.0.2.1").hang_up()
    assert house.dial(PlainDoor, host="192.0.2.1").is_read_from
