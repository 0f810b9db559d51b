"""The packets of one SSH connection, from the first byte to the last.

conch does the ciphers and the packets.  It does not bound how many packets a peer sends and how long it may take, and
it answers a peer that breaks the rules with a traceback; here such a peer is cut off.  The parts, each for itself:

    exchange        which packets may come now, and which algorithms are spoken
    flow            when the socket is read
    grace, pulse    how long logging in may take; whether a silent client is there
    disconnection   that the connection ends when it should

Must not know channels, sessions or rooms.
Sources: RFC 4253 (4.2 versions, 10 services, 11 messages).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from twisted.conch.ssh.common import NS
from twisted.conch.ssh.transport import (
    DISCONNECT_BY_APPLICATION,
    DISCONNECT_PROTOCOL_ERROR,
    MSG_SERVICE_ACCEPT,
)
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from chatproto.doors.keepalive import keep_alive
from chatproto.doors.ssh.disconnection import Disconnection
from chatproto.doors.ssh.exchange import KEX_MESSAGES, Exchange, OutOfOrder
from chatproto.doors.ssh.flow import Flow, unheard
from chatproto.doors.ssh.grace import Grace
from chatproto.doors.ssh.pulse import Pulse
from chatproto.language import _, language
from chatproto.limits import (
    LOGIN_REQUESTS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.gate import Ticket
    from chatproto.language import Sentence

VERSION: Final = b"SSH-2.0-chatproto"
_BEGINNING: Final = b"SSH-"
_USERAUTH: Final = NS(b"ssh-userauth")


class Transport(Exchange):
    """One connection.

    flow            when its socket is read, and whether that takes more
    disconnection   its end
    ticket          what the gate gave to it; None where there is no gate
    """

    ourVersionString = VERSION
    transport: Any
    service: Any
    flow: Flow
    disconnection: Disconnection

    ticket: Ticket | None = None
    _service_requests = 0
    _grace: Grace | None = None
    _pulse: Pulse | None = None
    on_heard: Callable[[], None] = staticmethod(unheard)  # called at each sign of life

    @property
    def is_choked(self) -> bool:
        """Return whether what is sent now would only wait here: for the socket, or for new keys."""
        return self.flow.is_full or self.is_exchanging

    def came_in(self) -> None:
        """End the login grace, and begin to watch for silence: the client has a session."""
        self._end_grace()
        self._pulse = Pulse(
            self.factory.context.clock, self._ask_for_life, self.disconnection.abort
        )

    def say_goodbye(self, sentence: Sentence) -> None:
        """End the connection with a sentence."""
        self.sendDisconnect(DISCONNECT_BY_APPLICATION, self._read(sentence))

    def _too_late(self) -> None:
        self.say_goodbye(_("You took too long to log in. Goodbye."))

    def _end_grace(self) -> None:
        if self._grace:
            self._grace.end()
            self._grace = None

    def _ask_for_life(self) -> None:
        """Ask the client for a sign of life; not while it is not read, for then no answer could come."""
        if self.flow.is_read:
            self.service.ask_for_life()
        elif self._pulse:
            self._pulse.is_heard = True

    def _read(self, sentence: Sentence) -> bytes:
        return language(self.factory.context.language).read(sentence).encode()

    def _read_on(self) -> None:
        self.dataReceived(b"")

    # Twisted calls these

    def connectionMade(self) -> None:
        """Send the version and the first KEXINIT."""
        context = self.factory.context
        self.disconnection = Disconnection(self.transport, context.clock)
        self.flow = Flow(self.transport, context.clock, self._read_on, is_paced=bool(context.rate))
        self._grace = Grace(context.clock, self._too_late)
        keep_alive(self.transport)
        self.transport.registerProducer(self.flow, True)  # noqa: FBT003 - Twisted's signature
        super().connectionMade()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """End the session; drop all parts that hold this, so that its memory is free at once."""
        self.disconnection.lost(reason or Failure(ConnectionDone()))
        super().connectionLost(reason)
        self._end_grace()
        if self.ticket:
            self.ticket.leave()
        self.flow.stop()
        if self._pulse:
            self._pulse.stop()
        self._pulse = self.service = None

    def dataReceived(self, data: bytes) -> None:
        """Take what came.  Whatever conch stumbles over in it is the peer's fault."""
        if self.disconnection.is_over:
            return
        if not self.gotVersion and not (self.buf + data).startswith(
            _BEGINNING[: len(self.buf + data)]
        ):
            self.disconnection.abort()
            return
        self.flow.receive(len(data))
        try:
            super().dataReceived(data)
        except Exception:  # noqa: BLE001 - there is no end to the ways in which conch stumbles
            self.sendDisconnect(DISCONNECT_PROTOCOL_ERROR, b"that is no SSH")

    def getPacket(self) -> bytes | None:
        """Return the next packet; None when it is not whole yet, or this connection had its turn."""
        if self.disconnection.is_over or not self.flow.take_packet():
            return None
        packet: bytes | None = super().getPacket()
        return packet

    def dispatchMessage(self, messageNum: int, payload: bytes) -> None:
        """Pass a packet on.  Raise OutOfOrder when it may not come now."""
        self.check_order(messageNum)
        if self._pulse:
            self._pulse.is_heard = True
            self.on_heard()
        super().dispatchMessage(messageNum, payload)
        if messageNum in KEX_MESSAGES:
            self.flow.changed()

    def ssh_SERVICE_REQUEST(self, packet: bytes) -> None:
        """Start the one service that a client may ask for; paramiko asks before each try to log in.

        Raise OutOfOrder when it is asked for too often, or another one is.
        """
        self._service_requests += 1
        if self.service is None:
            super().ssh_SERVICE_REQUEST(packet)
        elif packet == NS(self.service.name) == _USERAUTH and (
            self._service_requests <= LOGIN_REQUESTS
        ):
            self.sendPacket(MSG_SERVICE_ACCEPT, packet)
        else:
            raise OutOfOrder(packet)

    def sendDisconnect(self, reason: int, desc: bytes) -> None:
        """End the connection, and see to it that it ends."""
        if not self.disconnection.is_over:
            super().sendDisconnect(reason, desc)
            self.disconnection.close()

    def receiveError(self, reasonCode: int, description: str) -> None:
        """End the connection: the peer asked for it."""
        self.disconnection.close()
