"""The one channel of a connection: what the client asks of its session, and the bytes it sends and is sent.

    pty-req, window-change, env   noted
    shell                         the chat
    exec, subsystem               a sentence, and exit status 1
    anything else                 refused

Must not know rooms or events.  Source: RFC 4254 (5.2 windows, 5.3 closing, 6 sessions).
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
from chatproto.doors.ssh.quiet import Quiet
from chatproto.doors.ssh.sessions import Typed, session_protocol
from chatproto.doors.ssh.stream import Stream
from chatproto.language import _, language
from chatproto.limits import SSH_PACKET_BYTES, SSH_WINDOW_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.ssh.sessions import SessionProtocol

_log = Logger(namespace="chatproto.ssh")

_REFUSED: Final = 1  # exit status: nothing was done
_MALFORMED: Final = (struct.error, IndexError, ValueError, TypeError)


class SessionChannel(Quiet, SSHChannel):
    """A session.

    is_paused   what came is not read for now, so the client is given no more window
    """

    name = b"session"
    conn: Any

    def __init__(self, connection: Any, window: int, packet_bytes: int) -> None:
        super().__init__(SSH_WINDOW_BYTES, SSH_PACKET_BYTES, window, packet_bytes, connection)
        self.is_paused = False
        self._environment = Environment()
        self._terminal: Terminal | None = None
        self._stream: Stream | None = None
        self._session: SessionProtocol | None = None
        self._next: Callable[[], None] | None = None
        self._has_begun = False
        self._status = 0

    # -- what the client asks for ---------------------------------------------------------------

    def _pty(self, data: bytes) -> bool:
        """Note the terminal.  A dumb one is refused, so that its client goes on editing lines by itself."""
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
        if isinstance(self._session, Typed):
            self._safely(self._session.resize, *size)
        return True

    def _env(self, data: bytes) -> bool:
        return not self._has_begun and self._environment.accept(data)

    def _shell(self, _data: bytes) -> bool:
        return self._begin(self._open)

    def _refuse(self, _data: bytes) -> bool:
        """Begin a sentence and nothing else: were the request to fail, the client would say so in its own words."""
        return self._begin(self._explain)

    def _begin(self, what: Callable[[], None]) -> bool:
        """Note what is to be done when the request is answered: one thing in a session (RFC 4254 section 6.5)."""
        if self._has_begun:
            return False
        self._has_begun = True
        self._next = what
        return True

    def proceed(self) -> None:
        """Do what was asked for, now that the request is answered."""
        if self._next:
            what, self._next = self._next, None
            self._safely(what)

    def _open(self) -> None:
        transport = self.conn.transport
        transport.came_in()
        self._stream = Stream(self, transport.transport)
        transport.flow.changed = self._stream.look
        self._session = session_protocol(transport, self._environment, self._terminal)
        self._session.makeConnection(self._stream)

    def _explain(self) -> None:
        context = self.conn.transport.factory.context
        sentence = _("This is a chat: it runs no commands and moves no files. Come in without one.")
        text = language(self._environment.language(context.language)).read(sentence)
        self._status = _REFUSED
        self.writeExtended(EXTENDED_DATA_STDERR, f"{text}\r\n".encode())
        self.loseConnection()

    def _safely(self, call: Callable[..., object], *arguments: object) -> None:
        """Call into the chat.  A fault there is ours: it is logged, and not blamed on the peer."""
        try:
            call(*arguments)
        except Exception:  # noqa: BLE001 - whatever it is
            _log.failure("A fault in an SSH session")
            self.abort()

    # -- what the stream asks for ---------------------------------------------------------------

    @property
    def is_choked(self) -> bool:
        """Return whether what is written now would only wait here."""
        return bool(self.buf) or self.conn.transport.is_choked

    def read_on(self) -> None:
        """Let the client send again."""
        self.is_paused = False
        if self.localWindowLeft < self.localWindowSize // 2:
            self.conn.adjustWindow(self, self.localWindowSize - self.localWindowLeft)

    def abort(self) -> None:
        """Cut the connection."""
        self.conn.transport.disconnection.abort()

    # Twisted calls these

    def requestReceived(self, requestType: bytes, data: bytes) -> bool:
        """Return whether what the client asks for is granted."""
        request = self._requests.get(requestType)
        try:
            return request is not None and request(self, data)
        except _MALFORMED:
            return False

    def addWindowBytes(self, data: int) -> None:
        """Send what waited, and look whether more may be written: the client's window opens."""
        super().addWindowBytes(data)
        if self._stream:
            self._safely(self._stream.look)

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the client sent; before there is a shell to take it, it is dropped."""
        if self._session:
            self._safely(self._session.dataReceived, data)

    def eofReceived(self) -> None:
        """Pass on that the client will send nothing more."""
        if self._session:
            self._safely(self._session.input_ended)

    def closeReceived(self) -> None:
        """Drop what is not sent, and close: the client takes nothing more."""
        self.buf, self.extBuf = b"", []
        self.conn.sendClose(self)

    def loseConnection(self) -> None:
        """Close when all is sent."""
        self.closing = 1
        if not self.buf and not self.extBuf and not self.localClosed:
            self.conn.sendRequest(self, b"exit-status", struct.pack(">L", self._status))
            self.conn.sendEOF(self)
            self.conn.sendClose(self)

    def closed(self) -> None:
        """End the session: both sides have closed the channel, or the connection is gone."""
        session, self._session = self._session, None
        stream, self._stream = self._stream, None
        disconnection = self.conn.transport.disconnection
        if session and stream:
            stream.end()
            session.connectionLost(disconnection.why or Failure(ConnectionDone()))
        disconnection.expect()

    _requests: ClassVar[dict[bytes, Callable[[SessionChannel, bytes], bool]]] = {
        b"pty-req": _pty,
        b"window-change": _window,
        b"env": _env,
        b"shell": _shell,
        b"exec": _refuse,
        b"subsystem": _refuse,
    }
