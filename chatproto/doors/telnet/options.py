"""Telnet options: who may do what, agreed by the Q method of RFC 1143.

Answers only changes, so two sides that both answer can never go round in circles.  What is not in the table is refused.
Must not know sockets, or what follows from an option.
Sources: RFC 1143 (Q method), RFC 860 (timing mark), and the RFC beside each option.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from chatproto.doors.telnet.parser import DO, DONT, IAC, WILL, WONT

ECHO, SGA, TIMING_MARK, TTYPE, NAWS = 1, 3, 6, 24, 31

# What the other side may do when it offers or we ask: TTYPE tells us what it is (RFC 1091).
THEIRS: Final = frozenset({TTYPE})
# What we may do when it asks: nothing, in line mode.  WILL SGA alone would break inetutils telnet.
OURS: Final = frozenset[int]()


class _Is(Enum):
    """The state of an option on one side (RFC 1143, section 7)."""

    NO = auto()
    YES = auto()
    WANT_YES = auto()  # asked for, not answered
    WANT_NO = auto()  # asked to stop, not answered


class Options:
    """What this connection has agreed on.

    Only what was ever negotiated is kept: most connections negotiate nothing.
    """

    __slots__ = ("_ours", "_theirs")

    def __init__(self) -> None:
        self._theirs: dict[int, _Is] = {}
        self._ours: dict[int, _Is] = {}

    def ask(self, option: int) -> bytes:
        """Give the bytes that ask the other side to do something; empty when that is under way."""
        if self._theirs.get(option, _Is.NO) is not _Is.NO:
            return b""
        self._theirs[option] = _Is.WANT_YES
        return bytes((IAC, DO, option))

    def receive(self, verb: int, option: int) -> bytes:
        """Take a negotiation; give the answer, empty when there is nothing to answer."""
        if verb == DO and option == TIMING_MARK:
            # Not an option but a question; inetutils telnet shows nothing more until it is answered.
            return bytes((IAC, WONT, TIMING_MARK))
        if verb in (WILL, WONT):
            return _answer(
                self._theirs, option, (DO, DONT), wanted=option in THEIRS, on=verb == WILL
            )
        return _answer(self._ours, option, (WILL, WONT), wanted=option in OURS, on=verb == DO)

    def they(self, option: int) -> bool:
        """Tell whether the other side does it."""
        return self._theirs.get(option) is _Is.YES


def _answer(
    states: dict[int, _Is], option: int, verbs: tuple[int, int], *, wanted: bool, on: bool
) -> bytes:
    """Take one side's wish to switch an option on or off; give the answer."""
    state = states.get(option, _Is.NO)
    agree, refuse = verbs
    if on and state is _Is.NO:
        if not wanted:
            return bytes((IAC, refuse, option))
        states[option] = _Is.YES
        return bytes((IAC, agree, option))
    if on and state is _Is.WANT_YES:  # the answer to our question
        states[option] = _Is.YES
    elif not on:
        states.pop(option, None)
        if state is _Is.YES:
            return bytes((IAC, refuse, option))
    return b""
