"""A whole SSH door in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ssh_client import Client, Link

from chatproto.doors.gate import Gate
from chatproto.doors.gated import GatedFactory
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.doors.startups import Startups
from fakes import InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def server() -> InMemoryServer:
    return InMemoryServer()


@pytest.fixture
def factory(server: InMemoryServer) -> GatedFactory:
    server.gate = Gate(
        server.clock, rate=server.context.rate, startups=Startups(chance=lambda: 0.5)
    )
    return GatedFactory(server.gate, SSHDoorFactory(server.context, None))


@pytest.fixture
def dial(server: InMemoryServer, factory: GatedFactory) -> Iterator[Callable[..., Link]]:
    links: list[Link] = []

    def dial(user: bytes = b"alice", host: str = "127.0.0.1", **settings: Any) -> Link:
        link = Link(server, factory, Client(user, **settings), host)
        links.append(link)
        return link

    yield dial
    for link in links:
        link.hang_up()
    server.clock.advance(2)
    server.clock.turn()
    assert not server.clock.calls, "something was left for later"
    assert not server.context.sessions
    assert factory.gate.startups.count == 0
