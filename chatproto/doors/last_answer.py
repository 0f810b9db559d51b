"""The last answer: what a peer asked for before it stopped sending, which is shown before the connection closes.

A peer may close its direction alone, as `nc -N` does, and read on: what it asked for may take a while, a search or a
page of history.  ANSWER_SECONDS bound that.
Must not know commands or members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.limits import ANSWER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import DelayedCall
    from chatproto.sessions.session import Session


class LastAnswer:
    """A session whose peer sends nothing more, and reads on.

    close   called when all has been shown that was asked for, or it takes too long
    """

    def __init__(self, session: Session, close: Callable[[], None]) -> None:
        self._session = session
        self._close = close
        self._bound: DelayedCall | None = None

    def wait(self) -> None:
        """Close as soon as all has been shown: at once, when nothing was asked for."""
        if not self._session.answers.is_asking:
            self._close()
            return
        self._session.answers.on_answered = self._end
        self._bound = self._session.context.clock.callLater(ANSWER_SECONDS, self._too_late)

    def stop(self) -> None:
        """Note that the connection is gone: nothing can be shown."""
        if self._bound:
            self._bound.cancel()
            self._bound = None

    def _end(self) -> None:
        self.stop()
        self._close()

    def _too_late(self) -> None:
        self._bound = None
        self._close()
