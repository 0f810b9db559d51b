"""A session's channel in the shape of a Twisted transport, so that wires and line doors work on it as on any other.

Its consumer side is full while the client's window is, or the socket under it, or while keys are exchanged.  Pausing it
gives the client no more window; the socket is read on, for what opens the client's window comes by it too.
Must not know packets.  Sources: ITransport, IConsumer and IPushProducer of twisted.internet.interfaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IConsumer, IPushProducer, ITransport
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.doors.ssh.channel import SessionChannel


@implementer(ITransport, IConsumer, IPushProducer)
class Stream:
    """The bytes of one session."""

    def __init__(self, channel: SessionChannel) -> None:
        self._channel: SessionChannel | None = channel
        self._producer: Any = None
        self._is_held = False

    def look(self) -> None:
        """Stop whoever writes when it is enough, and let them go on when it is out."""
        if self._producer is None or self._channel is None:
            return
        is_choked = self._channel.is_choked
        if is_choked == self._is_held:
            return
        self._is_held = is_choked
        if is_choked:
            self._producer.pauseProducing()
        else:
            self._producer.resumeProducing()

    def end(self) -> None:
        """The channel is no more; what still holds this holds no connection with it."""
        self._channel = self._producer = None

    # Twisted calls these

    def write(self, data: bytes) -> None:
        """Send, or keep what does not fit."""
        if data and self._channel:
            self._channel.write(data)
            self.look()

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send it all."""
        self.write(b"".join(data))

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: FBT001 - Twisted's
        """Take somebody who writes until told to stop."""
        assert streaming, "nobody here is asked for more"
        self._producer = producer
        self._is_held = False
        self.look()

    def unregisterProducer(self) -> None:
        """They write no more of their own accord."""
        self._producer = None

    def pauseProducing(self) -> None:
        """Let the client send what its window allows, and no more."""
        if self._channel:
            self._channel.is_paused = True

    def resumeProducing(self) -> None:
        """Let it send again."""
        if self._channel:
            self._channel.read_on()

    def stopProducing(self) -> None:
        """Read no more at all."""
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close when all is sent."""
        if self._channel:
            self._channel.loseConnection()

    def abortConnection(self) -> None:
        """Cut the connection."""
        if self._channel:
            self._channel.conn.transport.abort()

    def getPeer(self) -> Any:
        """Give the address of the client."""
        return self._socket.getPeer()

    def getHost(self) -> Any:
        """Give the address it came to."""
        return self._socket.getHost()

    def getHandle(self) -> Any:
        """Give the socket: the kernel knows how much of what was sent the peer has taken."""
        return self._socket.getHandle()

    @property
    def _socket(self) -> Any:
        return self._channel.conn.transport.transport if self._channel else None
