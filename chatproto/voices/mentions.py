"""Mentions: one's own name in what others say, found and marked.

It is marked in the rows of a line, after it was wrapped: a colour takes no room, and a line is wrapped once for all.
Must not know readers or members.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from chatproto.core.mentions import pattern
from chatproto.limits import MENTIONS_MARKED
from chatproto.voices.themes import painted

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


def mentions(text: str, nick: str) -> bool:
    """Return whether a text has this nick in it, as a word of its own, in any case."""
    return bool(nick) and _naming(nick).search(text) is not None


def marked(rows: Sequence[str], head: int, nick: str, colour: str) -> list[str]:
    """Return the rows of a line with a nick in that colour; the first `head` characters are not the text."""
    found = []
    for row in rows:
        skipped, head = row[:head], max(0, head - len(row))
        text = _naming(nick).sub(
            lambda name: painted(name[0], colour), row[len(skipped) :], count=MENTIONS_MARKED
        )
        found.append(skipped + text)
    return found


@lru_cache(maxsize=1024)
def _naming(nick: str) -> re.Pattern[str]:
    return pattern(nick)
