"""conch's parts without their log: what they report concerns a peer, and not the operator.

conch logs at `info` each channel, each close and each request it does not know, and at `error` each peer that hangs up;
and it makes a new logger each time.  A scanner would fill the log.  Our own parts log their own
faults.
Must not know anything else of ours.
"""

from __future__ import annotations

from typing import Any, Final


class _Nowhere:
    """Takes what a twisted.logger.Logger takes, and keeps none of it."""

    def debug(self, *_reported: object, **_values: object) -> None:
        """Log nothing."""

    info = warn = error = critical = failure = debug


_NOWHERE: Final[Any] = _Nowhere()


class Quiet:
    """A part of conch's that logs nothing."""

    _log = _NOWHERE
