"""The gate before a door: a peer let in gets the door's own protocol, one refused is told why and closed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pytest
from twisted.internet.address import UNIXAddress
from twisted.internet.protocol import Factory
from twisted.internet.testing import StringTransport

from chatproto.doors.gate import Gate
from chatproto.doors.gated import GatedFactory, Refusal
from chatproto.doors.lines import DoorFactory
from chatproto.doors.origins import PerAddress
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.doors.ssh.transport import Transport
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import GOODBYE_SECONDS
from fakes import Clock, InMemoryServer, MemoryConnection, address_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.gated import Door
    from chatproto.language import Sentence

DOORS: Final[dict[str, tuple[Callable[[InMemoryServer], Door], type, str]]] = {
    "telnet": (lambda server: DoorFactory(TelnetProtocol, server.context), TelnetProtocol, "-- "),
    "plain": (lambda server: DoorFactory(PlainProtocol, server.context), PlainProtocol, "-- "),
    "ssh": (lambda server: SSHDoorFactory(server.context, None), Transport, ""),
}


def gated(name: str, server: InMemoryServer, most: int = 10) -> GatedFactory:
    """Return a door of that name behind a gate for so many."""
    return GatedFactory(Gate(server.clock, PerAddress(1), most=most), DOORS[name][0](server))


@pytest.mark.parametrize("name", DOORS)
def test_nothing_stands_between_a_door_and_its_connection(name: str) -> None:
    factory = gated(name, InMemoryServer())
    protocol: Any = factory.buildProtocol(address_of("192.0.2.1"))
    assert protocol.ticket
    assert type(protocol) is DOORS[name][1]


@pytest.mark.parametrize("name", DOORS)
def test_who_is_refused_never_meets_the_door(name: str) -> None:
    server = InMemoryServer()
    protocol = gated(name, server, most=0).buildProtocol(None)
    assert type(protocol) is Refusal
    socket = MemoryConnection(protocol, server.clock)
    protocol.makeConnection(socket)
    assert socket.memory.taken.decode().startswith(f"{DOORS[name][2]}The server is full.")
    assert socket.memory.taken.endswith((b"\n", b"\r\n"))
    socket.turn()
    assert socket.disconnected
    assert not server.clock.calls


def test_who_lets_no_refusal_end_is_cut_off() -> None:
    """As TLS does, which closes when the peer has said so too."""
    server = InMemoryServer()
    protocol = gated("plain", server, most=0).buildProtocol(None)
    transport = StringTransport()
    protocol.makeConnection(transport)
    server.clock.advance(GOODBYE_SECONDS - 1)
    assert transport.disconnecting
    assert not transport.disconnected
    server.clock.advance(1)
    assert transport.disconnected
    protocol.connectionLost()
    assert not server.clock.calls


@pytest.mark.parametrize("name", DOORS)
def test_the_log_of_twisted_names_the_door(name: str) -> None:
    server = InMemoryServer()
    assert gated(name, server).logPrefix() == type(DOORS[name][0](server)).__name__


def test_a_door_starts_and_stops_with_its_gate() -> None:
    server = InMemoryServer()
    door = DoorFactory(PlainProtocol, server.context)
    factory = GatedFactory(server.gate, door)
    factory.doStart()
    assert door.numPorts == 1
    factory.doStop()
    assert door.numPorts == 0


def test_a_socket_in_the_file_system_is_this_machine() -> None:
    factory = gated("plain", InMemoryServer())
    for _ in range(5):
        assert type(factory.buildProtocol(UNIXAddress(b"/run/chat"))) is PlainProtocol


def test_an_address_is_counted_at_every_door() -> None:
    server = InMemoryServer()
    gate = Gate(server.clock, PerAddress(1))
    plain, ssh = (GatedFactory(gate, DOORS[name][0](server)) for name in ("plain", "ssh"))
    assert type(plain.buildProtocol(address_of("192.0.2.1"))) is PlainProtocol
    assert type(ssh.buildProtocol(address_of("192.0.2.1"))) is Refusal
    assert type(ssh.buildProtocol(address_of("192.0.2.2"))) is Transport


@pytest.mark.parametrize("fails", [True, False])
def test_a_door_that_builds_nothing_leaves_nobody_inside(*, fails: bool) -> None:
    class Nothing(Factory):
        name = "nothing"

        def refusal(self, _sentence: Sentence) -> bytes:
            return b""

        def buildProtocol(self, addr: object) -> None:
            if fails:
                raise ValueError(addr)

    gate = Gate(Clock(), PerAddress(1, 99))
    factory = GatedFactory(gate, Nothing())
    for _time in range(3):
        with suppress(ValueError):
            assert factory.buildProtocol(address_of("192.0.2.1")) is None
    assert gate.startups.count == 0
    assert gate.enter("192.0.2.1", "another")
