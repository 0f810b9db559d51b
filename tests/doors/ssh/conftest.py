"""A whole SSH door in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ssh_client import Client, Link

from chatproto.doors.gate import Gate
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.doors.startups import Startups
from fakes import InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def house() -> InMemoryServer:
    return InMemoryServer()


@pytest.fixture
def factory(house: InMemoryServer) -> SSHDoorFactory:
    house.gate = Gate(house.clock, rate=house.server.rate, startups=Startups(chance=lambda: 0.5))
    return SSHDoorFactory(house.server, house.gate, None)


@pytest.fixture
def dial(house: InMemoryServer, factory: SSHDoorFactory) -> Iterator[Callable[..., Link]]:
    links: list[Link] = []

    def dial(user: bytes = b"alice", host: str = "127.0.0.1", **settings: Any) -> Link:
        link = Link(house, factory, Client(user, **settings), host)
        links.append(link)
        return link

    yield dial
    for link in links:
        link.hang_up()
    house.clock.advance(2)
    house.clock.turn()
    assert not house.clock.calls, "something was left for later"
    assert not house.server.sessions
    assert factory.gate.startups.count == 0
