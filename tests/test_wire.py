"""Wires: bytes out, with no queue of their own, and an end to a peer that does not take them."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL.SSL import Connection
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, serverFromString, wrapClientTLS
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import deferLater
from twisted.internet.testing import StringTransport
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from zope.interface import implementer

import chatproto.wire
from chatproto.clock import WallClock
from chatproto.doors.lines import DoorFactory
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import GOODBYE_SECONDS, LAST_LINES_SECONDS, STALL_SECONDS
from chatproto.wire import SocketWire, StreamWire, wire
from fakes import Clock, InMemoryServer, MemoryConnection, enter
from following import PATIENCE, reactor, waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, but not for ever."""
    for _ in range(int(PATIENCE / 0.01)):
        if condition():
            return
        await deferLater(reactor, 0.01)
    pytest.fail("waited for too long")


class Lost(Protocol):
    """Remembers that it was lost."""

    reason: Failure | None = None

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008
        self.reason = reason


class Line:
    """A SocketWire on Twisted's own connection, on a socket in memory."""

    def __init__(self, window: int | None = None) -> None:
        self.clock = Clock()
        self.protocol = Lost()
        self.connection = MemoryConnection(self.protocol, self.clock)
        self.socket = self.connection.memory
        self.socket.window = window
        self.wire = SocketWire(self.connection, self.clock)
        self.cleared = 0
        self.wire.on_ready = self._count

    def _count(self) -> None:
        self.cleared += 1

    def take(self, window: int | None) -> None:
        self.socket.window = window
        self.connection.turn()

    @property
    def is_cut_off(self) -> bool:
        self.clock.turn()
        return self.connection.disconnected == 1


def test_what_is_taken_whole_leaves_the_wire_ready() -> None:
    line = Line()
    assert line.wire.try_send(b"hello") == 5
    assert line.wire.send(b" you")
    assert line.wire.is_ready
    assert line.socket.taken == b"hello you"
    assert not line.clock.getDelayedCalls()


def test_a_part_taken_leaves_the_rest_to_the_transport() -> None:
    line = Line(window=3)
    assert not line.wire.send(b"hello")
    assert not line.wire.is_ready
    assert line.socket.taken == b"hel"
    line.take(None)
    assert line.socket.taken == b"hello"


def test_registering_is_not_taken_for_the_rest_being_out() -> None:
    """Twisted asks a pull producer for data as soon as it is registered."""
    line = Line(window=0)
    line.wire.send(b"hello")
    assert line.cleared == 0
    assert not line.wire.is_ready


def test_it_is_clear_again_when_all_is_out_and_says_so_once() -> None:
    line = Line(window=0)
    line.wire.send(b"hello")
    line.take(4)
    assert line.cleared == 0
    line.take(1)
    assert line.cleared == 1
    assert line.wire.is_ready
    assert line.connection.producer is None


def test_what_is_sent_meanwhile_waits_in_order() -> None:
    line = Line(window=2)
    line.wire.send(b"one")
    line.wire.send(b"two")
    line.take(2)
    line.wire.send(b"three")
    line.take(None)
    assert line.socket.taken == b"onetwothree"
    assert line.cleared == 1


def test_who_sends_on_when_it_clears_may_fill_it_again() -> None:
    line = Line(window=0)
    pieces = [b"2" * 10, b"3" * 10]

    def go_on() -> None:
        if pieces:
            line.wire.send(pieces.pop(0))

    line.wire.on_ready = go_on
    line.wire.send(b"1" * 10)
    for _ in range(30):
        line.take(1)
    line.take(None)
    assert line.socket.taken == b"1" * 10 + b"2" * 10 + b"3" * 10
    assert line.wire.is_ready


def test_a_send_that_fails_does_not_stop_what_has_arrived_from_being_read() -> None:
    line = Line()
    line.socket.broken = True
    with pytest.raises(BrokenPipeError) as lost:
        line.wire.try_send(b"hello")
    line.wire.queue_rest(b"hello", lost.value)
    assert line.wire.is_ready
    assert line.wire.send(b"more")
    assert line.wire.try_send(b"more") == len(b"more")
    assert line.cleared == 0
    assert line.connection in line.connection.turns.readers
    assert not line.is_cut_off


def test_but_not_for_ever() -> None:
    line = Line()
    line.socket.broken = True
    assert line.wire.send(b"hello")
    line.clock.advance(LAST_LINES_SECONDS - 1)
    assert not line.is_cut_off
    line.clock.advance(1)
    assert line.is_cut_off
    line.wire.detach()
    assert not line.clock.getDelayedCalls()


def test_a_peer_that_takes_nothing_is_cut_off() -> None:
    line = Line(window=0)
    line.wire.send(b"hello")
    line.clock.advance(STALL_SECONDS - 1)
    assert not line.is_cut_off
    line.clock.advance(1)
    assert line.is_cut_off
    assert line.protocol.reason


def test_a_peer_that_takes_a_little_is_not() -> None:
    line = Line(window=0)
    line.wire.send(b"hello")
    for _ in range(4):
        line.clock.advance(STALL_SECONDS - 1)
        line.take(1)
        assert not line.is_cut_off


def test_the_watch_ends_when_all_is_out() -> None:
    line = Line(window=0)
    line.wire.send(b"hello")
    line.take(None)
    assert not line.clock.getDelayedCalls()


def test_each_rest_is_watched_from_its_own_beginning() -> None:
    line = Line(window=0)
    line.wire.send(b"one")
    line.clock.advance(STALL_SECONDS - 1)
    line.take(None)
    line.socket.window = 0
    line.wire.send(b"two")
    line.clock.advance(2)
    assert not line.is_cut_off


def test_closing_sends_what_there_is() -> None:
    line = Line(window=3)
    line.wire.send(b"goodbye")
    line.wire.close()
    assert not line.is_cut_off
    line.take(None)
    line.connection.turn()
    assert line.socket.taken == b"goodbye"
    assert line.is_cut_off


@pytest.mark.parametrize("window", [3, None])
def test_what_is_sent_behind_the_end_goes_nowhere(window: int | None) -> None:
    line = Line(window)
    line.wire.send(b"goodbye")
    line.wire.close()
    line.wire.send(b"and more")
    line.take(None)
    line.connection.turn()
    assert line.socket.taken == b"goodbye"
    assert line.is_cut_off


def test_nor_does_it_by_a_stream() -> None:
    made, transport, clock, _told = stream()
    made.send(b"goodbye")
    made.close()
    made.send(b"and more")
    assert transport.value() == b"goodbye"
    clock.advance(GOODBYE_SECONDS)


def test_closing_does_not_wait_for_a_peer_that_does_not_read() -> None:
    line = Line(window=0)
    line.wire.send(b"goodbye")
    line.wire.close()
    line.clock.advance(GOODBYE_SECONDS)
    assert line.is_cut_off
    line.wire.detach()  # as a session does then
    assert not line.clock.getDelayedCalls()


def test_nor_for_one_that_reads_on_and_on() -> None:
    """A reader that catches up while being sent home is not sent ever more."""
    line = Line(window=0)

    def go_on() -> None:
        line.wire.send(b"more and more")

    line.wire.on_ready = go_on
    line.wire.send(b"goodbye")
    line.wire.close()
    line.take(None)
    line.connection.turn()
    assert line.is_cut_off
    assert line.socket.taken == b"goodbye"


def test_closing_twice_is_closing_once() -> None:
    line = Line(window=0)
    line.wire.send(b"goodbye")
    line.wire.close()
    line.wire.close()
    assert len(line.clock.getDelayedCalls()) == 1
    line.wire.detach()
    assert not line.clock.getDelayedCalls()


def test_what_is_forgotten_is_neither_watched_nor_told() -> None:
    line = Line(window=0)
    line.wire.send(b"hello")
    line.wire.detach()
    line.take(None)
    assert line.cleared == 0
    assert not line.clock.getDelayedCalls()


def test_sending_on_a_lost_connection_is_no_error_once_it_is_forgotten() -> None:
    line = Line()
    line.connection.connectionLost(Failure(ConnectionError()))
    line.wire.detach()
    assert line.wire.send(b"hello")
    assert line.wire.is_ready


def test_closing_what_is_gone_tells_whoever_waits_for_it() -> None:
    line = Line()
    line.connection.connectionLost(Failure(ConnectionError()))
    closed: list[str] = []
    line.wire.detach(lambda: closed.append("closed"))
    line.wire.close()
    assert closed == ["closed"]
    assert not line.clock.getDelayedCalls()


# -- a transport that buffers by itself -------------------------------------------------------------


def stream() -> tuple[StreamWire, StringTransport, Clock, list[str]]:
    transport, clock, told = StringTransport(), Clock(), list[str]()
    made = StreamWire(transport, clock)
    made.on_ready = lambda: told.append("cleared")
    return made, transport, clock, told


def test_a_stream_is_clear_until_it_is_told_to_pause() -> None:
    made, transport, _clock, told = stream()
    assert transport.streaming is True
    assert made.try_send(b"one") == 3
    made.pauseProducing()
    assert made.try_send(b"two") != 3
    assert not made.send(b"three")
    made.queue_rest(b"two", -1)
    assert transport.value() == b"onetwothree"
    made.resumeProducing()
    assert told == ["cleared"]
    assert made.send(b"four")


def test_a_stream_that_stays_paused_is_cut_off() -> None:
    made, transport, clock, _told = stream()
    made.pauseProducing()
    clock.advance(STALL_SECONDS)
    assert transport.disconnecting
    assert transport.disconnected


def test_a_stream_that_goes_on_is_not_watched() -> None:
    made, transport, clock, _told = stream()
    made.pauseProducing()
    made.resumeProducing()
    clock.advance(2 * STALL_SECONDS)
    assert not transport.disconnecting


def test_closing_a_stream_takes_the_producer_off_and_does_not_wait() -> None:
    made, transport, clock, _told = stream()
    made.close()
    assert transport.producer is None
    assert not transport.disconnected
    clock.advance(GOODBYE_SECONDS)
    assert transport.disconnected


def test_what_the_peer_takes_of_a_stream_is_seen_below_it() -> None:
    """A transport like TLS stands on another one, whose socket the peer reads."""
    clock = Clock()
    below = MemoryConnection(Protocol(), clock)
    below.memory.window = 0
    above = ProtocolWrapper(WrappingFactory(Factory()), Protocol())
    above.transport = below
    made = StreamWire(above, clock)
    made.try_send(b"x" * 100_000)
    assert not made.is_ready
    for _ in range(5):
        clock.advance(STALL_SECONDS - 1)
        below.memory.window = 1
        below.turn()
        clock.turn()
        assert not below.disconnected
    clock.advance(STALL_SECONDS)
    clock.advance(STALL_SECONDS)
    clock.turn()
    assert below.disconnected


# -- which wire ---------------------------------------------------------------------------------


def test_a_socket_gets_a_socket_wire() -> None:
    clock = Clock()
    assert isinstance(wire(MemoryConnection(Protocol(), clock), clock), SocketWire)


def test_a_socket_that_has_begun_tls_does_not() -> None:
    """`writeSomeData` goes past the encryption."""
    clock = Clock()
    connection = MemoryConnection(Protocol(), clock)
    connection.TLS = True
    connection.registerProducer = lambda *_: None  # type: ignore[method-assign]
    assert isinstance(wire(connection, clock), StreamWire)


def test_anything_else_gets_a_stream_wire() -> None:
    assert isinstance(wire(StringTransport(), Clock()), StreamWire)


# -- real sockets ---------------------------------------------------------------------------------


class Talker(Protocol):
    """A client that keeps what it got, and can wait for something in it."""

    def __init__(self) -> None:
        self.got = b""
        self.wanted = b""
        self.found: Deferred[None] = Deferred()
        self.lost: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.got += data
        if self.wanted and self.wanted in self.got:
            self.wanted = b""
            self.found.callback(None)

    def connectionLost(self, reason: Failure = Failure(ConnectionError())) -> None:  # noqa: B008
        self.lost.callback(None)

    def until(self, wanted: bytes) -> Deferred[None]:
        self.wanted, self.found = wanted, Deferred()
        self.dataReceived(b"")
        return self.found.addTimeout(PATIENCE, reactor)


@waits
async def test_a_peer_that_never_reads_is_cut_off_and_the_others_read_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chatproto.wire, "STALL_SECONDS", 0.3)
    server = InMemoryServer()
    server.context.clock = WallClock(reactor)
    factory = DoorFactory(PlainProtocol, server.context)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    number = port.getHost().port
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", number))
    deaf.sendall(b"deaf\n")
    reading: Any = await HostnameEndpoint(reactor, "127.0.0.1", number).connect(
        Factory.forProtocol(Talker)
    )
    reading.transport.write(b"reader\n")
    await reading.until(b"You are reader")
    await until(lambda: len(server.chat.members) == 2)
    speaker = enter(server.chat, "speaker")
    server.chat.join(speaker, "lobby")

    def is_cut_off() -> bool:
        for _ in range(50):
            server.chat.say(speaker, "x" * 1900)
        server.clock.turn()
        return len(server.context.sessions) == 1

    await until(is_cut_off)
    server.chat.say(speaker, "the last line")
    server.clock.turn()
    await reading.until(b"speaker: the last line")
    deaf.close()
    reading.transport.abortConnection()
    await reading.lost.addTimeout(PATIENCE, reactor)
    await until(lambda: not server.context.sessions)
    await port.stopListening()


def certificate(folder: Path) -> str:
    """Return the endpoint of a door with a certificate made for the occasion."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1).not_valid_before(now)
        .not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    return f"ssl:0:interface=127.0.0.1:privateKey={folder}/key.pem:certKey={folder}/cert.pem"


@waits
@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")  # Twisted does
@pytest.mark.parametrize("door", [TelnetProtocol, PlainProtocol])
async def test_through_tls_nothing_goes_past_the_encryption(
    door: type[TelnetProtocol | PlainProtocol], tmp_path: Path
) -> None:
    server = InMemoryServer()
    server.context.clock = WallClock(reactor)
    wires: list[Any] = []

    class Door(door):  # type: ignore[misc,valid-type]
        def open(self) -> None:
            wires.append(self.session.reader.wire)
            super().open()

    factory = DoorFactory(Door, server.context)
    endpoint = serverFromString(reactor, certificate(tmp_path))
    port = await endpoint.listen(factory)
    plain = HostnameEndpoint(reactor, "127.0.0.1", port.getHost().port)
    options: Any = CertificateOptions(verify=False)
    talker: Any = await wrapClientTLS(_Creator(options), plain).connect(Factory.forProtocol(Talker))
    await talker.until(b"Your name: ")
    talker.transport.write(b"alice\r\n")
    await talker.until(b"You are alice.")
    assert isinstance(wires[0], StreamWire)
    speaker = enter(server.chat, "speaker")
    server.chat.join(speaker, "lobby")
    lines = [f"{number} " + "x" * 1000 for number in range(500)]
    for line in lines:
        server.chat.say(speaker, line)
    server.clock.turn()
    await talker.until(lines[-1].encode())
    said = [line for line in talker.got.decode("latin-1").splitlines() if "speaker: " in line]
    assert said == [f"speaker: {line}" for line in lines]
    talker.transport.write(b"/quit\r\n")
    await talker.lost.addTimeout(PATIENCE, reactor)
    assert b"-- Goodbye." in talker.got
    await until(lambda: not server.context.sessions)
    await port.stopListening()


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Connects without looking at the certificate."""

    def __init__(self, options: Any) -> None:
        self._options = options

    def clientConnectionForTLS(self, protocol: Any) -> Connection:
        return Connection(self._options.getContext(), None)
