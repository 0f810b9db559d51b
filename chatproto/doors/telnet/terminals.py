"""Which peers are terminals: what TTYPE may say, and what follows for the reader.

Must not know sockets.  Sources: RFC 1091 (TTYPE), MTTS, the terminfo names of the terminals in use.
"""

from __future__ import annotations

from typing import Final

# The first letters of the terminal types (folded) that obey CR and `ESC [ K`.
_TERMINALS: Final = (
    "alacritty", "ansi", "cygwin", "eterm", "foot", "gnome", "iterm", "kitty", "konsole", "linux",
    "mlterm", "nsterm", "putty", "rxvt", "screen", "st-", "terminator", "tmux", "vt1", "vt2", "vt3",
    "vt4", "vte", "wezterm", "xterm",
)  # fmt: skip


MOST_NAMES: Final = 4
"""Names that a client may go through: its own, its terminal's, MTTS; then it repeats itself."""

_READER: Final = 64  # of MTTS: the person listens to a screen reader
_COLOURLESS: Final = frozenset({"vt100", "vt102", "vt220", "xterm-mono"})


def is_terminal(name: str) -> bool:
    """Return whether a peer of that type wipes its line when it is told to."""
    return name.casefold().startswith(_TERMINALS)


class Peer:
    """What a peer says it is, a name at a time, until it has nothing new to say.

    A MUD client's first name is its own; the second is like a terminal's, and the third a number
    of what it can do (MTTS).
    """

    __slots__ = ("_names", "is_known")

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self.is_known = False

    def learn(self, name: str) -> None:
        """Take the next name."""
        self.is_known = name in self._names or len(self._names) == MOST_NAMES - 1
        if name not in self._names:
            self._names = (*self._names, name)

    @property
    def is_terminal(self) -> bool:
        """Return whether it moves its cursor as it is told, and may be told to."""
        return bool(self._names) and is_terminal(self._names[0]) and not self._abilities & _READER

    @property
    def terminal(self) -> str:
        """Return the terminal's name, as its first word is; "" for what is none."""
        return self._names[0] if self.is_terminal else ""

    @property
    def shows_colour(self) -> bool:
        """Return whether it shows colours, and the person reading wants them."""
        is_plain = bool(self._names) and self._names[0].casefold() in _COLOURLESS
        return not is_plain and not self._abilities & _READER

    @property
    def _abilities(self) -> int:
        for name in self._names:
            word, _space, number = name.partition(" ")
            if word == "MTTS" and number.isascii() and number.isdigit():
                return int(number[:9])
        return 0
