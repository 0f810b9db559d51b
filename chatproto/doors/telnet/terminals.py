"""Which peers are terminals: what TTYPE may say, and what follows for the reader.

Must not know sockets.  Sources: RFC 1091 (TTYPE), the terminfo names of the terminals in use.
"""

from __future__ import annotations

from typing import Final

# The first letters of the terminal types (folded) that obey CR and `ESC [ K`.
_TERMINALS: Final = (
    "alacritty", "ansi", "cygwin", "eterm", "foot", "gnome", "iterm", "kitty", "konsole", "linux",
    "mlterm", "nsterm", "putty", "rxvt", "screen", "st-", "terminator", "tmux", "vt1", "vt2", "vt3",
    "vt4", "vte", "wezterm", "xterm",
)  # fmt: skip


def is_terminal(name: str) -> bool:
    """Tell whether a peer of that type wipes its line when it is told to."""
    return name.casefold().startswith(_TERMINALS)
