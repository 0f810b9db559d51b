"""^R: looking for a line that was sent, letter by letter.

Must not know screens or bytes.

Source: the readline manual, 8.2.5 ("Searching for Commands in the History"). Against readline,
upper and lower case are the same: they are the first thing to be forgotten of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.terminal.clusters import printable, segmented
from chatproto.terminal.keys import Key, Stroke, Typed
from chatproto.terminal.modes import NOTHING, REFUSED, Closed, Effect, refused_unless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.terminal.history import History
    from chatproto.terminal.line import Line
    from chatproto.terminal.modes import View
    from chatproto.terminal.phrases import Phrases

QUERY_LIMIT: Final = 64
"""Characters of a query: more than it takes to tell a hundred lines apart."""

QUERY_SHOWN: Final = 20
"""Of them the prompt shows the last: with the words around them it fits in 80 columns twice."""


class Search:
    """A mode: a query that grows letter by letter, and the newest line sent that holds it.

    `line` is the one being composed, which the line found replaces if it is accepted.
    """

    def __init__(self, history: History, line: Line, phrases: Phrases) -> None:
        self._history = history
        self._line = line
        self._original = line.text
        self._phrases = phrases
        self.query = ""
        self.failed = False
        self._at: int | None = None

    @property
    def match(self) -> str:
        """Return the line found, or what was being typed before the search."""
        return self._original if self._at is None else self._history[self._at]

    @property
    def cursor(self) -> int:
        """Return where in the match the query stands, in clusters."""
        start = self.match.casefold().find(self.query.casefold()) if self.query else 0
        return len(segmented(self.match[: max(start, 0)]))

    @property
    def label(self) -> str:
        """Return what stands in the prompt's place."""
        label = self._phrases.not_found if self.failed else self._phrases.search
        return label.format(query=self.query[-QUERY_SHOWN:])

    def view(self) -> View:
        """Return the query and the match, with the cursor where the query stands in it."""
        return self.label, segmented(self.match), self.cursor, 0

    def press(self, stroke: Stroke) -> Iterable[Effect]:
        """Take one key; return what follows.

        One that does nothing here accepts the match, and is then pressed there.
        """
        effects = NOTHING
        match stroke:
            case Typed(text):
                for character in printable(text):
                    self.extend(character)
            case Key.BACKSPACE:
                self.shorten()
            case Key.SEARCH:
                self.older()
            case Key.SEARCH_NEWER:
                self.newer()
            case Key.INTERRUPT | Key.CANCEL:
                effects = (Closed(),)
            case Key.NONSENSE:
                effects = REFUSED
            case _:
                self._line.become(self.match)
                self._line.cursor = self.cursor
                effects = (Closed(unknown=stroke),)
        return (*effects, *refused_unless(not self.failed))

    def extend(self, character: str) -> None:
        """Add to the query, and stay on this match if it still is one."""
        if len(self.query) == QUERY_LIMIT:
            return
        self.query += character
        self._look(len(self._history) - 1 if self._at is None else self._at, -1)

    def shorten(self) -> None:
        """Take the last letter back, and look from the newest again."""
        self.query = self.query[:-1]
        self._look(len(self._history) - 1, -1)

    def older(self) -> None:
        """Look for another match, further back."""
        self._look((len(self._history) if self._at is None else self._at) - 1, -1)

    def newer(self) -> None:
        """Look for another match, nearer to now."""
        self._look(len(self._history) if self._at is None else self._at + 1, 1)

    def _look(self, at: int, step: int) -> None:
        if not self.query:
            self._at, self.failed = None, False
            return
        found = self._history.found(self.query, at, step)
        self.failed = found is None
        if found is not None:
            self._at = found
