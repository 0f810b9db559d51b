"""Two people in a house: alice in a program, bob at a terminal."""

from __future__ import annotations

import pytest

from chatproto.doors.plain import PlainDoor
from chatproto.doors.telnet.protocol import TelnetDoor
from fakes import House, Peer


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def alice(house: House) -> Peer:
    return house.enter(PlainDoor, "alice")


@pytest.fixture
def bob(house: House, alice: Peer) -> Peer:
    bob = house.enter(TelnetDoor, "bob")
    alice.read()
    return bob
