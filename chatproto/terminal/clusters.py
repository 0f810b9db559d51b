"""Text as a person counts it: grapheme clusters, and the columns each takes on a terminal.

Must not know keys or screens.

Source: UAX #29 (clusters; by wcwidth), UAX #11 (width; by wcwidth), UAX #15-D3 (stream-safe
text), The Unicode Standard 5.13 (an isolated mark is shown on a dotted circle).

Terminals do not agree on widths. A family of four, joined by ZWJ, takes 2 columns in kitty,
iTerm2 and Windows Terminal, and 8 in xterm and VTE; U+2764 U+FE0F takes 2 or 1. So a cluster
carries two numbers, the columns it is given (`width`) and the most it might take (`reach`), and
whether they are beyond dispute (`steady`). The screen gives it `reach` columns to unfold in and
then puts the cursor back where `width` says, so that a terminal of either opinion keeps step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple
from unicodedata import category

from wcwidth import iter_graphemes, wcswidth, wcwidth

LONGEST: Final = 31
"""Characters in a cluster: a base and 30 marks, as stream-safe text (UAX #15-D3) allows."""

WIDEST: Final = 16
"""Columns a cluster may reach: a family of four, each with a skin tone, where nothing joins."""

DOTTED_CIRCLE: Final = "\N{DOTTED CIRCLE}"
PICTOGRAPHS: Final = "\U0001f000"  # from here on: too young for many terminals to know the width
SELECTORS: Final = frozenset("\ufe0e\ufe0f")  # text or emoji: they change the width, or do not

# What UAX #29 calls Control can be neither seen nor edited, and may steer a terminal (C1, bidi).
UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Format characters (Cf) that take part in a cluster: the joiners (Persian, Indic, emoji), the
# tags that spell the flag of Scotland, and the Arabic and Syriac signs that stand before digits.
JOINING: Final = frozenset("\u200c\u200d\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | {
    chr(point) for tags in (range(0xE0020, 0xE0080), range(0x600, 0x606)) for point in tags
}


class Cell(NamedTuple):
    """How one cluster is shown: the text to write, and its columns."""

    shown: str
    width: int
    reach: int
    steady: bool


def printable(text: str) -> str:
    """Return a text without what cannot be shown; a tab becomes the four spaces it looks like."""
    if text.isprintable():
        return text
    return "".join(filter(_shows, text.replace("\t", "    ")))


def _shows(character: str) -> bool:
    return category(character) not in UNPRINTABLE or character in JOINING


def segmented(text: str) -> list[str]:
    """Return the clusters of a text; what one too long or too wide to be honest has left stands alone."""
    if text.isascii():
        return list(text)
    clusters: list[str] = []
    for cluster in iter_graphemes(text):
        if _is_honest(cluster):
            clusters.append(cluster)
        else:
            # From the left, so that it comes to the same if the text was typed letter by letter.
            lengths = range(LONGEST, 0, -1)
            most = next(length for length in lengths if _is_honest(cluster[:length]))
            clusters += [cluster[:most], *segmented(cluster[most:])]
    return clusters


def _is_honest(cluster: str) -> bool:
    return len(cluster) == 1 or (len(cluster) <= LONGEST and measured(cluster).reach <= WIDEST)


@lru_cache(maxsize=1024)  # as wcwidth's own; a cluster is at most 31 characters long
def measured(cluster: str) -> Cell:
    """Return how one cluster is shown; one without a width of its own stands on a dotted circle."""
    width = wcswidth(cluster)
    if width < 1:
        return Cell(DOTTED_CIRCLE + cluster, 1, 1 + len(cluster), steady=False)
    reach = max(width, sum(_widest(character) for character in cluster))
    steady = cluster < PICTOGRAPHS and all(map(_is_plain_mark, cluster[1:]))
    return Cell(cluster, width, reach, steady)


def _widest(character: str) -> int:
    """Return the columns where nothing is joined; a spacing mark (Mc) has one, except in new tables."""
    return max(wcwidth(character), int(category(character) == "Mc"))


def _is_plain_mark(character: str) -> bool:
    return category(character) in {"Mn", "Me"} and character not in SELECTORS
