"""What comes out of the editor: bytes for the terminal, and what the person did.

In the manner of h11: bytes in, events out. Must not know sockets or commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes for the terminal: to be written before anything else is asked of the editor."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Submitted:
    """Enter: the line as it was typed (no control characters), already gone from the screen."""

    text: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """^L emptied the screen: the session may show the last lines again, with `above`."""


@dataclass(frozen=True, slots=True)
class Left:
    """^D on an empty line: the person wants to leave."""


Event: TypeAlias = Output | Submitted | Cleared | Left
