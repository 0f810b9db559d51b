"""Stand-ins for what the server is given from outside: a clock, a log without disk or reactor, a transport."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, TypeVar, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock as TwistedClock
from twisted.internet.tcp import Connection
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatproto.core.chat import Chat
from chatproto.core.identity import NOBODY
from chatproto.core.ports import Log
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.gated import GatedFactory
from chatproto.doors.lines import DoorFactory
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from chatproto.sessions.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.identity import Identity
    from chatproto.core.pace import Rate, Window
    from chatproto.core.ports import Claims
    from chatproto.core.queries import Found
    from chatproto.core.rooms import Seat
    from chatproto.doors.lines import LineProtocol

Answer = TypeVar("Answer")

NOON = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


class Clock(TwistedClock):
    """A clock that stands still until it is told to go on; what is due now is done by `turn`.

    As in a reactor, what is asked for in one turn is done in the next, however soon it is due: a
    call that asks for itself again leaves room between.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rightNow = NOON

    def advance(self, amount: float) -> None:
        """Let time go by, and do once what is due then."""
        self.rightNow += amount
        due = [call for call in self.calls if call.getTime() <= self.rightNow]
        for call in due:
            if call.active() and call.getTime() <= self.rightNow:  # not cancelled or delayed
                self.calls.remove(call)
                call.called = 1
                call.func(*call.args, **call.kw)

    def turn(self, times: int = 3) -> None:
        """Let the reactor turn a few times without any time going by."""
        for _ in range(times):
            self.advance(0)

    def callFromThread(self, call: Callable[..., object], *args: object) -> None:
        """Call in the next turn."""
        self.callLater(0, call, *args)


class Peer:
    """A peer at a door, in memory."""

    def __init__(self, door: LineProtocol, clock: Clock) -> None:
        self.door = door
        self.clock = clock
        self.transport = MemoryTransport(door)
        door.makeConnection(self.transport)

    def send(self, data: bytes | str) -> None:
        """Send bytes, or a line of text."""
        self.door.dataReceived(data if isinstance(data, bytes) else data.encode() + b"\n")
        self.clock.turn()

    def read(self) -> str:
        """Return what has come since the last time."""
        data = self.transport.value()
        self.transport.clear()
        return bytes(data).decode(errors="backslashreplace")

    def hang_up(self) -> None:
        """Break the connection."""
        self.door.connectionLost()
        self.clock.turn()


class MemoryTransport(StringTransport):
    """A transport that remembers whether it was closed, and how."""

    def __init__(self, door: Any) -> None:
        super().__init__()
        self.door = door
        self.aborted = False

    def abortConnection(self) -> None:
        self.aborted = True
        super().abortConnection()

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing to do."""


class MemoryProducer:
    """What a valve pauses and resumes: it calls what it was given for that."""

    def __init__(
        self, pause: Callable[[], object] = bool, resume: Callable[[], object] = bool
    ) -> None:
        self._pause = pause
        self._resume = resume

    def pauseProducing(self) -> None:
        self._pause()

    def resumeProducing(self) -> None:
        self._resume()


class MemoryWire:
    """A wire that remembers each object it was given; the peer takes `window` bytes, or all with None."""

    def __init__(self, window: int | None = None) -> None:
        self.is_ready = True
        self.is_lost = False
        self.on_ready: Callable[[], None] = lambda: None
        self.try_send: Callable[[bytes], Any] = self._now
        self.window = window
        self.given: list[bytes] = []
        self.waiting = b""
        self.is_closed = False

    def _now(self, data: bytes) -> int:
        self.given.append(data)
        return len(data) if self.window is None else min(self.window, len(data))

    def queue_rest(self, data: bytes, taken: object) -> None:
        assert isinstance(taken, int)
        assert self.is_ready, "the rest of one thing is waiting already"
        self.is_ready = False
        self.waiting += data[taken:]

    def send(self, data: bytes) -> bool:
        if not self.is_ready:
            self.given.append(data)
            self.waiting += data
            return False
        taken = self.try_send(data)
        if taken < len(data):
            self.queue_rest(data, taken)
        return self.is_ready

    def close(self) -> None:
        self.is_closed = True

    def detach(self, closed: Callable[[], None] = lambda: None) -> None:
        self.is_ready = self.is_lost = True
        self.try_send = len

    def drain(self, window: int | None = None) -> None:
        """Take what is waiting, and from now on so much at a time."""
        self.window = window
        self.waiting = b""
        self.is_ready = True
        self.on_ready()

    def read(self) -> str:
        """Return what was sent since the last time."""
        given, self.given = self.given, []
        return b"".join(given).decode()


class MemorySocket:
    """A socket without a network: the peer takes `window` bytes, or all there are with None."""

    def __init__(self) -> None:
        self.window: int | None = None
        self.taken = bytearray()
        self.arrived: list[bytes] = []
        self.broken = False

    def send(self, data: bytes) -> int:
        """Take what the peer's window lets through."""
        if self.broken:
            raise BrokenPipeError(errno.EPIPE, "the peer is gone")
        size = len(data) if self.window is None else min(self.window, len(data))
        if not size:
            raise BlockingIOError(errno.EWOULDBLOCK, "the peer takes nothing")
        if self.window is not None:
            self.window -= size
        self.taken += data[:size]
        return size

    def recv(self, size: int) -> bytes:
        """Return what has arrived; nothing at all when the peer has closed."""
        if not self.arrived:
            raise BlockingIOError(errno.EWOULDBLOCK, "nothing has arrived")
        return self.arrived.pop(0)

    def fileno(self) -> int:
        return -1

    def setblocking(self, blocking: bool) -> None:
        """Nothing to do."""

    def setsockopt(self, *_args: object) -> None:
        """Nothing to do."""

    def shutdown(self, how: int) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class MemoryReactor:
    """What a connection needs of a reactor: which transports want to read or to write, and the clock."""

    def __init__(self, clock: Clock) -> None:
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        self.addReader, self.removeReader = self.readers.add, self.readers.discard
        self.addWriter, self.removeWriter = self.writers.add, self.writers.discard
        self.callLater = clock.callLater


def address_of(host: str) -> IPv4Address | IPv6Address:
    """Return the address of a connection from that host."""
    return (IPv6Address if ":" in host else IPv4Address)("TCP", host, 50000)


class MemoryConnection(Connection):
    """Twisted's own TCP connection, on a socket in memory."""

    def __init__(self, protocol: Any, clock: Clock, host: str = "127.0.0.1") -> None:
        self.memory = MemorySocket()
        self.turns = MemoryReactor(clock)
        self.host = host
        super().__init__(self.memory, protocol, self.turns)  # type: ignore[arg-type]
        self.connected = 1
        self.startReading()

    def getPeer(self) -> IPv4Address | IPv6Address:
        return address_of(self.host)

    def turn(self) -> None:
        """Do once what the reactor would do for this connection."""
        if self in self.turns.writers:
            self._end(self.doWrite(), is_read=False)
        if self in self.turns.readers and self.memory.arrived:
            self._end(self.doRead(), is_read=True)

    def _end(self, why: Any, *, is_read: bool) -> None:
        if why is None:
            return
        self.turns.readers.clear()
        if is_read and isinstance(why, ConnectionDone):
            self.readConnectionLost(Failure(why))
        else:
            self.turns.writers.clear()
            self.connectionLost(Failure(why))


class SocketPeer:
    """A peer at a door, by a socket in memory, that may be slow to take what it is sent."""

    def __init__(
        self, door: LineProtocol, clock: Clock, host: str = "127.0.0.1", window: int | None = None
    ) -> None:
        self.door = door
        self.clock = clock
        self.transport = MemoryConnection(door, clock, host)
        self.socket = self.transport.memory
        self.socket.window = window
        self._read = 0
        door.makeConnection(self.transport)

    @property
    def is_read_from(self) -> bool:
        """Return whether the server reads what this peer sends."""
        return self.transport in self.transport.turns.readers

    @property
    def is_connected(self) -> bool:
        return not self.transport.disconnected

    @property
    def held(self) -> int:
        """Return how many bytes the server's side of the connection holds for this peer."""
        wire = self.transport
        return len(wire.dataBuffer) - wire.offset + wire._tempDataLen

    def turn(self, times: int = 3) -> None:
        """Let the reactor turn a few times."""
        for _ in range(times):
            self.clock.advance(0)
            self.transport.turn()

    def send(self, data: bytes | str) -> None:
        """Send bytes, or a line of text."""
        self.socket.arrived.append(data if isinstance(data, bytes) else data.encode() + b"\n")
        self.turn()

    def take(self, window: int | None) -> None:
        """Take so many bytes more, or everything from now on."""
        self.socket.window = window
        self.turn()

    def read(self) -> str:
        """Return what was taken since the last time."""
        data = bytes(self.socket.taken[self._read :])
        self._read = len(self.socket.taken)
        return data.decode(errors="backslashreplace")

    def stop_sending(self) -> None:
        """Send nothing more, and read on."""
        self.socket.arrived.append(b"")
        self.turn()

    def hang_up(self) -> None:
        """Close the connection."""
        if self.is_connected:
            self.transport.connectionLost(Failure(ConnectionDone()))
        self.turn()


def answer_of(asked: Deferred[Answer]) -> Answer:
    """Return what was answered at once, or raise why it was not."""
    answers: list[Any] = []
    asked.addBoth(answers.append)
    (answer,) = answers
    if isinstance(answer, Failure):
        answer.raiseException()
    return cast("Answer", answer)


def enter(chat: Chat, nick: str, identity: Identity = NOBODY, there: Window | None = None) -> Seat:
    """Come into a chat that answers at once.  Raise what it raises."""
    return answer_of(chat.seating.enter(identity, nick, there))


class LateClaims:
    """Claims that allow or refuse a nick when they are told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Deferred[None]]] = []
        self.released: list[str] = []

    def claim(self, nick: str, _identity: Identity) -> Deferred[None]:
        self.asked.append((nick, Deferred()))
        return self.asked[-1][1]

    def release(self, nick: str) -> None:
        self.released.append(nick)

    def answer(self, refusal: Exception | None = None) -> None:
        _nick, asked = self.asked.pop(0)
        if refusal:
            asked.errback(refusal)
        else:
            asked.callback(None)


def late_search(server: InMemoryServer) -> Deferred[Found]:
    """Return the answer of the next search, which comes when it is fired."""
    answer: Deferred[Found] = Deferred()
    server.archive.search = lambda _query, _limit: answer  # type: ignore[assignment,method-assign]
    return answer


class InMemoryServer:
    """A whole server in memory."""

    def __init__(
        self,
        rate: Rate | None = None,
        language: str = "en",
        motd: str = "",
        archive: Callable[[Clock], MemoryArchive] = MemoryArchive,
        *,
        loopback_is_exempt: bool = True,
        claims: Claims | None = None,
    ) -> None:
        self.clock = Clock()
        self.archive = archive(self.clock)
        self.order = EmbeddedOrder(self.archive, self.clock)
        self.delivery = Delivery(self.archive, self.clock)
        self.chat = Chat(Log(self.order, self.archive), self.delivery, self.clock, claims)
        self.context = Context(
            self.chat, self.delivery, self.clock, "the test", motd, language, rate
        )
        self.gate = Gate(self.clock, rate=rate, loopback_is_exempt=loopback_is_exempt)
        self.chat.open()

    def knock(self, door: type[LineProtocol]) -> Peer:
        """Come to a door."""
        return Peer(self._build(door, ""), self.clock)

    def dial(
        self, door: type[LineProtocol], host: str = "127.0.0.1", window: int | None = None
    ) -> SocketPeer:
        """Come to a door by a socket in memory."""
        return SocketPeer(self._build(door, host), self.clock, host, window)

    def _build(self, door: type[LineProtocol], host: str) -> Any:
        """Return the protocol for a connection from that host; one that the gate refuses gets another."""
        factory = GatedFactory(self.gate, DoorFactory(door, self.context))
        return factory.buildProtocol(address_of(host) if host else None)

    def seat(self, door: type[LineProtocol], name: str) -> SocketPeer:
        """Come in by a door, by a socket in memory; what is said in welcome has been read."""
        peer = self.dial(door)
        peer.send(name)
        self.clock.advance(2)
        peer.turn()  # a member who came has been told to all
        peer.read()
        return peer

    def enter(self, door: type[LineProtocol], name: str) -> Peer:
        """Come in by a door; what is said in welcome has been read."""
        peer = self.knock(door)
        peer.send(name)
        peer.read()
        self.clock.advance(2)
        self.clock.turn()  # a member who came has been told to all
        peer.read()
        return peer
