"""The last lines: what a peer sent before it was gone, which is said all the same.

A peer may write and close, as `printf ... > /dev/tcp/...` does, or break off after a pasted page: what has arrived by
then waits in the door, and goes on at the member's pace.  Until it is said the member stays; LAST_LINES_SECONDS bound
that.  What would have closed the connection meanwhile ends it at once.
Must not know commands or members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.limits import LAST_LINES_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.clock import DelayedCall
    from chatproto.sessions.session import Session


class LastLines:
    """A session whose peer is gone.

    lost   the connection broke, rather than being closed by the peer
    left   called when it is over
    """

    def __init__(self, session: Session, left: Callable[[], None], *, lost: bool) -> None:
        self._session = session
        self._left = left
        self._lost = lost
        clock = session.context.clock
        self._bound: DelayedCall | None = clock.callLater(LAST_LINES_SECONDS, self._leave)

    def begin(self) -> None:
        """Go on without the peer; the door knows of this by now, since it may be called back at once."""
        self._session.lose_peer(self.end)
        if self._session.is_leaving:  # a member who was sent home says nothing more
            self.end()

    def end(self) -> None:
        """Let the member leave: nothing is left to be said."""
        if self._bound:
            self._bound.cancel()
            self._leave()

    def _leave(self) -> None:
        self._bound = None
        self._session.gone(lost=self._lost)
        self._left()
