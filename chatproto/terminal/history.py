"""The lines a person has sent, to be recalled.

Must not know keys, screens or the log (this is what was typed here, not what was said).

Source: the readline manual, 8.4.2 (history commands).
"""

from __future__ import annotations

from collections import deque
from typing import Final

HISTORY_LIMIT: Final = 100
"""Lines: with 2,048 bytes each 400 KiB at worst. Go's x/term, under ssh-chat, keeps 100 too."""


class History:
    """Lines from old to new, and which of them is on the screen (none: the draft is)."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=HISTORY_LIMIT)
        self._folded: deque[str] = deque(maxlen=HISTORY_LIMIT)  # the same, ready to be searched
        self._at: int | None = None
        self._draft = ""

    def remember(self, text: str) -> None:
        """Add a line that was sent, unless it is blank or the same again."""
        self._at = None
        if text.strip() and (not self._lines or self._lines[-1] != text):
            self._lines.append(text)
            self._folded.append(text.casefold())

    def forget_place(self) -> None:
        """Start from the newest again."""
        self._at = None

    def older(self, current: str) -> str | None:
        """Return the line before the one shown, or None; what was being typed is kept as the draft."""
        at = len(self._lines) if self._at is None else self._at
        if at == 0:
            return None
        if self._at is None:
            self._draft = current
        self._at = at - 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """Return the line after the one shown, then the draft, then None."""
        if self._at is None:
            return None
        self._at += 1
        if self._at < len(self._lines):
            return self._lines[self._at]
        self._at = None
        return self._draft

    def found(self, query: str, at: int, step: int) -> int | None:
        """Return where the nearest line with these words, in any case, is from `at` on in one direction."""
        end = len(self._lines) if step > 0 else -1
        wanted = query.casefold()
        places = range(at, end, step)
        return next((n for n in places if wanted in self._folded[n]), None)

    def __getitem__(self, at: int) -> str:
        """Return one line."""
        return self._lines[at]

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)
