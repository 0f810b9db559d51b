"""What keys do to the line alone; the other keys are in `composing`.

Must not know screens, history or bytes.

Source: the readline manual, 8.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.terminal.keys import Key
from chatproto.terminal.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable

EDITS: Final[dict[Key, Callable[[Line], None]]] = {
    Key.LEFT: Line.left,
    Key.RIGHT: Line.right,
    Key.HOME: Line.home,
    Key.END: Line.end,
    Key.WORD_LEFT: Line.word_left,
    Key.WORD_RIGHT: Line.word_right,
    Key.BACKSPACE: Line.backspace,
    Key.DELETE: Line.delete,
    Key.TRANSPOSE: Line.transpose,
}

# Kills in a row are one kill, so every other key has to end it.
KILLS: Final[dict[Key, Callable[[Line], None]]] = {
    Key.KILL_TO_START: Line.kill_to_start,
    Key.KILL_TO_END: Line.kill_to_end,
    Key.KILL_BIG_WORD: Line.kill_big_word,
    Key.KILL_WORD: Line.kill_word,
    Key.KILL_NEXT_WORD: Line.kill_next_word,
}

# Which way round the candidates.
TABS: Final = {Key.TAB: 1, Key.BACK_TAB: -1}

# What shows or asks what was typed, and so is shut while a password is.
OPEN_ONLY: Final = frozenset({Key.UP, Key.DOWN, Key.SEARCH, *TABS})
