"""Composing a line: what each key does while neither a search nor a question is open.

Must not know bytes, screens or commands.

Source: the readline manual, 8.4, for what each key does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chatproto.limits import LINE_BYTES
from chatproto.terminal.bindings import EDITS, KILLS, OPEN_ONLY, TABS
from chatproto.terminal.completion import Cycle
from chatproto.terminal.events import Cleared, Left, Submitted
from chatproto.terminal.history import History
from chatproto.terminal.keys import PASTE_LIMIT, Key, Pasted, Stroke, Typed
from chatproto.terminal.line import Line
from chatproto.terminal.modes import (
    NOTHING,
    REFUSED,
    Effect,
    Next,
    Noticed,
    Opened,
    refused_unless,
)
from chatproto.terminal.pasting import Block
from chatproto.terminal.question import Question
from chatproto.terminal.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatproto.terminal.completion import Completer
    from chatproto.terminal.modes import View
    from chatproto.terminal.phrases import Phrases


class Composing:
    """A mode: a prompt, the line after it, and the lines sent before."""

    def __init__(self, prompt: str, completer: Completer, phrases: Phrases) -> None:
        self.prompt = prompt
        self.masked = False
        self._completer = completer
        self._phrases = phrases
        self.line = Line()
        self._history = History()
        self._cycle: Cycle | None = None  # Tab was pressed, and nothing since

    def mask(self, *, masked: bool) -> None:
        """Begin or end a password: what was typed before is part of it, and all of it goes."""
        self.line = Line(self.line.text if masked else "")
        self.masked = masked

    def view(self) -> View:
        """Return the prompt and the line; of a password, the prompt alone."""
        if self.masked:
            return self.prompt, (), 0, 0
        line, changed = self.line, self.line.changed
        line.changed = None
        return self.prompt, line.clusters, line.cursor, changed

    def press(self, stroke: Stroke) -> Iterable[Effect]:
        """Take one key; return what follows."""
        if stroke not in KILLS:
            self.line.end_kill()
        if stroke not in TABS:
            self._cycle = None
        match stroke:
            case Typed(text):
                return refused_unless(self.line.insert(text))
            case Pasted():
                return self._paste(stroke)
            case Key():
                return self._do(stroke)

    def _do(self, key: Key) -> Iterable[Effect]:
        if self.masked and key in OPEN_ONLY:
            return REFUSED
        if edit := EDITS.get(key) or KILLS.get(key):
            edit(self.line)
        elif command := self._commands.get(key):
            return command(self)
        elif key in TABS:
            return self._complete(TABS[key])
        return NOTHING

    def _enter(self) -> Iterable[Effect]:
        text = self.line.text
        if not self.masked:
            self._history.remember(text)
        self.line.become("")
        return (Submitted(text),)

    def _interrupt(self) -> Iterable[Effect]:
        self._history.forget_place()
        if not self.line.clusters:
            return (Noticed(self._phrases.leave),)
        self.line.become("")
        return NOTHING

    def _end_of_input(self) -> Iterable[Effect]:
        if not self.line.clusters:
            return (Left(),)
        self.line.delete()
        return NOTHING

    def _yank(self) -> Iterable[Effect]:
        return refused_unless(self.line.yank())

    def _older(self) -> Iterable[Effect]:
        return self._recall(self._history.older(self.line.text))

    def _newer(self) -> Iterable[Effect]:
        return self._recall(self._history.newer())

    def _recall(self, text: str | None) -> Iterable[Effect]:
        if text is None:
            return REFUSED
        self.line.become(text)
        return NOTHING

    def _search(self) -> Iterable[Effect]:
        return (Opened(Search(self._history, self.line, self._phrases)),)

    def _complete(self, step: int) -> Iterable[Effect]:
        if self._cycle is None:
            candidates = self._completer.complete(self.line.before)
            if not candidates:
                return REFUSED
            self._cycle = Cycle(*self.line.last_word(), candidates)
        word = self._cycle.turn(step)
        return refused_unless(self.line.replace(self._cycle.start, self.line.cursor, word))

    def _paste(self, pasted: Pasted) -> Iterable[Effect]:
        block = Block(pasted.text)
        if pasted.cut:
            yield Noticed(self._phrases.paste_cut.format(limit=PASTE_LIMIT))
        elif block.overflows:
            yield Noticed(self._phrases.line_cut.format(limit=LINE_BYTES))
        if block.needs_asking:
            yield Opened(Question(block, self._phrases))
        else:
            yield Next(block.strokes(asked=False))

    _commands: ClassVar[dict[Key, Callable[[Composing], Iterable[Effect]]]] = {
        Key.ENTER: _enter,
        Key.INTERRUPT: _interrupt,
        Key.END_OF_INPUT: _end_of_input,
        Key.YANK: _yank,
        Key.REDRAW: lambda _self: (Cleared(),),
        Key.UP: _older,
        Key.DOWN: _newer,
        Key.SEARCH: _search,
        Key.CANCEL: lambda _self: REFUSED,
        Key.NONSENSE: lambda _self: REFUSED,
    }
