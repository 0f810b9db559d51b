"""Pages: a range of the log on its way to one reader.

It is read in pieces, and the next one is asked for when the reader's wire has taken the last: so a page costs one piece
of memory, however long it is and however slowly it is read.  Between two pieces the others have their turn.
Must not know commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, maybeDeferred

from chatproto.limits import CATCH_UP_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.python.failure import Failure

    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.events import Event
    from chatproto.core.queries import Piece, Scope, Span
    from chatproto.delivery.reader import Reader


class Page:
    """What is left of a range, for one reader, which must be held meanwhile."""

    def __init__(
        self,
        read: Callable[[Scope, int, int, int], Deferred[Piece]],
        clock: Clock,
        reader: Reader,
        span: Span,
        render: Callable[[Sequence[Event]], bytes],
    ) -> None:
        """`read` is given a scope, two numbers and how many lines, and reads on from the first; it may raise."""
        self._read = read
        self._clock = clock
        self._reader = reader
        self._span = span
        self._render = render
        self._at = span.after
        self._shown = 0
        self._asking = False
        self._turn: DelayedCall | None = None
        self._done: Deferred[int] = Deferred(lambda _done: self._let_go())

    def show(self) -> Deferred[int]:
        """Bring it to the reader; return how many lines it had, once all of it is out."""
        self._reader.page = self
        self.go_on()
        return self._done

    def go_on(self) -> None:
        """Ask for the next piece, if all that was sent is out."""
        if self._asking or not self._reader.wire.is_ready:
            return
        left = self._span.lines - self._shown
        if self._at >= self._span.upto or not left:
            self.end()
            return
        self._asking = True
        piece = maybeDeferred(
            self._read, self._span.scope, self._at, self._span.upto, min(left, CATCH_UP_LINES)
        )
        piece.addCallback(self._show).addErrback(self._fail)

    def _show(self, piece: Piece) -> None:
        if self._done.called:  # nothing waits for it any more
            return
        self._at = piece.upto
        self._shown += len(piece.events)
        self._reader.show(self._render(piece.events))
        self._turn = self._clock.callLater(0, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        self._asking = False
        self.go_on()

    def _fail(self, failure: Failure) -> None:
        self._let_go()
        if not self._done.called:
            self._done.errback(failure)

    def end(self) -> None:
        """Bring no more of it: all of it is out, or the connection is gone."""
        self._let_go()
        if not self._done.called:
            self._done.callback(self._shown)

    def _let_go(self) -> None:
        if self._reader.page is self:
            self._reader.page = None
        if self._turn:
            self._turn.cancel()
            self._turn = None
