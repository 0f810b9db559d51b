"""Themes: which colour says what.  A table; a colour is a string of SGR parameters.

Must not know events.
Sources: ECMA-48 8.3.117 (SGR), ISO 8613-6 (256 colours), and for `clear` the palette of Okabe and Ito, whose colours
people with any kind of colour blindness can tell apart.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

RESET: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour of each thing; an empty one leaves it as the terminal draws.

    nicks     what nicks are drawn in, each in one of them
    room      the name of a room that is not the current one
    notice    what the server says
    private   the head of a private line
    time      the time before a line
    mention   one's own name in what others say
    typed     a command, as it was typed
    """

    nicks: tuple[str, ...] = ()
    room: str = ""
    notice: str = ""
    private: str = ""
    time: str = ""
    mention: str = ""
    typed: str = ""

    def nick(self, key: str) -> str:
        """Return a nick's colour: always the same for the same name."""
        return self.nicks[zlib.crc32(key.encode()) % len(self.nicks)] if self.nicks else ""


THEMES: Final = {
    "none": Theme(),
    "dark": Theme(
        nicks=tuple(f"38;5;{n}" for n in (75, 80, 84, 114, 141, 147, 176, 180, 209, 212, 215, 221)),
        room="38;5;109", notice="38;5;246", private="38;5;213", time="38;5;242",
        mention="1;38;5;16;48;5;221", typed="38;5;246",
    ),
    "light": Theme(
        nicks=tuple(f"38;5;{n}" for n in (19, 22, 24, 26, 54, 58, 88, 90, 94, 125, 130, 161)),
        room="38;5;24", notice="38;5;242", private="38;5;90", time="38;5;245",
        mention="1;38;5;231;48;5;26", typed="38;5;242",
    ),
    "clear": Theme(  # orange, sky blue, green, yellow, blue, vermilion, purple
        nicks=tuple(f"38;5;{n}" for n in (214, 117, 36, 227, 32, 166, 175)),
        room="38;5;117", notice="38;5;248", private="1;38;5;175", time="38;5;248",
        mention="1;7", typed="38;5;248",
    ),
}  # fmt: skip


def painted(text: str, colour: str) -> str:
    """Return the text in a colour."""
    return f"\x1b[{colour}m{text}{RESET}" if colour else text
