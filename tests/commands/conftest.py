"""Two people in a server: alice in a program, bob at a terminal."""

from __future__ import annotations

import pytest

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from fakes import InMemoryServer, Peer


@pytest.fixture
def server() -> InMemoryServer:
    return InMemoryServer()


@pytest.fixture
def alice(server: InMemoryServer) -> Peer:
    return server.enter(PlainProtocol, "alice")


@pytest.fixture
def bob(server: InMemoryServer, alice: Peer) -> Peer:
    bob = server.enter(TelnetProtocol, "bob")
    alice.read()
    return bob
