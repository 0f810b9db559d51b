"""Two people in a house: alice in a program, bob at a terminal."""

from __future__ import annotations

import pytest

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from fakes import InMemoryServer, Peer


@pytest.fixture
def house() -> InMemoryServer:
    return InMemoryServer()


@pytest.fixture
def alice(house: InMemoryServer) -> Peer:
    return house.enter(PlainProtocol, "alice")


@pytest.fixture
def bob(house: InMemoryServer, alice: Peer) -> Peer:
    bob = house.enter(TelnetProtocol, "bob")
    alice.read()
    return bob
