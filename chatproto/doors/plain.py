r"""The plain door: for programs, and for the homework client of forty lines.

    <- Your name:␠               at once, without an end of line
    -> alice\n                    the first line is the name; or `alice: hi`, both name and message
    <- -- You are in #lobby ...
    -> hello\n                    said; a rest without an end counts as a line when 50 ms bring no more,
                                  after whole lines when 2 s do
    -> alice: hello\n             the same: one's own name is not said twice
    <- bob: hi\n                  lines end in LF, text is UTF-8

No telnet bytes, ever.  Must not know rooms, commands or telnet.
Sources: RFC 3629 (UTF-8), RFC 6298 (how soon TCP sends again what was lost).
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from chatproto.core import names
from chatproto.doors.lines import LineProtocol
from chatproto.errors import NotAllowed
from chatproto.sessions.greeting import Greeting
from chatproto.sessions.lines import LineSession

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from chatproto.clock import DelayedCall
    from chatproto.core.rooms import Member

QUIET_SECONDS: Final = 0.05
"""After so long without more, what came is a line.  One `send` arrives at once; a person types slower."""

STREAM_SECONDS: Final = 2.0
"""The same after whole lines: a program that ends its lines sends the end of this one too, when the network lets it.

A packet that was lost is sent again after a second at the latest (RFC 6298)."""

_LONGEST_CHARACTER: Final = 4  # bytes of UTF-8 (RFC 3629)


class PlainSession(LineSession):
    """The session of a program, which may put its own name before each line."""

    __slots__ = ()

    def hear(self, said: str) -> None:
        """Take what the member says, without its name before it."""
        before, text = _prefixed(said)
        if before and _is_called(self.member, before):
            said = text
        if said:
            self.take(said)


class PlainGreeting(Greeting):
    """Asks a person for a name whose program may say it before the first thing they say."""

    __slots__ = ()

    def take(self, line: str) -> None:
        """Take a name, or a name and the first thing said."""
        before, text = _prefixed(line)
        if before and _is_nick(before):
            self.introduce(before, text)
        else:
            self.introduce(line)


class PlainProtocol(LineProtocol):
    """One connection to a program."""

    name = "plain"
    session_class = PlainSession
    _says_rest = True
    _quiet: DelayedCall | None = None
    _is_stream = False

    def open(self) -> None:
        """Ask for the name, and nothing else: some clients print what they get, as it comes."""
        assert self.session
        self.session.ask(PlainGreeting(self.session))

    def lines_may_have_come(self) -> None:
        """Wait a moment for the end of what has none."""
        self._stop_waiting()
        rest = self.splitter.waiting
        if rest and not self.paused and self.session and not _is_cut(rest):
            wait = STREAM_SECONDS if self._is_stream else QUIET_SECONDS
            self._quiet = self.factory.context.clock.callLater(wait, self._end_line)

    def left(self) -> None:
        """Wait for the end of no line any more: the session is over."""
        self._stop_waiting()
        super().left()

    def _end_line(self) -> None:
        self._quiet = None
        self._is_first = False
        self.lineReceived(self.clearLineBuffer().rstrip(b"\r"))

    def _stop_waiting(self) -> None:
        if self._quiet:
            self._quiet.cancel()
            self._quiet = None

    # Twisted calls these

    def dataReceived(self, data: bytes) -> None:
        """Take note whether what has no end yet came after whole lines."""
        self._is_stream = b"\n" in data or (self._is_stream and bool(self.splitter.waiting))
        super().dataReceived(data)

    def readConnectionLost(self) -> None:
        """Note that the peer sends nothing more: nothing follows what has no end."""
        self._stop_waiting()
        super().readConnectionLost()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Note that the peer is gone: nothing follows what has no end."""
        self._stop_waiting()
        super().connectionLost(reason)

    def lineReceived(self, line: bytes) -> None:
        """Give the session a line, without the CR that some put before LF."""
        super().lineReceived(line.removesuffix(b"\r"))


def _prefixed(line: str) -> tuple[str, str]:
    """Return what stands before and after the first colon; nothing before it where there is none."""
    before, colon, text = line.partition(":")
    is_name = colon and before and not before[0].isspace()
    return (before.rstrip(), text.lstrip()) if is_name else ("", line)


def _is_called(member: Member, name: str) -> bool:
    try:
        return names.wanted(name) == member.key
    except NotAllowed:
        return False


def _is_nick(name: str) -> bool:
    try:
        names.nick(name)
    except NotAllowed:
        return False
    return True


def _is_cut(data: bytes) -> bool:
    """Return whether the data ends in the middle of a UTF-8 character, so that more must come."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    decoder.decode(data[-_LONGEST_CHARACTER:])
    return bool(decoder.getstate()[0])
