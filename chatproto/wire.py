"""Wires: bytes out to one connection, with no queue of their own.

    SocketWire   a TCP or UNIX socket: sends straight to the kernel; the transport holds only what did not fit
    StreamWire   a transport without a raw socket (TLS, and later SSH and WebSocket): writes until it is told to stop

A wire is *ready* while all that was sent is out of our hands.  When it is not, its owner sends no more, and is called
when it is ready again.  A peer that takes nothing at all for STALL_SECONDS is cut off.

A send that fails says that the peer reads no more, not that it said nothing before: a wire that is *lost* takes
whatever it is given and stays ready, so that what has arrived is still read.
Must not know rooms, readers or events.
Sources: IPushProducer, IPullProducer of twisted.internet.interfaces; tcp(7), SIOCOUTQ.
"""

from __future__ import annotations

import fcntl
import struct
import termios
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.internet.tcp import Connection
from twisted.protocols.policies import ProtocolWrapper
from zope.interface import implementer

from chatproto.limits import GOODBYE_SECONDS, LAST_LINES_SECONDS, STALL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import Clock, DelayedCall


class Wire(Protocol):
    """What a reader needs of a connection.

    is_ready   nothing is waiting: more may be sent
    is_lost    the peer reads no more: what is sent goes nowhere
    on_ready   called when it is ready again
    try_send   sends, and returns how many bytes went; when that is not all of them, or when it raises
               OSError, `queue_rest` must be called with what it returned or raised
    """

    is_ready: bool
    is_lost: bool
    on_ready: Callable[[], None]
    try_send: Callable[[bytes], Any]

    def queue_rest(self, data: bytes, taken: object) -> None:
        """Keep what `try_send` did not take; afterwards `is_ready` says whether anything waits."""

    def send(self, data: bytes) -> bool:
        """Send, after whatever is waiting; return whether the wire is ready."""

    def close(self) -> None:
        """Close after what was sent, with a time limit; what is sent from now on goes nowhere."""

    def detach(self, closed: Callable[[], None] = ...) -> None:
        """Let the connection go: from now on `close` calls `closed`, and what is sent goes nowhere."""


def _nothing() -> None:
    """Do nothing: no part waits for the end."""


class _Watched:
    """What both wires share: the watch over a peer that takes nothing, and closing."""

    __slots__ = (
        "_clock",
        "_closed",
        "_farewell",
        "_is_closing",
        "_transport",
        "_watch",
        "is_lost",
        "is_ready",
        "on_ready",
        "try_send",
    )  # fmt: skip

    def __init__(self, transport: Any, clock: Clock) -> None:
        self.is_ready = True
        self.is_lost = False
        self.on_ready: Callable[[], None] = lambda: None
        self.try_send: Callable[[bytes], Any]
        self._transport = transport
        self._clock = clock
        self._watch: DelayedCall | None = None
        self._farewell: DelayedCall | None = None
        self._closed: Callable[[], None] | None = None  # not None once the connection is gone
        self._is_closing = False

    def _begin_watch(self) -> None:
        if self._watch is None and self._closed is None:
            self._watch = self._clock.callLater(STALL_SECONDS, self._look, self._untaken())

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self, before: int) -> None:
        """Cut off a peer that has taken nothing since the last look."""
        self._watch = None
        if self.is_ready:
            return
        if self._untaken() == before:
            self._transport.abortConnection()
        else:
            self._begin_watch()

    def _cut_off(self) -> None:
        self._watch = None
        self._transport.abortConnection()

    def _lose(self) -> None:
        """Note that the peer reads no more: what is sent from now on goes nowhere, at once."""
        self._end_watch()
        self.is_ready = self.is_lost = True
        self.try_send = len

    def _untaken(self) -> int:
        """Return how many bytes the peer has not taken yet, as far as can be seen."""
        raise NotImplementedError

    def close(self) -> None:
        """Close after what was sent; a peer that does not read would keep the link open for ever."""
        self.on_ready = lambda: None  # nothing more is sent
        self.try_send = len
        self._is_closing = True
        self._end_watch()
        if self._closed:
            self._closed()
            return
        self._transport.loseConnection()
        if self._farewell is None:
            self._farewell = self._clock.callLater(GOODBYE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._farewell = None
        self._transport.abortConnection()

    def detach(self, closed: Callable[[], None] = _nothing) -> None:
        """Watch nothing more, and let the connection go."""
        self._closed = closed
        self._lose()
        self.on_ready = lambda: None
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None


@implementer(IPullProducer)
class SocketWire(_Watched):
    """A wire onto a socket."""

    __slots__ = ("_registering",)

    def __init__(self, transport: Any, clock: Clock) -> None:
        super().__init__(transport, clock)
        # What lies under `write`: one system call, and nothing else.  A room of thousands is one
        # loop over these, which `writeSomeData` in between makes a third dearer.
        self.try_send = transport.getHandle().send
        self._registering = False

    def send(self, data: bytes) -> bool:
        """Send what fits; the transport holds the rest."""
        if self._is_closing:
            return self.is_ready
        if not self.is_ready:
            self._transport.write(data)
            return False
        try:
            taken: object = self.try_send(data)
        except OSError as error:
            taken = error
        if taken != len(data):
            self.queue_rest(data, taken)
        return self.is_ready

    def queue_rest(self, data: bytes, taken: object) -> None:
        """Let the transport send the rest, and call `resumeProducing` when that is out."""
        self.is_ready = False
        if isinstance(taken, BlockingIOError):
            taken = 0
        if not isinstance(taken, int):
            # The connection is lost, but what came by it may not have been read yet: the reactor
            # ends it after that.  A peer that sent more than can be said in time is cut short.
            self._lose()
            self._watch = self._clock.callLater(LAST_LINES_SECONDS, self._cut_off)
            return
        self._transport.write(data[taken:])
        self._registering = True
        self._transport.registerProducer(self, False)  # noqa: FBT003 - Twisted's signature
        self._registering = False
        self._begin_watch()

    def _untaken(self) -> int:
        return _held(self._transport) + _in_kernel(self._transport)

    # Twisted calls these

    def resumeProducing(self) -> None:
        """Be ready again: the rest is out.  Registering calls this too, at once, which means nothing."""
        if self._registering:
            return
        self._transport.unregisterProducer()
        self._end_watch()
        self.is_ready = True
        self.on_ready()

    def stopProducing(self) -> None:
        """Do nothing: the connection is gone, and its door learns of it elsewhere."""


@implementer(IPushProducer)
class StreamWire(_Watched):
    """A wire onto a transport that buffers by itself, and says when that is enough."""

    __slots__ = ()

    def __init__(self, transport: Any, clock: Clock) -> None:
        super().__init__(transport, clock)
        self.try_send = self._write
        transport.registerProducer(self, True)  # noqa: FBT003 - Twisted's signature

    def _write(self, data: bytes) -> int:
        self._transport.write(data)
        return len(data) if self.is_ready else -1

    def send(self, data: bytes) -> bool:
        """Hand the bytes to the transport."""
        if self._closed is None and not self._is_closing:
            self._transport.write(data)
        return self.is_ready

    def queue_rest(self, data: bytes, taken: object) -> None:
        """Do nothing: the transport has it all."""

    def _untaken(self) -> int:
        below = self._transport
        while isinstance(below, ProtocolWrapper):  # TLS stands on the transport of the socket
            below = below.transport
        return _held(below) + _in_kernel(below)

    def close(self) -> None:
        """Close, without a registered producer, which would hold the connection open.

        TLS closes only after reading the peer's own goodbye, so reading goes on, whatever paused it.
        """
        if self._closed is None:
            self._transport.unregisterProducer()
            self._transport.resumeProducing()
        super().close()

    # Twisted calls these

    def pauseProducing(self) -> None:
        """Send no more for now."""
        self.is_ready = False
        self._begin_watch()

    def resumeProducing(self) -> None:
        """Be ready again."""
        self._end_watch()
        self.is_ready = True
        self.on_ready()

    def stopProducing(self) -> None:
        """Do nothing: the connection is gone, and its door learns of it elsewhere."""


def wire(transport: Any, clock: Clock) -> Wire:
    """Return the wire that suits the transport.

    A TLS transport passes `writeSomeData` through to the socket under it, past the encryption, so the type decides.
    """
    if isinstance(transport, Connection) and not transport.TLS:
        return SocketWire(transport, clock)
    return StreamWire(transport, clock)


def _held(transport: Any) -> int:
    """Return how many bytes the transport of a socket holds; 0 for any other."""
    if not isinstance(transport, Connection):
        return 0
    return len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001


def _in_kernel(transport: Any) -> int:
    """Return how many bytes the kernel holds unacknowledged by the peer; 0 where it cannot tell."""
    try:
        answer = fcntl.ioctl(transport.getHandle(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (OSError, AttributeError, ValueError):
        return 0
    return int(struct.unpack("i", answer)[0])
