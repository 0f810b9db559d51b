"""Answers: what a member asked for, takes a while, and is on its way.

Must not know commands or the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.errors import ChatError, NotRead
from chatproto.language import _
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from chatproto.delivery.delivery import Delivery
    from chatproto.delivery.reader import Reader

_log = Logger(namespace="chatproto.sessions")


def nothing() -> None:
    """Do nothing: no door waits for it."""


class Answers:
    """What is on its way to one reader.

    on_answered   called when all of it has been shown
    """

    __slots__ = ("_delivery", "_reader", "_tasks", "on_answered")

    def __init__(self, delivery: Delivery, reader: Reader) -> None:
        self._delivery = delivery
        self._reader = reader
        self._tasks: tuple[Deferred[None], ...] = ()
        self.on_answered: Callable[[], None] = nothing

    @property
    def is_asking(self) -> bool:
        """Return whether anything is on its way."""
        return bool(self._tasks or self._reader.held)

    def wait_for(self, task: Coroutine[Any, Any, None]) -> None:
        """Do something that shows the past; until it is done the member is shown nothing else, and not read from.

        Whatever goes wrong is told, as with `do_aside`.
        """
        self._reader.valve.shut(PauseReason.PAST)
        self.hold()
        self.do_aside(task).addCallback(self._go_on)

    def _go_on(self, _done: None) -> None:
        self.release()
        self._reader.valve.open(PauseReason.PAST)

    def do_aside(self, task: Coroutine[Any, Any, None]) -> Deferred[None]:
        """Do something that takes a while, unless the member leaves before."""
        running = ensureDeferred(task)
        self._tasks += (running,)

        def end(result: object) -> None:
            self._tasks = tuple(task for task in self._tasks if task is not running)
            if isinstance(result, Failure):
                self.fail(result)
            self._note_answer()

        return running.addBoth(end)

    def hold(self) -> None:
        """Show nothing that happens until `release`: something older comes first."""
        self._delivery.hold(self._reader)

    def release(self) -> None:
        """Show what has happened meanwhile, and what happens."""
        self._delivery.release(self._reader)
        self._note_answer()

    def _note_answer(self) -> None:
        if not self.is_asking:
            self.on_answered()

    def drop(self) -> None:
        """Bring none of it: the member has left."""
        for task in self._tasks:
            task.cancel()

    def fail(self, failure: Failure) -> None:
        """Say that the log did not answer, and keep the reason for the operator."""
        if failure.check(CancelledError):
            return
        sentence = _("The log could not be read just now.")
        if failure.check(NotRead):
            _log.warn("{error}", error=failure.value)
        elif isinstance(failure.value, ChatError):
            sentence = failure.value.sentence
        else:
            _log.failure("A fault while the log was read", failure)
        if self._reader.source:  # the member is in
            self._reader.tell(sentence)
