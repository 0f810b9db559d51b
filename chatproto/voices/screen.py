"""What a member reads on, and the voice that suits the screen and its reader.

Must not know sockets, readers or members.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chatproto.limits import COLUMNS_LEAST, COLUMNS_MOST, ROWS_LEAST, ROWS_MOST
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice

if TYPE_CHECKING:
    from chatproto.core.preferences import Preferences
    from chatproto.voices.voice import Voice


@dataclass(frozen=True, slots=True)
class Screen:
    """What a door knows of a screen.

    end       the end of a line
    wipes     it wipes the line being typed when told to (line mode on a terminal)
    edits     we edit the line: it obeys cursor movements
    colour    it shows colours, and its reader wants them
    rows      0 where no screen is known, as with programs
    """

    end: bytes = b"\n"
    columns: int = 80
    wipes: bool = False
    edits: bool = False
    colour: bool = True
    rows: int = 0


def clamped(columns: int, rows: int) -> tuple[int, int]:
    """Return the nearest size that a screen can have."""
    return (
        max(COLUMNS_LEAST, min(columns or 80, COLUMNS_MOST)),
        max(ROWS_LEAST, min(rows or 24, ROWS_MOST)),
    )


@lru_cache(maxsize=1024)  # so that readers alike share one, which is also found faster
def voice(preferences: Preferences, screen: Screen) -> Voice:
    """Return the voice for a screen, by its reader's preferences."""
    if not screen.edits:
        return LineVoice(
            preferences.language, screen.end, screen.wipes, preferences.time, preferences.zone
        )
    theme = preferences.theme
    if theme == "auto":
        theme = "dark" if screen.colour else "none"
    return TerminalVoice(
        preferences.language, screen.columns, theme=theme, time=preferences.time, zone=preferences.zone,
        bell=preferences.bell,
    )  # fmt: skip
