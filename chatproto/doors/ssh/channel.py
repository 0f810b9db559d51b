"""The one channel of a connection: what the client asks of its session, and the bytes it sends and is sent.

    pty-req, window-change, env   taken note of
    shell                         the chat
    exec, subsystem               a sentence, and exit status 1
    anything else                 refused

Must not know rooms, nor what is said.  Source: RFC 4254 (5.2 windows, 5.3 closing, 6 sessions).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar, Final

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.connection import EXTENDED_DATA_STDERR
from twisted.internet.error import ConnectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.doors.ssh import environment
from chatproto.doors.ssh.environment import Environment, Terminal
from chatproto.doors.ssh.quiet import QUIET
from chatproto.doors.ssh.stream import Stream
from chatproto.doors.ssh.visits import Typed, visit
from chatproto.language import _, language
from chatproto.limits import SSH_PACKET_BYTES, SSH_WINDOW_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.ssh.visits import Visit

_log = Logger(namespace="chatproto.ssh")

_REFUSED: Final = 1  # exit status: nothing was done
_NONSENSE: Final = (struct.error, IndexError, ValueError, TypeError)


class SessionChannel(SSHChannel):
    """A session.

    is_paused   what comes is not looked at just now, so the client is given no more window
    """

    name = b"session"
    _log = QUIET
    conn: Any

    def __init__(self, connection: Any, window: int, packet_bytes: int) -> None:
        super().__init__(SSH_WINDOW_BYTES, SSH_PACKET_BYTES, window, packet_bytes, connection)
        self.is_paused = False
        self._environment = Environment()
        self._terminal: Terminal | None = None
        self._stream: Stream | None = None
        self._visit: Visit | None = None
        self._next: Callable[[], None] | None = None
        self._has_begun = False
        self._status = 0

    # -- what the client asks for ---------------------------------------------------------------

    def _pty(self, data: bytes) -> bool:
        """Take note of a terminal.  One that is dumb is told that there is none here: it edits lines by itself."""
        terminal = environment.terminal(data)
        if self._has_begun or environment.is_dumb(terminal):
            return False
        self._terminal = terminal
        return True

    def _window(self, data: bytes) -> bool:
        size = environment.size(data)
        if self._terminal is None or self._terminal.size == size:
            return False
        self._terminal = self._terminal._replace(size=size)
        if isinstance(self._visit, Typed):
            self._safely(self._visit.resize, *size)
        return True

    def _env(self, data: bytes) -> bool:
        return not self._has_begun and self._environment.accept(data)

    def _shell(self, _data: bytes) -> bool:
        return self._begin(self._open)

    def _refuse(self, _data: bytes) -> bool:
        """Begin nothing but a sentence: a request that fails would be told in the client's words."""
        return self._begin(self._explain)

    def _begin(self, what: Callable[[], None]) -> bool:
        """Do it when the request is answered; there is one thing to a session (RFC 4254 section 6.5)."""
        if self._has_begun:
            return False
        self._has_begun = True
        self._next = what
        return True

    def proceed(self) -> None:
        """Do what was asked for: its request is answered."""
        if self._next:
            what, self._next = self._next, None
            self._safely(what)

    def _open(self) -> None:
        transport = self.conn.transport
        transport.came_in()
        self._stream = Stream(self)
        transport.moved = self._stream.look
        self._visit = visit(transport, self._environment, self._terminal)
        self._visit.makeConnection(self._stream)

    def _explain(self) -> None:
        server = self.conn.transport.factory.server
        sentence = _("This is a chat: it runs no commands and moves no files. Come in without one.")
        text = language(self._environment.language(server.language)).read(sentence)
        self._status = _REFUSED
        self.writeExtended(EXTENDED_DATA_STDERR, f"{text}\r\n".encode())
        self.loseConnection()

    def _safely(self, call: Callable[..., object], *arguments: object) -> None:
        """Call into the chat: a fault of ours is told as ours, not taken for the peer's nonsense."""
        try:
            call(*arguments)
        except Exception:  # noqa: BLE001 - whatever it is
            _log.failure("A fault in an SSH session")
            self.conn.transport.abort()

    # -- windows --------------------------------------------------------------------------------

    @property
    def is_choked(self) -> bool:
        """Tell whether what is written now would only wait here."""
        return bool(self.buf) or self.conn.transport.is_choked

    def read_on(self) -> None:
        """Let the client send again."""
        self.is_paused = False
        if self.localWindowLeft < self.localWindowSize // 2:
            self.conn.adjustWindow(self, self.localWindowSize - self.localWindowLeft)

    # Twisted calls these

    def requestReceived(self, requestType: bytes, data: bytes) -> bool:
        """They ask for something; give whether they get it."""
        request = self._requests.get(requestType)
        try:
            return request is not None and request(self, data)
        except _NONSENSE:
            return False

    def addWindowBytes(self, data: int) -> None:
        """They take more."""
        super().addWindowBytes(data)
        if self._stream:
            self._safely(self._stream.look)

    def dataReceived(self, data: bytes) -> None:
        """They sent something; before there is a shell to take it, it goes nowhere."""
        if self._visit:
            self._safely(self._visit.dataReceived, data)

    def eofReceived(self) -> None:
        """They will send nothing more."""
        if self._visit:
            self._safely(self._visit.input_ended)

    def closeReceived(self) -> None:
        """They take nothing more."""
        self.buf, self.extBuf = b"", []
        self.conn.sendClose(self)

    def loseConnection(self) -> None:
        """Close when all is sent."""
        self.closing = 1
        if not self.buf and not self.extBuf and not self.localClosed:
            self.conn.sendRequest(self, b"exit-status", struct.pack(">L", self._status))
            self.conn.sendEOF(self)
            self.conn.sendClose(self)

    def channelOpen(self, specificData: bytes) -> None:
        """It is open."""

    def closed(self) -> None:
        """It is closed, by both; or the connection is gone."""
        visit, self._visit = self._visit, None
        stream, self._stream = self._stream, None
        if visit and stream:
            stream.end()
            visit.connectionLost(self.conn.transport.why or Failure(ConnectionDone()))
        self.conn.transport.end_soon()

    _requests: ClassVar[dict[bytes, Callable[[SessionChannel, bytes], bool]]] = {
        b"pty-req": _pty,
        b"window-change": _window,
        b"env": _env,
        b"shell": _shell,
        b"exec": _refuse,
        b"subsystem": _refuse,
    }
