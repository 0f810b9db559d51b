"""Which terminals wrap their lines anew when they are resized, by the name they give.

Must not know screens, telnet or SSH.

Source: the terminals' manuals and changelogs; there is no sequence to ask with. See "Resizing" in
`screen` for what a wrong answer costs. Not here, because they cut: `xterm` (xterm itself, PuTTY),
`linux`, `screen` (GNU screen; tmux may use the name, too), `putty`, `st`, `vt...`.
"""

from __future__ import annotations

from typing import Final

REFLOWING: Final = (
    "xterm-256color",  # VTE, iTerm2, Terminal.app, Windows Terminal, Konsole: and xterm, which cuts
    "xterm-kitty",
    "xterm-ghostty",
    "alacritty",
    "contour",
    "foot",
    "gnome",
    "konsole",
    "rxvt-unicode",
    "tmux",
    "vte",
    "wezterm",
)


def reflows(terminal: str) -> bool:
    """Return whether a terminal of this name reflows, as a guess: in any case, with any variant."""
    return terminal.lower().startswith(REFLOWING)
