"""What a client tells of the terminal it runs in: its name and size, and a few variables.

The client may send anything: sizes are clamped, variables counted, names cut.
Must not know channels or sessions.  Sources: RFC 4254 sections 6.2, 6.4, 6.7; no-color.org.
"""

from __future__ import annotations

import re
import struct
from typing import Final, NamedTuple

from twisted.conch.ssh.common import getNS

from chatproto.language import from_environment
from chatproto.limits import (
    COLUMNS_LEAST,
    COLUMNS_MOST,
    ROWS_LEAST,
    ROWS_MOST,
    SSH_VARIABLE_BYTES,
    SSH_VARIABLES_MOST,
)

_ACCEPTED: Final = re.compile(r"NO_COLOR|LANG|LANGUAGE|LC_[A-Z]+")
_UNKNOWN: Final = 80, 24  # what a size of zero stands for
_LANGUAGE: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_NO_LANGUAGE: Final = re.compile(r"(?:C|POSIX)(?:\..*)?")


class Size(NamedTuple):
    """A terminal's size."""

    columns: int
    rows: int


class Terminal(NamedTuple):
    """A terminal: what TERM calls it, and its size."""

    name: str
    size: Size


def terminal(request: bytes) -> Terminal:
    """Return the terminal of a `pty-req`, without its terminal modes: the client's own terminal needs none of ours."""
    name, rest = getNS(request)
    return Terminal(name[:SSH_VARIABLE_BYTES].decode("ascii", "replace"), size(rest))


def size(request: bytes) -> Size:
    """Return the size in a `window-change`."""
    columns, rows = struct.unpack(">2L", request[:8])
    return Size(
        min(max(columns or _UNKNOWN[0], COLUMNS_LEAST), COLUMNS_MOST),
        min(max(rows or _UNKNOWN[1], ROWS_LEAST), ROWS_MOST),
    )


def is_dumb(terminal: Terminal) -> bool:
    """Return whether the terminal knows no escape sequence, so that an editor could draw nothing on it."""
    return terminal.name in ("dumb", "")


class Environment:
    """The variables that a client sent."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}

    def accept(self, request: bytes) -> bool:
        """Read an `env`.  Return whether the variable is one that we use."""
        name, value, _rest = getNS(request, 2)
        known = name[:SSH_VARIABLE_BYTES].decode("ascii", "replace")
        is_wanted = (
            _ACCEPTED.fullmatch(known) is not None
            and len(value) <= SSH_VARIABLE_BYTES
            and len(self.variables) < SSH_VARIABLES_MOST
        )
        if is_wanted:
            self.variables[known] = value.decode("utf-8", "replace")
        return is_wanted

    @property
    def has_colour(self) -> bool:
        """Return whether colours are welcome."""
        return not self.variables.get("NO_COLOR")

    def language(self, otherwise: str) -> str:
        """Return the code of the language asked for; `otherwise` when none is, or only `C`."""
        told = {
            name: wish
            for name in _LANGUAGE
            if (wish := self.variables.get(name)) and not _NO_LANGUAGE.fullmatch(wish)
        }
        return from_environment(told) if told else otherwise
