"""A session's channel in the shape of a Twisted transport, so that wires and line doors work on it as on any other.

Its consumer side is full while the client's window is, or the socket under it, or while keys are exchanged.  Pausing it
gives the client no more window; the socket is still read, for what opens the client's window comes by it too.
Must not know packets.
Sources: ITransport, IConsumer and IPushProducer of twisted.internet.interfaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.interfaces import IConsumer, IPushProducer, ITransport
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Iterable


class Channel(Protocol):
    """What a stream asks of the channel under it.

    is_paused   the client is given no more window for now
    """

    is_paused: bool

    @property
    def is_choked(self) -> bool:
        """Return whether what is written now would only wait."""

    def write(self, data: bytes) -> None:
        """Send, or keep what does not fit."""

    def read_on(self) -> None:
        """Let the client send again."""

    def loseConnection(self) -> None:
        """Close when all is sent."""

    def abort(self) -> None:
        """Cut the connection."""


@implementer(ITransport, IConsumer, IPushProducer)
class Stream:
    """The bytes of one session; `socket` is the transport of the whole connection."""

    def __init__(self, channel: Channel, socket: Any) -> None:
        self._channel: Channel | None = channel
        self._socket = socket
        self._producer: Any = None
        self._is_held = False

    def look(self) -> None:
        """Pause the producer when the channel takes no more, and resume it when that takes more again."""
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
        """Let go of the channel, which is closed: what still holds this stream holds no connection by it."""
        self._channel = self._socket = self._producer = None

    # Twisted calls these

    def write(self, data: bytes) -> None:
        """Send, or keep what does not fit."""
        if data and self._channel:
            self._channel.write(data)
            self.look()

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send all of it."""
        self.write(b"".join(data))

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: FBT001 - Twisted's
        """Register a producer that writes until it is paused."""
        assert streaming, "a pull producer would wait for ever"
        self._producer = producer
        self._is_held = False
        self.look()

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self._producer = None

    def pauseProducing(self) -> None:
        """Let the client send what its window allows, and no more."""
        if self._channel:
            self._channel.is_paused = True

    def resumeProducing(self) -> None:
        """Let the client send again."""
        if self._channel:
            self._channel.read_on()

    def stopProducing(self) -> None:
        """Read nothing more."""
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close when all is sent."""
        if self._channel:
            self._channel.loseConnection()

    def abortConnection(self) -> None:
        """Cut the connection."""
        if self._channel:
            self._channel.abort()

    def getPeer(self) -> Any:
        """Return the address of the client."""
        return self._socket.getPeer()

    def getHost(self) -> Any:
        """Return the address it connected to."""
        return self._socket.getHost()

    def getHandle(self) -> Any:
        """Return the socket, whose kernel knows how much of what was sent the peer has taken."""
        return self._socket.getHandle()
