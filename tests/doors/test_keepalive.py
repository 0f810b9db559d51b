"""What the kernel is asked to do about peers that are gone without a word."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.task import deferLater

from chatproto.doors.keepalive import keep_alive
from chatproto.doors.lines import DoorFactory
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import ALIVE_SECONDS
from fakes import InMemoryServer
from following import reactor, soon, waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.protocol import Factory


def ask(sock: socket.socket, option: int) -> int:
    return sock.getsockopt(socket.IPPROTO_TCP, option)


FACTORIES = {
    "telnet": lambda server: DoorFactory(TelnetProtocol, server.context),
    "plain": lambda server: DoorFactory(PlainProtocol, server.context),
    "ssh": lambda server: SSHDoorFactory(server.context, None),
}


@pytest.mark.parametrize("make", FACTORIES.values(), ids=FACTORIES)
@waits
async def test_a_peer_that_vanished_is_found_out_by_the_kernel(
    make: Callable[[InMemoryServer], Factory],
) -> None:
    """By a count of its probes and, which decides where both are set, by the time."""
    server = InMemoryServer()
    factory = make(server)
    accepted: list[Any] = []
    build: Any = factory.buildProtocol

    def remember(address: Any) -> Any:
        accepted.append(build(address))
        return accepted[0]

    factory.buildProtocol = remember  # type: ignore[method-assign,assignment]
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    with socket.create_connection(("127.0.0.1", port.getHost().port)):
        await until(lambda: bool(accepted) and accepted[0].transport is not None)
        ours = accepted[0].transport.getHandle()
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        first, every, count = map(
            ask, [ours] * 3, (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        assert first + every * count == ALIVE_SECONDS == 90
        assert ask(ours, socket.TCP_USER_TIMEOUT) == 90_000
    await until(lambda: accepted[0].transport.disconnected)
    server.clock.advance(10)
    await soon(port.stopListening())


async def until(what: Callable[[], bool]) -> None:
    """Let the reactor turn until it is so."""
    for _ in range(1000):
        if what():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("waited too long")


def test_a_unix_socket_has_no_keepalive_and_is_no_harm() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:

        class Transport:
            def getHandle(self) -> socket.socket:
                return ours

        keep_alive(Transport())
        assert not ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
