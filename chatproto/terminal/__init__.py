"""A line editor for terminals in character mode, shared by telnet and SSH.

Bytes and a size in; bytes, lines and what the person did out.
Must not know sockets, the reactor, the clock, rooms or members.

`editor` is what doors use, with `reflow` to guess from a terminal's name how it resizes, and
`pasting` to recognise a paste that the terminal does not mark. The way of a key:

    bytes ─▶ keys ─▶ waiting ─▶ editor ─▶ a mode: composing, search or question
                                  └─────▶ screen ─▶ bytes

`modes` says what a mode is. Under them: `bindings` (keys to edits), `line` (text and cursor),
`history`, `completion`, `clusters` (what one key press moves over, and how wide it is).
"""

from chatproto.terminal.completion import Completer, Words
from chatproto.terminal.editor import Editor
from chatproto.terminal.events import Cleared, Event, Left, Output, Submitted
from chatproto.terminal.keys import PASTE_LIMIT
from chatproto.terminal.pasting import cut_off, is_text, marked, seems_pasted
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.reflow import reflows
from chatproto.terminal.screen import above

__all__ = [
    "PASTE_LIMIT",
    "Cleared",
    "Completer",
    "Editor",
    "Event",
    "Left",
    "Output",
    "Phrases",
    "Submitted",
    "Words",
    "above",
    "cut_off",
    "is_text",
    "marked",
    "reflows",
    "seems_pasted",
]
