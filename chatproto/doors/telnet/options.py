"""Telnet options: what each side does, agreed by the Q method of RFC 1143.

Answers only changes, so two sides that both answer never answer without end; a wish that comes while an answer is
awaited is kept until it has come.  What is not in the tables is refused.
Must not know sockets or sessions.
Sources: RFC 1143 section 7 (Q method), RFC 860 (timing mark), and the RFC beside each option.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.doors.telnet.parser import DO, DONT, IAC, WILL, WONT

if TYPE_CHECKING:
    from collections.abc import Mapping

BINARY: Final = 0  # RFC 856
ECHO: Final = 1  # RFC 857
SGA: Final = 3  # RFC 858
TIMING_MARK: Final = 6  # RFC 860
TTYPE: Final = 24  # RFC 1091
NAWS: Final = 31  # RFC 1073

# What the other side may do when it offers or we ask: tell us what it is, and how large; send us all
# eight bits.
THEIRS: Final = frozenset({BINARY, TTYPE, NAWS})
# What we may do when it asks: nothing.  ECHO and SGA we offer, together and to terminals alone:
# WILL SGA without ECHO would break inetutils telnet.  BINARY we never do: inetutils telnet then sets
# its terminal so that the lines it echoes go down in stairs, and shows UTF-8 without it just as well.
OURS: Final = frozenset[int]()


class _Is(Enum):
    """The state of an option on one side."""

    NO = auto()
    YES = auto()
    WANT_YES = auto()  # asked for, not answered
    WANT_NO = auto()  # asked to stop, not answered


class _Verbs(NamedTuple):
    """What we say to agree to an option on one side, and to refuse it."""

    on: int
    off: int


_THEY: Final = _Verbs(DO, DONT)
_WE: Final = _Verbs(WILL, WONT)
_NONE: Final = frozenset[int]()  # one for all: an empty set takes 216 bytes
_NO_STATES: Final[Mapping[int, _Is]] = {}  # likewise


class _Side:
    """One side's options.  Only what was ever negotiated is kept: most negotiate nothing."""

    __slots__ = ("_allowed", "_opposite", "_states", "_verbs")

    def __init__(self, verbs: _Verbs, allowed: frozenset[int]) -> None:
        self._verbs = verbs
        self._allowed = allowed
        self._states = _NO_STATES
        self._opposite = _NONE  # wished for the other way while an answer is awaited

    def is_on(self, option: int) -> bool:
        return self._states.get(option) is _Is.YES

    def wish(self, option: int, *, on: bool) -> bytes:
        """Return what asks for an option, or for its end; empty when that is so, or under way."""
        state = self._states.get(option, _Is.NO)
        if state is (_Is.NO if on else _Is.YES):
            return self._ask(option, on=on)
        if state is (_Is.WANT_NO if on else _Is.WANT_YES):
            self._opposite |= {option}
        elif state in (_Is.WANT_NO, _Is.WANT_YES):
            self._opposite -= {option}
        return b""

    def answer(self, option: int, *, on: bool) -> bytes:
        """Take the other side's word; return what is to be said to it."""
        state = self._states.get(option, _Is.NO)
        if state in (_Is.WANT_YES, _Is.WANT_NO):
            return self._settle(option, on=on)
        if on is (state is _Is.YES):
            return b""
        if on and option not in self._allowed:
            return self._say(option, on=False)
        self._put(option, on=on)
        return self._say(option, on=on)

    def _settle(self, option: int, *, on: bool) -> bytes:
        """Take the answer to what we asked; return what asks for the opposite, if that is wished by now."""
        self._put(option, on=on)
        if option not in self._opposite:
            return b""
        self._opposite -= {option}
        return self.wish(option, on=not on)

    def _ask(self, option: int, *, on: bool) -> bytes:
        self._states = {**self._states, option: _Is.WANT_YES if on else _Is.WANT_NO}
        return self._say(option, on=on)

    def _put(self, option: int, *, on: bool) -> None:
        others = {one: state for one, state in self._states.items() if one != option}
        self._states = {**others, option: _Is.YES} if on else (others or _NO_STATES)

    def _say(self, option: int, *, on: bool) -> bytes:
        return bytes((IAC, self._verbs.on if on else self._verbs.off, option))


class Options:
    """What this connection has agreed on."""

    __slots__ = ("_ours", "_theirs")

    def __init__(self) -> None:
        self._theirs = _Side(_THEY, THEIRS)
        self._ours = _Side(_WE, OURS)

    def ask(self, option: int) -> bytes:
        """Return the bytes that ask the other side to do something; empty when that is under way."""
        return self._theirs.wish(option, on=True)

    def offer(self, *options: int) -> bytes:
        """Return the bytes that offer to do something."""
        return b"".join(self._ours.wish(option, on=True) for option in options)

    def withdraw(self, *options: int) -> bytes:
        """Return the bytes that end what we do."""
        return b"".join(self._ours.wish(option, on=False) for option in options)

    def receive(self, verb: int, option: int) -> bytes:
        """Take a negotiation; return the answer, empty when there is nothing to answer."""
        if verb == DO and option == TIMING_MARK:
            # Not an option but a question; inetutils telnet shows nothing more until it is answered.
            return bytes((IAC, WONT, TIMING_MARK))
        if verb in (WILL, WONT):
            return self._theirs.answer(option, on=verb == WILL)
        return self._ours.answer(option, on=verb == DO)

    def they(self, option: int) -> bool:
        """Return whether the other side does it."""
        return self._theirs.is_on(option)

    def we(self, *options: int) -> bool:
        """Return whether we do all of these."""
        return all(self._ours.is_on(option) for option in options)
