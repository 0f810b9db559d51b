"""The telnet door: a LineReceiver behind the parser, or a line editor for a terminal that agrees to it.

On accept it sends `IAC DO TTYPE`, which shows on no screen, and the greeting; it never waits for an answer.  What a
peer says it is decides how it is served:

    a terminal             character mode: we echo (ECHO, SGA) and edit the line, so that nothing tears it
    ... that refuses that  line mode; its line is wiped before something is shown
    a MUD client, nc, or   line mode, and plain lines
    a peer that is silent

`/set input` overrides that.  A peer that negotiates at all is asked for BINARY, in either mode: inetutils telnet takes
the first byte of Н, and the last of ”, for its escape character (it looks at seven bits) until it has agreed to eight.

Must not know rooms or commands.
Sources: RFC 854, 855, 856 (BINARY), 857, 858, 1073 (NAWS), 1091 (TTYPE), 1143; MTTS, the standard by which MUD clients
tell what they can do.
"""

from __future__ import annotations

import struct
from typing import Final

from chatproto.core.pace import Bucket, Rate
from chatproto.doors.lines import LineProtocol
from chatproto.doors.telnet import parser as telnet
from chatproto.doors.telnet.options import BINARY, ECHO, NAWS, SGA, TTYPE, Options
from chatproto.doors.telnet.parser import IAC, SB, SE, Parser
from chatproto.doors.telnet.terminals import Peer
from chatproto.limits import NEGOTIATION_BURST, NEGOTIATION_PER_SECOND
from chatproto.sessions.greeting import Greeting
from chatproto.sessions.prompt import Prompt
from chatproto.voices.screen import Screen, clamped

_IS, _SEND = 0, 1  # RFC 1091
_ASK_TYPE: Final = bytes((IAC, SB, TTYPE, _SEND, IAC, SE))
_SIZE: Final = struct.Struct("!HH")  # RFC 1073: columns, rows
_OVERWRITE: Final = b"\r\0"  # the greeting covers what a terminal behind nc may show of the probe
_FRESH_ROW: Final = b"\r\x1b[K"
_END_OF_TRANSMISSION: Final = b"\x04"
_NEGOTIATIONS: Final = Rate(NEGOTIATION_BURST, NEGOTIATION_PER_SECOND)


class TelnetProtocol(LineProtocol):
    """One telnet connection."""

    name = "telnet"
    screen = Screen(b"\r\n")
    _negotiated: Bucket | None = None
    _negotiates = False
    _interrupted = False
    _prompt: Prompt | None = None
    _size = (80, 24)

    def __init__(self) -> None:
        super().__init__()
        self._parser = Parser()
        self._options = Options()
        self._peer = Peer()

    def open(self) -> None:
        """Probe once, and greet."""
        assert self.session
        self.session.display.on_preferences = self._serve
        self.session.reader.send(self._options.ask(TTYPE) + _OVERWRITE)
        Greeting(self.session).greet()

    def lines_may_have_come(self) -> None:
        """Leave on ^D: inetutils telnet sends the byte itself, at once, when the line is empty."""
        if self.splitter.waiting == _END_OF_TRANSMISSION:
            self.clearLineBuffer()
            self._end_of_file()

    def left(self) -> None:
        """Let go of the prompt: the session is over."""
        if self._prompt:
            self._prompt.forget()
            self._prompt = None
        super().left()

    # -- text -----------------------------------------------------------------------------------

    def drop_lines(self) -> int:
        """Drop the lines, or the keys, that were not looked at yet; return how many lines they were."""
        return self._prompt.drop_lines() if self._prompt else super().drop_lines()

    def receive(self, data: bytes) -> None:
        """Take text: keys for the editor, or what is to be split into lines."""
        if self._prompt is None:
            super().receive(data)
        else:
            self._prompt.receive(_keys(data))
            if self._last_lines and self._prompt.has_finished():
                self._last_lines.end()  # what stands after the prompt was not sent

    # -- how a peer is served -------------------------------------------------------------------

    def _serve(self) -> None:
        """Ask for the mode that suits the peer and that the member wishes for."""
        assert self.session
        if self._wants_editor():
            self.session.reader.send(self._options.offer(ECHO, SGA) + self._options.ask(NAWS))
        else:
            self.session.reader.send(self._options.withdraw(ECHO, SGA))
        self._settle()

    def _wants_editor(self) -> bool:
        assert self.session
        wish = self.session.display.preferences.input
        return wish == "char" or (wish == "auto" and self._peer.is_terminal)

    def _settle(self) -> None:
        """Begin or end editing, when what was asked for has been agreed to."""
        assert self.session
        edits = self._options.we(ECHO, SGA) and self._wants_editor()
        if edits is (self._prompt is None):
            (self._begin if edits else self._end)()
        elif not edits:
            self._look()

    def _look(self) -> None:
        """Tell the session what the member reads on."""
        assert self.session
        columns, rows = self._size
        peer = self._peer
        self.session.display.look_on(
            Screen(
                self.screen.end, columns, peer.is_terminal, self._prompt is not None, peer.shows_colour,
                rows if peer.is_terminal else 0,
            )
        )  # fmt: skip

    def _begin(self) -> None:
        assert self.session
        self.session.reader.send(_FRESH_ROW)
        self._prompt = Prompt(self.session, *self._size, self._peer.terminal)
        self._look()
        self._prompt.start()
        if lines := self.clearLineBuffer():
            self._prompt.type(_keys(lines))

    def _end(self) -> None:
        assert self._prompt
        prompt, self._prompt = self._prompt, None
        self.splitter.add(prompt.stop().replace(b"\r", b"\n"))
        self._look()

    def _resize(self, data: bytes) -> None:
        assert self.session
        if len(data) != _SIZE.size:
            return
        self._size = clamped(*_SIZE.unpack(data))
        if self._prompt:
            self._look()
            self._prompt.resize(*self._size)

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
        elif token.option == NAWS and self._options.they(NAWS):
            self._resize(token.data)
        elif token.option == TTYPE and token.data[:1] == bytes((_IS,)):
            self._learn_type(token.data[1:].decode("ascii", "replace"))

    def _is_too_busy(self) -> bool:
        """Return whether the peer sends more negotiations or commands than any telnet: it might go on for ever."""
        now = self.factory.context.clock.seconds()
        if self._negotiated is None:
            self._negotiated = Bucket(_NEGOTIATIONS, now)
        return self._negotiated.take(now) > 1 / NEGOTIATION_PER_SECOND

    def _negotiate(self, token: telnet.Negotiation) -> None:
        assert self.session
        knew = self._options.they(TTYPE)
        answer = self._options.receive(token.verb, token.option)
        if not self._negotiates:
            self._negotiates = True  # asked once: a peer that refuses would be asked for ever
            answer += self._options.ask(BINARY)
        if self._options.they(TTYPE) and not knew:
            answer += _ASK_TYPE
        self.session.reader.send(answer)
        self._settle()

    def _learn_type(self, name: str) -> None:
        """Take the next name of the peer's terminal; ask for more until it repeats itself."""
        assert self.session
        if self._peer.is_known:
            return
        self._peer.learn(name)
        if self._peer.is_known:
            self._serve()
        else:
            self.session.reader.send(_ASK_TYPE)
            self._settle()

    def _are_you_there(self) -> None:
        assert self.session
        self.session.reader.send(b"[Yes]\r\n")

    def _interrupt(self) -> None:
        """Drop what was being typed: ^C."""
        if self._prompt:
            self.receive(b"\x03")
            return
        self.splitter.retype(b"")
        self._interrupted = True

    def _answer_interrupt(self) -> None:
        """Answer ^C last: a DO TIMING-MARK comes with it, and inetutils shows nothing until that is answered."""
        self._interrupted = False
        if self.session:
            self.session.interrupt()

    def _erase_character(self) -> None:
        """Take back one character, which may be several bytes."""
        if self._prompt:
            self.receive(b"\x7f")
        else:
            typed = self.splitter.unended.decode(errors="ignore")
            self.splitter.retype(typed[:-1].encode())

    def _erase_line(self) -> None:
        if self._prompt:
            self.receive(b"\x15")
        else:
            self.splitter.retype(b"")

    def _end_of_file(self) -> None:
        """Leave on ^D on an empty line, after the lines that wait."""
        assert self.session
        if self._prompt:
            self.receive(_END_OF_TRANSMISSION)
        elif not self.splitter.waiting:
            self.session.receive(b"/quit")
        elif not self.splitter.unended:
            self.splitter.add(_END_OF_TRANSMISSION)

    # Twisted calls this

    def dataReceived(self, data: bytes) -> None:
        """Take what came: text goes on to be split, everything else is answered here."""
        try:
            tokens = self._parser.receive(data)
        except telnet.TooLong:
            self.abort()
            return
        for token in tokens:
            if isinstance(token, bytes):
                self.receive(token)
            else:
                self._obey(token)
        if self._interrupted:
            self._answer_interrupt()
        if self._intake:
            self._intake.take(len(data))


def _keys(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r")  # the Enter key's byte again


_REACTIONS: Final = {
    telnet.AYT: TelnetProtocol._are_you_there,  # noqa: SLF001
    telnet.IP: TelnetProtocol._interrupt,  # noqa: SLF001
    telnet.BRK: TelnetProtocol._interrupt,  # noqa: SLF001
    telnet.EC: TelnetProtocol._erase_character,  # noqa: SLF001
    telnet.EL: TelnetProtocol._erase_line,  # noqa: SLF001
    telnet.EOF: TelnetProtocol._end_of_file,  # noqa: SLF001
}
"""What is done on a command; all others (NOP, GA, DM, AO, ABORT, SUSP, unknown ones) are ignored."""
