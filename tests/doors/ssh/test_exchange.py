"""Exchanging keys: strict KEX, as OpenSSH's PROTOCOL file has it, and which packets may come in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from ssh_client import Client, Link
from twisted.conch.ssh.common import NS, getNS

from chatproto.doors.ssh.exchange import Strict
from chatproto.doors.ssh.factory import SSHDoorFactory
from fakes import InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Iterator

IGNORE, UNIMPLEMENTED, DEBUG, KEXINIT = 2, 3, 4, 20
SERVERS, CLIENTS = b"kex-strict-s-v00@openssh.com", b"kex-strict-c-v00@openssh.com"
PAYLOADS = {IGNORE: NS(b""), UNIMPLEMENTED: bytes(4), DEBUG: b"\0" + NS(b"") + NS(b"")}


class Lax(Client):
    """A client without strict KEX; what the server announced is kept."""

    injected: ClassVar[list[int]] = []
    is_first = True

    def __init__(self, **settings: Any) -> None:
        self.announced: list[list[bytes]] = []
        super().__init__(b"alice", **settings)

    def ssh_KEXINIT(self, packet: bytes) -> None:
        self.announced.append(getNS(packet[16:])[0].split(b","))
        super().ssh_KEXINIT(packet)

    def sendKexInit(self) -> None:
        """Send it with what an attacker on the way puts before and after it, the first time."""
        before, after = self.injected if self.injected and self.is_first else (0, 0)
        self.is_first = False
        if before:
            self.sendPacket(before, PAYLOADS[before])
        super().sendKexInit()
        if after:
            self.sendPacket(after, PAYLOADS[after])


class StrictClient(Strict, Lax):
    announces, expects = CLIENTS, SERVERS

    def ssh_NEWKEYS(self, packet: bytes) -> None:
        self.new_keys_came()
        super().ssh_NEWKEYS(packet)


class Hall:
    """A door, and the clients that come by it."""

    def __init__(self) -> None:
        self.server = InMemoryServer()
        self.factory = SSHDoorFactory(self.server.context, None)
        self.links: list[Link] = []

    def dial(self, client: Client) -> Link:
        link = Link(self.server, self.factory, client)
        self.links.append(link)
        return link


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    for link in hall.links:
        link.hang_up()
    hall.server.clock.advance(2)
    hall.server.clock.turn()
    assert not hall.server.clock.calls


@pytest.mark.parametrize(("kind", "strict"), [(Lax, False), (StrictClient, True)])
def test_both_kinds_of_client_talk_through_three_exchanges(
    hall: Hall, kind: type[Lax], strict: bool
) -> None:
    link = hall.dial(kind())
    assert link.transport.is_strict == strict
    for _ in range(3):
        link.read()
        link.say(b"/who")
        assert "1 person in #lobby: alice" in link.read()
        link.client.sendKexInit()
        link.pump()
        assert link.is_open


@pytest.mark.parametrize(("kind", "strict"), [(Lax, False), (StrictClient, True)])
def test_packets_are_counted_from_zero_after_new_keys(
    hall: Hall, kind: type[Lax], strict: bool
) -> None:
    link = hall.dial(kind())
    for _ in range(10):
        link.say(b"/who")
    before = link.transport.incomingPacketSequence, link.transport.outgoingPacketSequence
    link.client.sendKexInit()
    link.pump()
    after = link.transport.incomingPacketSequence, link.transport.outgoingPacketSequence
    assert min(before) > 10
    assert after == ((0, 0) if strict else (before[0] + 3, before[1] + 3))


def test_strict_kex_is_announced_in_the_first_exchange_alone(hall: Hall) -> None:
    client = StrictClient()
    link = hall.dial(client)
    client.sendKexInit()
    link.pump()
    first, second = client.announced
    assert SERVERS in first
    assert SERVERS not in second


def test_strict_kex_is_not_begun_after_the_first_exchange(hall: Hall) -> None:
    client = Lax()
    link = hall.dial(client)
    client.supportedKeyExchanges = [*client.supportedKeyExchanges, CLIENTS]
    client.sendKexInit()
    link.pump()
    assert not link.transport.is_strict
    link.read()
    link.say(b"/who")
    assert "1 person" in link.read()


@pytest.mark.parametrize("number", PAYLOADS)
@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_slipped_in_before_there_are_keys(hall: Hall, number: int, place: int) -> None:
    """Terrapin begins so: it shifts the count, by which a packet cut off after the keys would not be missed."""
    injected = [0, 0]
    injected[place] = number
    assert hall.dial(Lax(injected=injected)).is_open
    link = hall.dial(StrictClient(injected=injected))
    assert not link.is_open
    assert not hasattr(link.transport, "avatar")


@pytest.mark.parametrize("number", PAYLOADS)
def test_after_the_first_keys_such_packets_may_come(hall: Hall, number: int) -> None:
    link = hall.dial(StrictClient())
    link.client.sendKexInit()
    link.send(number, PAYLOADS[number])
    link.read()
    link.say(b"/who")
    assert "1 person" in link.read()


def test_a_packet_cut_off_is_missed(hall: Hall) -> None:
    """The count is part of what the MAC signs."""
    link = hall.dial(StrictClient())
    link.client.sendPacket(IGNORE, NS(b""))
    link.upstream.clear()
    link.say(b"/who")
    assert not link.is_open


@pytest.mark.parametrize("name", [SERVERS, CLIENTS])
def test_the_name_of_strict_kex_is_no_key_exchange(hall: Hall, name: bytes) -> None:
    link = hall.dial(Lax(supportedKeyExchanges=[name], ssh_KEXINIT=lambda _packet: None))
    assert not link.is_open
