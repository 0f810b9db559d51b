"""What the line doors share: a LineReceiver that feeds a session.

Lines are split for all that has come at once: LineReceiver itself copies the rest of its buffer for every line, which
makes a flood quadratic.
Must not know rooms or commands, nor what a line means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

from chatproto.delivery.reader import Reader
from chatproto.doors.intake import Intake
from chatproto.doors.keepalive import keep_alive
from chatproto.doors.last_lines import LastLines
from chatproto.doors.strangers import recognised
from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import ANSWER_SECONDS, UNENDED_BYTES
from chatproto.sessions.lines import LineSession
from chatproto.valve import PauseReason, Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.screen import Screen
from chatproto.wire import wire

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure

    from chatproto.clock import DelayedCall
    from chatproto.doors.gate import Gate, Ticket
    from chatproto.sessions.context import Context


@implementer(IHalfCloseableProtocol)
class LineProtocol(LineReceiver):
    """One connection through which lines come; `name` is what the log calls the door."""

    name: ClassVar[str] = "line"
    delimiter = b"\n"
    session_class: ClassVar[type[LineSession]] = LineSession
    screen: ClassVar[Screen] = Screen(b"\n")  # until more is known of it

    session: LineSession | None = None
    _last_lines: LastLines | None = None
    _is_first = True
    _says_rest = False  # what has no end is a line, too
    _ticket: Ticket | None = None
    _intake: Intake | None = None
    _last_answer: DelayedCall | None = None
    factory: DoorFactory
    transport: Any  # a TCP, UNIX or TLS server's

    def open(self) -> None:
        """Greet whoever came."""
        raise NotImplementedError

    def lines_may_have_come(self) -> None:
        """Data came and has been split; `_buffer` holds what has no end yet."""

    def drop_lines(self) -> int:
        """Drop the lines that wait; return how many there were."""
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = b""
        return sum(1 for line in lines + [rest] * self._says_rest if line.strip())

    def enter_gate(self) -> Ticket:
        """Come in from outside.  Raise NotAllowed."""
        host = getattr(self.transport.getPeer(), "host", "")
        self._ticket = self.factory.gate.enter(host, self.name)
        return self._ticket

    def leave_gate(self) -> None:
        """The connection is gone."""
        if self._ticket:
            self._ticket.leave()

    # Twisted calls these

    def connectionMade(self) -> None:
        """Somebody is at the door."""
        try:
            ticket = self.enter_gate()
        except NotAllowed as error:
            voice = LineVoice(self.factory.context.language, self.screen.end)
            self.transport.write(voice.notice(error.sentence))
            self.transport.loseConnection()
            return
        keep_alive(self.transport)
        context = self.factory.context
        valve = Valve(self.pauseProducing, self.resumeProducing)
        voice = LineVoice(context.language, self.screen.end)
        reader = Reader(wire(self.transport, context.clock), voice, valve)
        self.session = self.session_class(context, reader, self.screen)
        self.session.drop_lines = self.drop_lines
        ticket.accompany(self.session)
        if context.rate:
            self._intake = Intake(context.clock, self._shut_intake, self._open_intake)
        self.open()

    def readConnectionLost(self) -> None:
        """They send nothing more, but may read on: what they asked for is shown before the end."""
        self._say_rest()
        if self.session is None or not self.session.answers.is_asking:
            self._close()
        elif self._last_answer is None:
            self.session.answers.on_answered = self._close
            self._last_answer = self.factory.context.clock.callLater(ANSWER_SECONDS, self._too_late)

    def writeConnectionLost(self) -> None:
        """We close both ways at once, so this does not happen."""

    def connectionLost(self, reason: Failure | None = None) -> None:
        """They are gone; what they sent before that is said all the same."""
        self._stop_waiting_for_answer()
        if self._intake:
            self._intake.stop()
            self._intake = None
        if self.session:
            lost = not (reason and reason.check(ConnectionDone))
            self._last_lines = LastLines(self.session, self.left, lost=lost)
            self._last_lines.begin()
        if self.session:
            self.dataReceived(b"")

    def dataReceived(self, data: bytes) -> None:
        """Take what came, and no more for now when it was too much."""
        self.receive(data)
        if self._intake:
            self._intake.take(len(data))

    def receive(self, data: bytes) -> None:
        """Split what came into lines, and give them to the session while it takes them."""
        if self.session is None:
            return
        if self.session.is_leaving:
            self._finish()
            return
        self._buffer += data
        if self._busyReceiving:
            return
        self._busyReceiving = True
        try:
            if self._is_first and self._buffer and self._is_stranger():
                return
            self._split()
        finally:
            self._busyReceiving = False
        if self._last_lines:
            self.say_the_last()
        elif self.session:
            self.lines_may_have_come()

    def _shut_intake(self) -> None:
        if self.session:
            self.session.reader.valve.shut(PauseReason.BYTES)

    def _open_intake(self) -> None:
        if self.session:
            self.session.reader.valve.open(PauseReason.BYTES)

    def lineReceived(self, line: bytes) -> None:
        """Give the session a line."""
        if self.session:
            self.session.receive(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """End a connection that sends no line ends."""
        if self.session:
            self.session.dismiss(
                _(
                    "{seen} bytes without an end of line: this is no chat client. Closing.",
                    seen=len(line),
                )
            )

    def say_the_last(self) -> None:
        """Say what came last and has no end; leave when nothing is left to be said."""
        if self.paused or self.session is None:
            return
        self._say_rest()
        self._finish()

    def _say_rest(self) -> None:
        rest, self._buffer = self._buffer, b""
        if rest:
            self.lineReceived(rest)

    def left(self) -> None:
        """The session is over."""
        self.leave_gate()
        self.session = self._last_lines = None

    def _close(self) -> None:
        self._stop_waiting_for_answer()
        self.transport.loseConnection()

    def _too_late(self) -> None:
        self._last_answer = None
        self._close()

    def _stop_waiting_for_answer(self) -> None:
        if self._last_answer:
            self._last_answer.cancel()
            self._last_answer = None

    def _finish(self) -> None:
        if self._last_lines:
            self._last_lines.end()

    def abort(self) -> None:
        """Cut off a peer that is up to no good."""
        if self.session:
            self.session.is_leaving = True
        self.transport.abortConnection()

    def _split(self) -> None:
        if self.paused:
            return
        lines = self._buffer.split(b"\n")
        self._buffer = lines.pop()
        self._take(lines)
        if not self.paused and len(self._buffer) > UNENDED_BYTES:
            rest = self.clearLineBuffer()
            self.lineLengthExceeded(rest)

    def _take(self, lines: list[bytes]) -> None:
        """Give the lines to the session; keep what is left when it wants no more for now."""
        self._is_first = self._is_first and not lines
        for place, line in enumerate(lines):
            if self.paused:
                self._buffer = b"\n".join([*lines[place:], self._buffer])
                return
            if len(line) > UNENDED_BYTES:
                self.lineLengthExceeded(line)
                return
            self.lineReceived(line)

    def _is_stranger(self) -> bool:
        sentence = recognised(self._buffer)
        if sentence is None or self.session is None:
            return False
        self._buffer = b""
        self.session.dismiss(sentence)
        return True


class DoorFactory(Factory):
    """Builds a protocol for each connection through one door."""

    noisy = False

    def __init__(self, door: type[LineProtocol], context: Context, gate: Gate) -> None:
        self._door = door
        self.context = context
        self.gate = gate

    # Twisted calls this

    def buildProtocol(self, addr: IAddress | None) -> LineProtocol:  # type: ignore[override]
        """Make the protocol for one connection."""
        protocol = self._door()
        protocol.factory = self
        return protocol
