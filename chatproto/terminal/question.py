"""The question before a long paste is sent: how it is asked, and what answers it.

Must not know screens.

Source: irssi's `paste_verify_line_count`; weechat's answer by one letter.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from chatproto.terminal.keys import Key, Pasted, Stroke, Typed
from chatproto.terminal.modes import REFUSED, Closed, Effect, Next, refused_unless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.terminal.modes import View
    from chatproto.terminal.pasting import Block
    from chatproto.terminal.phrases import Phrases


class Question:
    """A mode: nothing but an answer is taken, and what is pasted meanwhile is asked about too."""

    def __init__(self, block: Block, phrases: Phrases) -> None:
        self._block = block
        self._phrases = phrases

    @property
    def count(self) -> int:
        """Return how many lines are asked about."""
        return self._block.count

    def press(self, stroke: Stroke) -> Iterable[Effect]:
        """Take one key; return what follows."""
        match stroke:
            case Typed(text):
                return self._decide(text)
            case Pasted(text):
                return refused_unless(self._block.extend(text))
            case Key.INTERRUPT | Key.CANCEL | Key.END_OF_INPUT:
                return (Closed(),)
        return REFUSED

    def view(self) -> View:
        """Return the question, with the cursor after it."""
        return self._phrases.send_lines(self.count), (), 0, 0

    def _decide(self, text: str) -> Iterable[Effect]:
        """Yield what the answer brings; letters before it are refused, and what comes after it is typed as ever."""
        answers = self._phrases.yes + self._phrases.no
        at = next((at for at, letter in enumerate(text) if letter in answers), None)
        yield from refused_unless(at == 0)
        if at is None:
            return
        yield Closed()
        rest = [Typed(text[at + 1 :])] if text[at + 1 :] else []
        if text[at] in self._phrases.yes:
            yield Next(chain(self._block.strokes(asked=True), rest))
        elif rest:
            yield Next(rest)
