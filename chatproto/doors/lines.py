"""What the line doors share: a LineReceiver that feeds a session.

Its lines come from a splitter of ours: LineReceiver itself copies the rest of its buffer for every line, which makes a
flood quadratic.
Must not know rooms or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

from chatproto.doors.intake import Intake
from chatproto.doors.keepalive import keep_alive
from chatproto.doors.last_answer import LastAnswer
from chatproto.doors.last_lines import LastLines
from chatproto.doors.opening import open_session
from chatproto.doors.splitter import Splitter
from chatproto.doors.strangers import recognised
from chatproto.language import _
from chatproto.limits import LINES_PER_TURN, UNENDED_BYTES
from chatproto.sessions.lines import LineSession
from chatproto.valve import PauseReason
from chatproto.voices.line import LineVoice
from chatproto.voices.screen import Screen

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure

    from chatproto.doors.gate import Ticket
    from chatproto.language import Sentence
    from chatproto.sessions.context import Context


@implementer(IHalfCloseableProtocol)
class LineProtocol(LineReceiver):
    """One connection through which lines come.

    name       what the log calls the door
    splitter   what came and was not taken yet
    ticket     what the gate gave; None where there is no gate
    """

    name: ClassVar[str] = "line"
    delimiter = b"\n"
    session_class: ClassVar[type[LineSession]] = LineSession
    screen: ClassVar[Screen] = Screen(b"\n")  # until more is known of it

    ticket: Ticket | None = None
    session: LineSession | None = None
    _last_lines: LastLines | None = None
    _is_first = True
    _says_rest = False  # what has no end is a line, too
    _intake: Intake | None = None
    _last_answer: LastAnswer | None = None
    _is_splitting = False
    factory: DoorFactory
    transport: Any  # a TCP, UNIX or TLS server's

    def __init__(self) -> None:
        self.splitter = Splitter(UNENDED_BYTES, LINES_PER_TURN)

    def open(self) -> None:
        """Greet the peer."""
        raise NotImplementedError

    def lines_may_have_come(self) -> None:
        """Data came and has been split; what has no end yet waits in the splitter."""

    def drop_lines(self) -> int:
        """Drop the lines that wait; return how many there were."""
        *lines, rest = self.clearLineBuffer().split(self.delimiter)
        return sum(1 for line in lines + [rest] * self._says_rest if line.strip())

    def leave_gate(self) -> None:
        """Leave the gate: the connection is gone, and its last lines are said."""
        if self.ticket:
            self.ticket.leave()

    # Twisted calls these

    def connectionMade(self) -> None:
        """Open the session."""
        keep_alive(self.transport)
        context = self.factory.context
        self.session = open_session(
            context,
            self.transport,
            self.ticket,
            self.screen,
            producer=self,
            session_class=self.session_class,
        )
        self.session.waiting = self
        if context.rate:
            self._intake = Intake(context.clock, self._shut_intake, self._open_intake)
        self.open()

    def readConnectionLost(self) -> None:
        """Note that the peer sends nothing more, but may read on: what was asked for is shown before the end."""
        self._say_rest()
        if self.session is None:
            self.transport.loseConnection()
        elif self._last_answer is None:
            self._last_answer = LastAnswer(self.session, self.transport.loseConnection)
            self._last_answer.wait()

    def writeConnectionLost(self) -> None:
        """Do nothing: both ways are closed at once, so Twisted never calls it."""

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Note that the peer is gone; what it sent before that is said all the same."""
        if self._last_answer:
            self._last_answer.stop()
        if self._intake:
            self._intake.stop()
            self._intake = None
        if self.session:
            lost = not (reason and reason.check(ConnectionDone))
            self._last_lines = LastLines(self.session, self.left, lost=lost)
            self._last_lines.begin()
        if self.session:
            self.receive(b"")

    def resumeProducing(self) -> None:
        """Go on with what waits, and then with what comes."""
        self.paused = False
        self.transport.resumeProducing()
        self.receive(b"")

    def dataReceived(self, data: bytes) -> None:
        """Take what came, and no more for now when it was too much."""
        self.receive(data)
        if self._intake:
            self._intake.take(len(data))

    def receive(self, data: bytes) -> None:
        """Split a text into lines, and pass them to the session while it takes them; b"" to go on with what waits."""
        if self.session is None:
            return
        if self.session.is_leaving:
            self._finish()
            return
        if self._is_splitting:
            self.splitter.add(data)
            return
        self._is_splitting = True
        try:
            if self._is_first and self._is_stranger(data):
                return
            self._split(data)
        finally:
            self._is_splitting = False
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

    def clearLineBuffer(self) -> bytes:
        """Take out everything that waits, and return it."""
        return self.splitter.take()

    def lineReceived(self, line: bytes) -> None:
        """Pass a line to the session."""
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
        if rest := self.clearLineBuffer():
            self.lineReceived(rest)

    def left(self) -> None:
        """Leave the gate, and let go of the session, which is over."""
        self.leave_gate()
        self.session = self._last_lines = None

    def _finish(self) -> None:
        if self._last_lines:
            self._last_lines.end()

    def abort(self) -> None:
        """Cut off a peer that breaks the rules."""
        if self.session:
            self.session.is_leaving = True
        self.transport.abortConnection()

    def _split(self, data: bytes) -> None:
        """Take lines for as long as the session wants more; what is left waits."""
        splitter = self.splitter
        if self.paused:
            splitter.add(data)
            return
        lines = splitter.lines(data)
        while lines:
            for place, line in enumerate(lines):
                if self.paused:
                    splitter.give_back(lines[place:])
                    return
                self.lineReceived(line)
            if self.paused or not splitter.waiting:
                return
            lines = splitter.lines()
        if line := splitter.take_too_long():
            self.lineLengthExceeded(line)

    def _is_stranger(self, data: bytes) -> bool:
        """Return whether the peer is a stranger by its first bytes; if so, it has been told."""
        first = self.splitter.waiting + data
        self._is_first = self.delimiter not in first
        sentence = recognised(first)
        if sentence is None or self.session is None:
            return False
        self.clearLineBuffer()
        self.session.dismiss(sentence)
        return True


class DoorFactory(Factory):
    """Builds a protocol for each connection through one door."""

    noisy = False

    def __init__(self, door: type[LineProtocol], context: Context) -> None:
        self._door = door
        self.name = door.name
        self.context = context

    def refusal(self, sentence: Sentence) -> bytes:
        """Return a sentence as a peer that may not come in reads it."""
        return LineVoice(self.context.language, self._door.screen.end).notice(sentence)

    # Twisted calls this

    def buildProtocol(self, addr: IAddress | None) -> LineProtocol:  # type: ignore[override]
        """Return a protocol for one connection."""
        protocol = self._door()
        protocol.factory = self
        return protocol
