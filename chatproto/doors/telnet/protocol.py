"""The telnet door: a LineReceiver behind the parser.

On accept it sends `IAC DO TTYPE`, which shows on no screen, and the greeting; it never waits for an answer.  A peer
that turns out to be a terminal has its line wiped before something is shown, so that what is being typed is not torn.
Must not know rooms or commands.
Sources: RFC 854, 855, 1091, 1143.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chatproto.core.limits import NEGOTIATION_BURST, NEGOTIATION_PER_SECOND
from chatproto.core.pace import Bucket, Rate
from chatproto.doors.lines import LineDoor
from chatproto.doors.telnet import parser as telnet
from chatproto.doors.telnet.options import TTYPE, Options
from chatproto.doors.telnet.parser import IAC, SB, SE, Parser
from chatproto.doors.telnet.terminals import is_terminal

_IS, _SEND = 0, 1  # RFC 1091
_ASK_TYPE: Final = bytes((IAC, SB, TTYPE, _SEND, IAC, SE))
_OVERWRITE: Final = b"\r\0"  # the greeting covers what a terminal behind nc may show of the probe
_END_OF_TRANSMISSION: Final = b"\x04"
_NEGOTIATIONS: Final = Rate(NEGOTIATION_BURST, NEGOTIATION_PER_SECOND)


class TelnetDoor(LineDoor):
    """One telnet connection."""

    ends = b"\r\n"
    _negotiated: Bucket | None = None
    _type: str | None = None
    _interrupted = False

    def __init__(self) -> None:
        self._parser = Parser()
        self._options = Options()

    def open(self) -> None:
        """Probe once, and greet."""
        assert self.session
        self.session.reader.send(self._options.ask(TTYPE) + _OVERWRITE)
        self.session.greet()

    def lines_may_have_come(self) -> None:
        """Leave on ^D: inetutils telnet sends the byte itself, at once, when the line is empty."""
        if self._buffer == _END_OF_TRANSMISSION:
            self.clearLineBuffer()
            self._end_of_file()

    # Twisted calls these

    def dataReceived(self, data: bytes) -> None:
        """Take what came: text goes on to be split, everything else is answered here."""
        if not data:  # LineReceiver goes on with what it has
            super().dataReceived(data)
            return
        try:
            tokens = self._parser.receive(data)
        except telnet.TooLong:
            self.abort()
            return
        for token in tokens:
            if isinstance(token, bytes):
                super().dataReceived(token)
            else:
                self._obey(token)
        if self._interrupted:
            self._answer_interrupt()

    # -- commands and options -------------------------------------------------------------------

    def _obey(self, token: telnet.Command | telnet.Negotiation | telnet.Subnegotiation) -> None:
        if self.session is None or self.session.is_leaving:
            return
        if isinstance(token, telnet.Command) and token.code not in _REACTIONS:
            return
        if self._is_too_busy():
            self.abort()
        elif isinstance(token, telnet.Command):
            _REACTIONS[token.code](self)
        elif isinstance(token, telnet.Negotiation):
            self._negotiate(token)
        elif token.option == TTYPE and token.data[:1] == bytes((_IS,)):
            self._learn_type(token.data[1:].decode("ascii", "replace"))

    def _is_too_busy(self) -> bool:
        """Tell whether the peer negotiates, or commands, as no telnet does: it would go on for ever."""
        now = self.factory.server.clock.seconds()
        if self._negotiated is None:
            self._negotiated = Bucket(_NEGOTIATIONS, now)
        return self._negotiated.take(now) > 1 / NEGOTIATION_PER_SECOND

    def _negotiate(self, token: telnet.Negotiation) -> None:
        assert self.session
        knew = self._options.they(TTYPE)
        self.session.reader.send(self._options.receive(token.verb, token.option))
        if self._options.they(TTYPE) and not knew:
            self.session.reader.send(_ASK_TYPE)

    def _learn_type(self, name: str) -> None:
        """Learn what the peer is.  The first name counts: a MUD client's second is like a terminal's."""
        assert self.session
        if self._type is None:
            self._type = name
            if is_terminal(name):
                self.session.speak(replace(self.session.voice, wipes=True))

    def _are_you_there(self) -> None:
        assert self.session
        self.session.reader.send(b"[Yes]\r\n")

    def _interrupt(self) -> None:
        """^C: what was being typed is dropped."""
        self.clearLineBuffer()
        self._interrupted = True

    def _answer_interrupt(self) -> None:
        """Answer ^C last: a DO TIMING-MARK comes with it, and until that is answered inetutils shows nothing."""
        self._interrupted = False
        if self.session:
            self.session.interrupt()

    def _erase_character(self) -> None:
        """Take back one character, which may be several bytes."""
        text = self._buffer.decode(errors="ignore")[:-1]
        if b"\n" not in self._buffer:
            self._buffer = text.encode()

    def _erase_line(self) -> None:
        if b"\n" not in self._buffer:
            self._buffer = b""

    def _end_of_file(self) -> None:
        """^D: on an empty line it leaves."""
        assert self.session
        if not self._buffer:
            self.session.receive(b"/quit")


_REACTIONS: Final = {
    telnet.AYT: TelnetDoor._are_you_there,  # noqa: SLF001
    telnet.IP: TelnetDoor._interrupt,  # noqa: SLF001
    telnet.BRK: TelnetDoor._interrupt,  # noqa: SLF001
    telnet.EC: TelnetDoor._erase_character,  # noqa: SLF001
    telnet.EL: TelnetDoor._erase_line,  # noqa: SLF001
    telnet.EOF: TelnetDoor._end_of_file,  # noqa: SLF001
}
"""What is done on a command; all others (NOP, GA, DM, AO, ABORT, SUSP, unknown ones) are ignored."""
