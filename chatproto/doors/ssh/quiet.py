"""A logger for conch's parts: what they find worth telling is a peer's business, and none of the log's.

conch tells at `info` of each channel, each close and each request it does not know, and at `error` of each peer that
hangs up; and it makes a new logger each time.  What goes wrong in our own parts they log themselves.
Must not know what is told.
"""

from __future__ import annotations

from typing import Any, Final

from twisted.logger import Logger

_log = Logger(namespace="chatproto.ssh")


class Quiet:
    """Takes what a twisted.logger.Logger takes, and keeps it to itself."""

    def debug(self, *_told: object, **_values: object) -> None:
        """Tell nobody."""

    info = warn = error = critical = debug

    def failure(self, told: str, failure: object = None, **_values: object) -> None:
        """Tell whoever looks for it: what a peer sends makes conch fail in many ways."""
        _log.debug("{told}: {failure}", told=told, failure=failure)


QUIET: Final[Any] = Quiet()
