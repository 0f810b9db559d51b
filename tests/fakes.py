"""Stand-ins for what the server is given from outside: a clock, a log without disk or reactor, a transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.task import Clock as TwistedClock
from twisted.internet.testing import StringTransport

from chatproto.core.chat import Chat
from chatproto.delivery.delivery import Delivery
from chatproto.doors.gate import Gate
from chatproto.doors.lines import DoorFactory
from chatproto.log.memory import MemoryLog
from chatproto.session import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.pace import Rate
    from chatproto.doors.lines import LineDoor

NOON = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


class Clock(TwistedClock):
    """A clock that stands still until it is told to go on; what is due now is done by `turn`."""

    def __init__(self) -> None:
        super().__init__()
        self.rightNow = NOON

    def turn(self, times: int = 3) -> None:
        """Let the reactor turn a few times without any time going by."""
        for _ in range(times):
            self.advance(0)

    def callFromThread(self, call: Callable[..., object], *args: object) -> None:
        """Call in the next turn."""
        self.callLater(0, call, *args)


class Peer:
    """Somebody at a door, in memory."""

    def __init__(self, door: LineDoor, clock: Clock) -> None:
        self.door = door
        self.clock = clock
        self.transport = MemoryTransport(door)
        door.makeConnection(self.transport)

    def send(self, data: bytes | str) -> None:
        """Send bytes, or a line of text."""
        self.door.dataReceived(data if isinstance(data, bytes) else data.encode() + b"\n")
        self.clock.turn()

    def read(self) -> str:
        """Give what has come since the last time."""
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

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001 - Twisted's signature
        """Nothing to do."""


class House:
    """A whole server in memory."""

    def __init__(self, rate: Rate | None = None, language: str = "en", motd: str = "") -> None:
        self.clock = Clock()
        self.log = MemoryLog(self.clock)
        self.delivery = Delivery(self.log)
        self.chat = Chat(self.log, self.delivery, self.clock)
        self.server = Server(self.chat, self.delivery, self.clock, "the test", motd, language, rate)
        self.gate = Gate()
        self.chat.open()

    def knock(self, door: type[LineDoor]) -> Peer:
        """Come to a door."""
        factory = DoorFactory(door, self.server, self.gate)
        return Peer(factory.buildProtocol(None), self.clock)

    def enter(self, door: type[LineDoor], name: str) -> Peer:
        """Come in by a door; what is said in welcome has been read."""
        peer = self.knock(door)
        peer.send(name)
        peer.read()
        self.clock.advance(2)  # whoever came has been told to all
        peer.read()
        return peer
