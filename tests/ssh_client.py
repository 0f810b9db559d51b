"""An SSH client made of conch's other half: in memory for the tests, on sockets for measuring."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import SSHConnection
from twisted.conch.ssh.session import packRequest_pty_req
from twisted.conch.ssh.transport import SSHClientTransport
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet.defer import succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatproto.doors.ssh.quiet import Quiet
from fakes import MemoryConnection, address_of

if TYPE_CHECKING:
    from twisted.conch.ssh.keys import Key
    from twisted.internet.defer import Deferred

    from fakes import InMemoryServer


class Session(Quiet, SSHChannel):
    """The client's end of a session; `window` is what it takes at once."""

    name = b"session"

    conn: Any

    def __init__(self, client: Client, window: int) -> None:
        super().__init__(localWindow=window)
        self.client = client

    def channelOpen(self, specificData: bytes) -> None:
        client = self.client
        client.session = self
        for name, value in client.environment.items():
            self.ask(b"env", NS(name) + NS(value))
        if client.term:
            self.ask(b"pty-req", packRequest_pty_req(client.term, (24, 80, 0, 0), b""))
        if client.request:
            self.ask(client.request, client.argument)

    def ask(self, request: bytes, data: bytes = b"") -> None:
        answer = self.conn.sendRequest(self, request, data, wantReply=True)
        answer.addCallbacks(
            lambda _: self.client.granted.append(request),
            lambda _: self.client.refused.append(request),
        )

    def openFailed(self, reason: Any) -> None:
        self.client.not_opened.append(reason)

    def dataReceived(self, data: bytes) -> None:
        self.client.seen += data

    def extReceived(self, dataType: int, data: bytes) -> None:
        self.client.errors += data

    def request_exit_status(self, data: bytes) -> None:
        (self.client.status,) = struct.unpack(">L", data)

    def eofReceived(self) -> None:
        self.client.has_ended = True

    def closed(self) -> None:
        self.client.is_closed = True


class _Connection(Quiet, SSHConnection):
    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    def serviceStarted(self) -> None:
        self.client.connection = self
        if self.client.opens:
            self.openChannel(Session(self.client, self.client.window))

    def adjustWindow(self, channel: Any, bytesToAdd: int) -> None:
        if self.client.takes:
            super().adjustWindow(channel, bytesToAdd)


class Login(Quiet, SSHUserAuthClient):
    def __init__(self, client: Client) -> None:
        super().__init__(client.user, _Connection(client))
        self.client = client
        self.shown = False

    def serviceStarted(self) -> None:
        self.client.login = self
        super().serviceStarted()

    def getPublicKey(self) -> Any:
        if self.client.key is None or self.shown:
            return None
        self.shown = True
        return self.client.key.public()

    def getPrivateKey(self) -> Deferred[Any]:
        return succeed(self.client.key)

    def getGenericAnswers(self, *_asked: object) -> Deferred[list[str]]:
        return succeed([])


class Client(Quiet, SSHClientTransport):
    """A client that keeps what happens to it, for tests to look at."""

    request, argument, term = b"shell", b"", b""
    opens = takes = True
    window = 131072
    login_class = Login

    def __init__(self, user: bytes = b"alice", **settings: Any) -> None:
        self.user = user
        self.key: Key | None = None
        self.environment: dict[bytes, bytes] = {}
        for name, value in settings.items():
            setattr(self, name, value)
        self.seen = self.errors = b""
        self.granted: list[bytes] = []
        self.refused: list[bytes] = []
        self.not_opened: list[Any] = []
        self.status: int | None = None
        self.is_closed = self.has_ended = False
        self.session: Any = None
        self.connection: Any = None
        self.login: Any = None
        self.disconnected: list[Any] = []

    def verifyHostKey(self, hostKey: bytes, fingerprint: str) -> Deferred[int]:
        return succeed(1)

    def connectionSecure(self) -> None:
        if self.login is None:  # conch calls this after each key exchange
            self.requestService(self.login_class(self))

    def receiveError(self, reasonCode: int, description: Any) -> None:
        self.disconnected.append((reasonCode, description))


class Link:
    """A client and the SSH door, joined in memory; the server's end is Twisted's own TCP connection."""

    def __init__(
        self, server: InMemoryServer, factory: Any, client: Client, host: str = "127.0.0.1"
    ) -> None:
        self.server = server
        self.client = client
        self.transport = factory.buildProtocol(address_of(host))
        self.socket = MemoryConnection(self.transport, server.clock, host)
        self._read = 0
        self.upstream = StringTransport()
        self._is_down = False
        self.transport.makeConnection(self.socket)
        client.makeConnection(self.upstream)
        self.pump()

    @property
    def is_open(self) -> bool:
        return not self.socket.disconnected

    def pump(self) -> None:
        """Carry bytes both ways until none are left."""
        for _turn in range(1000):
            if not self._up() + self._down():
                return
        raise AssertionError("they never stop talking")

    def _up(self) -> int:
        data = self.upstream.value()
        self.upstream.clear()
        if data and self.is_open:
            self.socket.memory.arrived.append(data)
        waits = len(self.socket.memory.arrived) + sum(
            call.time <= self.server.clock.seconds() for call in self.server.clock.calls
        )
        self.server.clock.advance(0)
        self.socket.turn()
        return waits if self.is_open else 0

    def _down(self) -> int:
        taken = bytes(self.socket.memory.taken[self._read :])
        self._read += len(taken)
        if taken:
            self.client.dataReceived(taken)
        if not self.is_open and not self._is_down:
            self._is_down = True
            self.client.connectionLost(Failure(ConnectionDone()))
        return len(taken)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.server.clock.advance(seconds)
        self.pump()

    def say(self, line: bytes) -> None:
        """Send a line."""
        self.client.session.write(line + b"\n")
        self.pump()

    def read(self) -> str:
        """Return what the client was sent since the last time."""
        seen, self.client.seen = self.client.seen, b""
        return seen.decode()

    def send(self, number: int, payload: bytes = b"") -> None:
        """Send a packet, whether it is in order or not."""
        self.client.sendPacket(number, payload)
        self.pump()

    def hang_up(self) -> None:
        """Close the connection."""
        if self.is_open:
            self.socket.connectionLost(Failure(ConnectionDone()))
        self.pump()
