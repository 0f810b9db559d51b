"""^R: looking for a line that was sent, letter by letter.

Must not know: keys, screens.

Source: the readline manual, 8.2.5 ("Searching for Commands in the History"). Against readline,
upper and lower case are the same: nobody remembers how they wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.terminal.clusters import segmented

if TYPE_CHECKING:
    from chatproto.terminal.history import History
    from chatproto.terminal.phrases import Phrases

QUERY_LIMIT: Final = 64
"""Characters of a query: more than it takes to tell a hundred lines apart."""

QUERY_SHOWN: Final = 20
"""Of them the prompt shows the last: with the words around them it fits in 80 columns twice."""


class Search:
    """A query that grows letter by letter, and the newest line that has it."""

    def __init__(self, history: History, text: str) -> None:
        self._history = history
        self.original = text
        self.query = ""
        self.failed = False
        self._at: int | None = None

    @property
    def match(self) -> str:
        """The line found, or what was being typed before the search."""
        return self.original if self._at is None else self._history[self._at]

    @property
    def cursor(self) -> int:
        """Where in the match the query stands, in clusters."""
        start = self.match.casefold().find(self.query.casefold()) if self.query else 0
        return len(segmented(self.match[: max(start, 0)]))

    def label(self, phrases: Phrases) -> str:
        """Say what stands in the prompt's place."""
        label = phrases.not_found if self.failed else phrases.search
        return label.format(query=self.query[-QUERY_SHOWN:])

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
