"""The telnet parser, sans I/O: bytes in; text, commands and negotiations out.

Any split of the same bytes gives the same text and the same tokens in the same order; text between two tokens may come
in several pieces.  Ends of line come out as LF: CR LF, CR NUL, LF, and a lone CR at once: the person typing waits.
A command or option that is not known is a token like any other: nothing here fails but what is too long.
Must not know sockets or telnet options.
Sources: RFC 854 (commands, NVT), RFC 855 (subnegotiation).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from chatproto.limits import SUBNEGOTIATION_BYTES

IAC: Final = 0xFF
DONT, DO, WONT, WILL, SB = 0xFE, 0xFD, 0xFC, 0xFB, 0xFA
GA, EL, EC, AYT, AO, IP, BRK, DM, NOP, SE = (
    0xF9,
    0xF8,
    0xF7,
    0xF6,
    0xF5,
    0xF4,
    0xF3,
    0xF2,
    0xF1,
    0xF0,
)
EOR, ABORT, SUSP, EOF = 0xEF, 0xEE, 0xED, 0xEC

_ENDS: Final = re.compile(rb"\r[\n\0]?")


class Command(NamedTuple):
    """IAC and one byte more."""

    code: int


class Negotiation(NamedTuple):
    """IAC WILL, WONT, DO or DONT, and an option."""

    verb: int
    option: int


class Subnegotiation(NamedTuple):
    """IAC SB option ... IAC SE, with doubled IACs undoubled."""

    option: int
    data: bytes


Token: TypeAlias = "bytes | Command | Negotiation | Subnegotiation"  # noqa: S105 - not that kind


class TooLong(Exception):
    """A subnegotiation without end: no telnet client does that."""


class _In(Enum):
    """Where the parser is."""

    TEXT = auto()
    IAC = auto()  # after IAC
    VERB = auto()  # after IAC WILL and the like
    SB = auto()  # in a subnegotiation
    SB_IAC = auto()  # after IAC in a subnegotiation


class Parser:
    """Reads one connection."""

    __slots__ = ("_after_cr", "_place", "_sub", "_verb")

    def __init__(self) -> None:
        self._place = _In.TEXT
        self._verb = 0
        self._sub = bytearray()
        self._after_cr = False

    def receive(self, data: bytes) -> list[Token]:
        """Take what came; return the tokens that are whole.

        Raise TooLong for a subnegotiation over SUBNEGOTIATION_BYTES, escapes counted.
        """
        if self._place is _In.TEXT and IAC not in data:  # nearly always
            return [text] if (text := self._text(data)) else []
        tokens: list[Token] = []
        at = 0
        while at < len(
            data
        ):  # by place: cutting off what is done would copy the rest for each token
            at = _STEPS[self._place](self, data, at, tokens)
        return tokens

    def _text(self, data: bytes) -> bytes:
        """Return the text with every end of line as LF."""
        if self._after_cr and data:
            self._after_cr = False
            if data[0] in b"\n\0":
                data = data[1:]
        if b"\r" not in data:
            return data
        self._after_cr = data.endswith(b"\r")
        return _ENDS.sub(b"\n", data)

    # Each step takes what stands at a place, and returns the place after it.

    def _in_text(self, data: bytes, at: int, tokens: list[Token]) -> int:
        end = self._upto_iac(data, at, _In.IAC)
        if text := self._text(data[at:end]):
            tokens.append(text)
        return end + 1

    def _after_iac(self, data: bytes, at: int, tokens: list[Token]) -> int:
        code = data[at]
        self._place = _In.TEXT
        if code == IAC:  # a doubled IAC is the byte itself; no UTF-8 has it
            self._after_cr = False
            tokens.append(b"\xff")
        elif code in (WILL, WONT, DO, DONT):
            self._verb, self._place = code, _In.VERB
        elif code == SB:
            self._sub.clear()
            self._place = _In.SB
        else:
            tokens.append(Command(code))
        return at + 1

    def _after_verb(self, data: bytes, at: int, tokens: list[Token]) -> int:
        tokens.append(Negotiation(self._verb, data[at]))
        self._place = _In.TEXT
        return at + 1

    def _in_sub(self, data: bytes, at: int, tokens: list[Token]) -> int:
        end = self._upto_iac(data, at, _In.SB_IAC)
        self._add(data[at:end])
        return end + 1

    def _after_iac_in_sub(self, data: bytes, at: int, tokens: list[Token]) -> int:
        code = data[at]
        if code == IAC:
            self._add(b"\xff")
            self._place = _In.SB
        elif code == SE:
            if self._sub:
                tokens.append(Subnegotiation(self._sub[0], bytes(self._sub[1:])))
            self._place = _In.TEXT
        else:  # a command cannot stand here: the subnegotiation was never ended
            self._place = _In.IAC
            return at
        return at + 1

    def _upto_iac(self, data: bytes, at: int, place: _In) -> int:
        """Return where the next IAC stands, after which the parser is in that place; or the end."""
        end = data.find(IAC, at)
        if end < 0:
            return len(data)
        self._place = place
        return end

    def _add(self, body: bytes) -> None:
        self._sub += body
        if len(self._sub) > SUBNEGOTIATION_BYTES:
            seen = len(self._sub)
            raise TooLong(f"a subnegotiation of {seen} bytes; the most is {SUBNEGOTIATION_BYTES}")


_STEPS: Final = {
    _In.TEXT: Parser._in_text,  # noqa: SLF001
    _In.IAC: Parser._after_iac,  # noqa: SLF001
    _In.VERB: Parser._after_verb,  # noqa: SLF001
    _In.SB: Parser._in_sub,  # noqa: SLF001
    _In.SB_IAC: Parser._after_iac_in_sub,  # noqa: SLF001
}
