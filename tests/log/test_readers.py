"""The threads that read: their answers come a few in each turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from chatproto.limits import ANSWERS_PER_TURN
from chatproto.log.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Callable


class Turns:
    """A reactor whose turns are done one by one."""

    def __init__(self) -> None:
        self._later: list[Callable[[], object]] = []

    def callLater(self, delay: float, call: Callable[..., object], /, *args: object) -> None:
        self._later.append(lambda: call(*args))

    def callFromThread(self, call: Callable[..., object], /, *args: object) -> None:
        self.callLater(0, call, *args)

    def turn(self) -> None:
        later, self._later = self._later, []
        for call in later:
            call()


def test_many_answers_at_once_leave_the_others_their_turn() -> None:
    turns = Turns()
    readers = Readers(turns, "readers", 1)
    given: list[int] = []
    for number in range(3 * ANSWERS_PER_TURN):
        answer: Deferred[int] = Deferred()
        answer.addCallback(given.append)
        turns.callFromThread(readers._take, answer, number)
    counts = []
    while len(given) < 3 * ANSWERS_PER_TURN:
        before = len(given)
        turns.turn()
        counts.append(len(given) - before)
    assert max(counts) == ANSWERS_PER_TURN
    assert given == list(range(3 * ANSWERS_PER_TURN))
    turns.callFromThread(readers._take, Deferred().addCallback(given.append), 99)
    turns.turn()
    assert given[-1] == 99  # which alone waits for no other
