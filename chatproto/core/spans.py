"""A time span, as a person says it.

Must not know the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.language import _n

if TYPE_CHECKING:
    from chatproto.language import Sentence


def span(seconds: float) -> Sentence:
    """Return a time span in its largest whole unit."""
    minutes = max(0, int(seconds)) // 60
    if minutes >= 2 * 24 * 60:
        return _n("{count} day", "{count} days", minutes // (24 * 60))
    if minutes >= 2 * 60:
        return _n("{count} hour", "{count} hours", minutes // 60)
    if minutes:
        return _n("{count} minute", "{count} minutes", minutes)
    return _n("{count} second", "{count} seconds", max(0, int(seconds)))
