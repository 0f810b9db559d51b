"""The two protocols that a session's channel speaks: lines from a pipe, or keys from a terminal.

    Piped   `ssh -T host < file`, and terminals that draw nothing: every line is said, then goodbye
    Typed   keys, which go to the prompt

The member's name is the SSH user's; when it cannot be used, the session asks for another.
Must not know packets, rooms or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol

from chatproto.core import text
from chatproto.core.preferences import with_preference
from chatproto.doors.last_lines import LastLines
from chatproto.doors.lines import LineProtocol
from chatproto.doors.opening import open_session
from chatproto.errors import ChatError
from chatproto.language import _
from chatproto.limits import ANSWER_SECONDS, LAST_ANSWER_SECONDS
from chatproto.sessions.prompt import Prompt
from chatproto.voices.screen import Screen

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from chatproto.clock import DelayedCall
    from chatproto.doors.gate import Ticket
    from chatproto.doors.ssh.environment import Environment, Terminal
    from chatproto.doors.ssh.portal import Guest
    from chatproto.sessions.lines import LineSession

_KILL_LINE_AND_LEAVE = b"\x15\x04"  # ^U, ^D: what was typed and not sent is not said
_PIPE = Screen(columns=80, colour=False, edits=False)


class Piped(LineProtocol):
    """Lines, as they come out of a pipe."""

    _is_first = False  # a client that logged in by SSH did not come by mistake
    _has_ended = False
    _last_wait: DelayedCall | None = None

    def __init__(self, guest: Guest, environment: Environment, ticket: Ticket | None) -> None:
        super().__init__()
        self._guest = guest
        self.ticket = ticket
        self._environment = environment

    def open(self) -> None:
        """Greet the member."""
        assert self.session
        self.session.takes_up = False  # what a member missed is not for a script
        introduce(self.session, self._guest, self._environment, _PIPE)

    def leave_gate(self) -> None:
        """Do nothing: the ticket leaves with the connection."""

    def input_ended(self) -> None:
        """Say what has come, at its pace, and leave: nothing more will come."""
        self._has_ended = self._says_rest = True
        self.lines_may_have_come()

    def lines_may_have_come(self) -> None:
        """Leave when nothing is left to be said."""
        if self.session is None or not self._has_ended or self.paused or self._last_wait:
            return
        if rest := self.clearLineBuffer():
            self.lineReceived(rest)  # the last may have had no end
        if not self.paused:
            clock = self.factory.context.clock
            self._last_wait = clock.callLater(LAST_ANSWER_SECONDS, self._leave)

    def _leave(self) -> None:
        self._last_wait = None
        if (
            self.session is None or self.paused
        ):  # have they not read it all?  Then wait until they have
            return
        if self.session.answers.is_asking:
            self.session.answers.on_answered = self._leave_soon
            self._last_wait = self.factory.context.clock.callLater(ANSWER_SECONDS, self._leave_now)
        else:
            self._leave_now()

    def _leave_soon(self) -> None:
        if self._last_wait:
            self._last_wait.cancel()
            self._last_wait = None
        self.lines_may_have_come()

    def _leave_now(self) -> None:
        self._last_wait = None
        if self.session and not self.session.is_leaving:
            self.session.quit("")

    # Twisted calls these

    def lineReceived(self, line: bytes) -> None:
        """Pass a line to the session, without the CR that some clients send before LF."""
        super().lineReceived(line.removesuffix(b"\r"))

    def connectionLost(self, reason: Failure | None = None) -> None:
        """End the session; what came before is said all the same."""
        if self._last_wait:
            self._last_wait.cancel()
            self._last_wait = None
        super().connectionLost(reason)


class Typed(Protocol):
    """Keys, as they come from a terminal."""

    transport: Any
    _session: LineSession | None = None
    _last_lines: LastLines | None = None
    _prompt: Any = None

    def __init__(
        self,
        context: Any,
        ticket: Ticket | None,
        guest: Guest,
        environment: Environment,
        terminal: Terminal,
    ) -> None:
        self._context = context
        self._ticket = ticket
        self._guest = guest
        self._environment = environment
        self._terminal = terminal

    def resize(self, columns: int, rows: int) -> None:
        """Draw for another size of the terminal."""
        if self._session and not self._session.is_leaving:
            self._session.look_on(self._screen(columns, rows))
            self._prompt.resize(columns, rows)

    def input_ended(self) -> None:
        """Leave as ^D does: nothing more will be typed."""
        self.dataReceived(_KILL_LINE_AND_LEAVE)

    def note_heard(self) -> None:
        """Take note of a sign of life from the client."""
        if self._session:
            self._session.note_heard()

    def _say_the_last(self) -> None:
        """Leave once the client is gone and everything it sent is said."""
        if self._last_lines and self._prompt.has_finished():
            self._last_lines.end()

    def _left(self) -> None:
        self._prompt.forget()
        self._session = self._prompt = self._last_lines = None

    def _screen(self, columns: int, rows: int) -> Screen:
        colour = self._environment.has_colour
        return Screen(columns=columns, rows=rows, colour=colour, edits=True, end=b"\r\n")

    # Twisted calls these

    def connectionMade(self) -> None:
        """Open the session, and draw the prompt."""
        screen = self._screen(*self._terminal.size)
        self._session = session = open_session(
            self._context, self.transport, self._ticket, screen, producer=self
        )
        self._prompt = Prompt(session, *self._terminal.size, self._terminal.name)
        session.waiting = self._prompt
        self._prompt.start()
        introduce(session, self._guest, self._environment, screen)

    def pauseProducing(self) -> None:
        """Read nothing more."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read on, or say the last once the client is gone."""
        self.transport.resumeProducing()
        self._say_the_last()

    def dataReceived(self, data: bytes) -> None:
        """Pass what was typed to the prompt."""
        if self._session and not self._session.is_leaving:
            self._prompt.receive(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """End the session; what was typed before is said all the same."""
        if self._session:
            lost = not (reason and reason.check(ConnectionDone))
            self._last_lines = LastLines(self._session, self._left, lost=lost)
            self._last_lines.begin()
            self._say_the_last()


SessionProtocol: TypeAlias = Piped | Typed


def session_protocol(
    connection: Any, environment: Environment, terminal: Terminal | None
) -> SessionProtocol:
    """Return the protocol for a client with that terminal, or without one."""
    factory, guest, ticket = connection.factory, connection.avatar, connection.ticket
    if terminal:
        typed = Typed(factory.context, ticket, guest, environment, terminal)
        connection.transport.on_heard = typed.note_heard
        return typed
    piped = Piped(guest, environment, ticket)
    piped.factory = factory.inside
    return piped


def introduce(session: LineSession, guest: Guest, environment: Environment, screen: Screen) -> None:
    """Tell the session the member's key, screen, language and name."""
    context = session.context
    session.identity = session.identity._replace(key=guest.key)
    session.look_on(screen)
    code = environment.language(context.language)
    if code != context.language:
        session.set_preferences(with_preference(session.preferences, "language", code))
    session.tell(_("Welcome to {title}.", title=context.title))
    try:
        name = text.decode(guest.name)
    except ChatError as error:
        session.tell(error.sentence)
        session.ask_name()
    else:
        session.introduce(name)
