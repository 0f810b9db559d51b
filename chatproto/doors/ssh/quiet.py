"""A logger for conch's parts: what they find worth telling is a peer's business, and none of the log's.

conch tells at `info` of each channel, each close and each request it does not know, and at `error` of each peer that
hangs up; and it makes a new logger each time.  A scanner would write the log full.  What goes wrong in our own parts
they log themselves.
Must not know what is told.
"""

from __future__ import annotations

from typing import Any, Final


class Quiet:
    """Takes what a twisted.logger.Logger takes, and keeps it to itself."""

    def debug(self, *_told: object, **_values: object) -> None:
        """Tell nobody."""

    info = warn = error = critical = failure = debug


QUIET: Final[Any] = Quiet()
