"""One SSH connection, from the first byte to the last.

conch does the ciphers and the packets; here is what it leaves open: how many packets may come at a time, how long
anything may take, and that a peer who breaks the rules is cut off without a traceback.
Must not know channels, sessions or rooms.
Sources: RFC 4253 (4.2 versions, 11 messages), RFC 8308 (extensions).
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
from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.doors.intake import Intake
from chatproto.doors.keepalive import keep_alive
from chatproto.doors.ssh import algorithms
from chatproto.doors.ssh.exchange import KEX_MESSAGES, Exchange, OutOfOrder
from chatproto.doors.ssh.pulse import Pulse
from chatproto.doors.ssh.quiet import QUIET
from chatproto.errors import NotAllowed
from chatproto.language import _, language
from chatproto.limits import (
    GOODBYE_SECONDS,
    LOGIN_REQUESTS,
    LOGIN_SECONDS,
    SSH_PACKETS_PER_TURN,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import DelayedCall
    from chatproto.doors.gate import Ticket
    from chatproto.language import Sentence

VERSION: Final = b"SSH-2.0-chatproto"
_BEGINNING: Final = b"SSH-"
_COMING_IN: Final = NS(b"ssh-userauth")


def _nobody() -> None:
    """Tell nobody."""


@implementer(IPushProducer)
class Transport(Exchange):
    """One connection.

    is_full   the socket takes no more just now
    moved     called when `is_choked` may have changed
    why       why the connection was lost
    ticket    what it was given at the gate
    """

    ourVersionString = VERSION
    supportedKeyExchanges = algorithms.KEY_EXCHANGES
    supportedPublicKeys = algorithms.HOST_KEYS
    supportedCiphers = algorithms.CIPHERS
    supportedMACs = algorithms.MACS
    supportedCompressions = algorithms.COMPRESSIONS
    _log = QUIET
    transport: Any
    service: Any

    is_full = False
    why: Failure | None = None
    moved: Callable[[], None] = staticmethod(_nobody)
    _is_over = False
    _is_paced = False
    _packets = 0
    _service_requests = 0
    ticket: Ticket | None = None
    _intake: Intake | None = None
    _pulse: Pulse | None = None
    _grace: DelayedCall | None = None
    _turn: DelayedCall | None = None
    _farewell: DelayedCall | None = None

    @property
    def is_choked(self) -> bool:
        """Tell whether what is sent now would only wait here: for the socket, or for new keys."""
        return self.is_full or self._keyExchangeState != self._KEY_EXCHANGE_NONE

    # -- coming in ------------------------------------------------------------------------------

    def came_in(self) -> None:
        """They are in: the watch over how long that takes is over, and that over their silence begins."""
        self._end_grace()
        self._pulse = Pulse(self.factory.server.clock, self._ask_for_life, self.abort)

    def _ask_for_life(self) -> None:
        """Ask whether they are there; not while nothing is read from them, so that no answer could come."""
        if self._pulse and (self.is_full or self._is_paced):
            self._pulse.is_heard = True
        else:
            self.service.ask_for_life()

    def _enter(self) -> None:
        """Go through the gate.  Raises NotAllowed."""
        host = getattr(self.transport.getPeer(), "host", "")
        self.ticket = self.factory.gate.enter(host, "ssh")
        server = self.factory.server
        self._grace = server.clock.callLater(LOGIN_SECONDS, self._too_long)
        if server.rate:
            self._intake = Intake(server.clock, self._pace, self._go_on_reading)

    def _too_long(self) -> None:
        self._grace = None
        self.say_goodbye(_("You took too long to log in. Goodbye."))

    def _end_grace(self) -> None:
        if self._grace:
            self._grace.cancel()
            self._grace = None

    def _read(self, sentence: Sentence) -> bytes:
        return language(self.factory.server.language).read(sentence).encode()

    # -- leaving --------------------------------------------------------------------------------

    def say_goodbye(self, sentence: Sentence) -> None:
        """End the connection with a sentence."""
        self.sendDisconnect(DISCONNECT_BY_APPLICATION, self._read(sentence))

    def end_soon(self) -> None:
        """All is said: let the client hang up, but do not wait for ever."""
        if self._farewell is None and self.why is None:
            clock = self.factory.server.clock
            self._farewell = clock.callLater(GOODBYE_SECONDS, self._give_up)

    def abort(self) -> None:
        """Cut the connection."""
        self._is_over = True
        self.transport.abortConnection()

    def _close(self) -> None:
        self._is_over = True
        self.transport.unregisterProducer()  # a registered one would hold the connection open
        self.transport.loseConnection()
        self.end_soon()

    def _give_up(self) -> None:
        self._farewell = None
        self.abort()

    # -- packets in -----------------------------------------------------------------------------

    def _wait_a_turn(self) -> None:
        """Let the others have theirs."""
        if self._turn is None:
            self.transport.pauseProducing()
            self._turn = self.factory.server.clock.callLater(0, self._go_on)

    def _go_on(self) -> None:
        self._turn = None
        self._read_on()
        self.dataReceived(b"")

    def _read_on(self) -> None:
        if not (self.is_full or self._is_paced or self._turn or self._is_over):
            self.transport.resumeProducing()

    def _pace(self) -> None:
        self._is_paced = True
        self.transport.pauseProducing()

    def _go_on_reading(self) -> None:
        self._is_paced = False
        self._read_on()

    # Twisted calls these

    def connectionMade(self) -> None:
        """Somebody is at the door."""
        try:
            self._enter()
        except NotAllowed as error:
            # Before the version, lines for people may be sent (RFC 4253 section 4.2).
            self.transport.write(self._read(error.sentence) + b"\r\n")
            self._is_over = True
            self.transport.loseConnection()
            return
        keep_alive(self.transport)
        self.transport.registerProducer(self, True)  # noqa: FBT003 - Twisted's signature
        super().connectionMade()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """They are gone."""
        self._is_over = True
        self.why = reason or Failure(ConnectionDone())
        super().connectionLost(reason)
        self._end_grace()
        if self.ticket:
            self.ticket.leave()
        if self._intake:
            self._intake.stop()
        if self._pulse:
            self._pulse.stop()
        self._intake = self._pulse = None  # else they would keep this, as it keeps them
        for arranged in (self._turn, self._farewell):
            if arranged:
                arranged.cancel()
        self._turn = self._farewell = None
        self.service = None  # nothing goes round in a circle: who is gone makes room at once
        self.moved = _nobody

    def dataReceived(self, data: bytes) -> None:
        """Take what came.  Whatever conch stumbles over in it is the peer's fault."""
        if self._is_over:
            return
        if not self.gotVersion and not (self.buf + data).startswith(
            _BEGINNING[: len(self.buf + data)]
        ):
            self.abort()
            return
        self._packets = SSH_PACKETS_PER_TURN
        try:
            super().dataReceived(data)
        except Exception:  # noqa: BLE001 - there is no end to the ways in which conch stumbles
            self.sendDisconnect(DISCONNECT_PROTOCOL_ERROR, b"that is no SSH")
        if self._intake:
            self._intake.take(len(data))

    def getPacket(self) -> bytes | None:
        """Give the next packet; none when this connection had its turn."""
        if self._is_over:
            return None
        if not self._packets:
            self._wait_a_turn()
            return None
        self._packets -= 1
        packet: bytes | None = super().getPacket()
        return packet

    def dispatchMessage(self, messageNum: int, payload: bytes) -> None:
        """Look at a packet."""
        self.check_order(messageNum)
        if self._pulse:
            self._pulse.is_heard = True
        super().dispatchMessage(messageNum, payload)
        if messageNum in KEX_MESSAGES:
            self.moved()

    def ssh_SERVICE_REQUEST(self, packet: bytes) -> None:
        """They ask for the only service there is for them to ask for: paramiko before each try to come in."""
        self._service_requests += 1
        if self.service is None:
            super().ssh_SERVICE_REQUEST(packet)
        elif packet == NS(self.service.name) == _COMING_IN and (
            self._service_requests <= LOGIN_REQUESTS
        ):
            self.sendPacket(MSG_SERVICE_ACCEPT, packet)
        else:
            raise OutOfOrder(packet)

    def _newKeys(self) -> None:
        super()._newKeys()
        self.ourKexInitPayload = self.otherKexInitPayload = b""  # two kilobytes, of no more use

    def sendExtInfo(self, extensions: list[tuple[bytes, bytes]]) -> None:
        """Tell which keys may sign; conch would name the server's own kind, and RSA keys stay at home."""
        super().sendExtInfo([(b"server-sig-algs", b",".join(algorithms.USER_KEYS))])

    def sendDisconnect(self, reason: int, desc: bytes) -> None:
        """End the connection, and see to it that it ends."""
        if not self._is_over:
            super().sendDisconnect(reason, desc)
            self._close()

    def receiveError(self, reasonCode: int, description: str) -> None:
        """They end the connection."""
        self._close()

    def pauseProducing(self) -> None:
        """They do not take what they are sent: read nothing from them either, or answers would pile up."""
        self.is_full = True
        self.transport.pauseProducing()
        self.moved()

    def resumeProducing(self) -> None:
        """They took it."""
        self.is_full = False
        self._read_on()
        self.moved()

    def stopProducing(self) -> None:
        """The connection is gone."""
