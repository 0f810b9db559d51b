"""The order of a server that stands alone: numbers of our own, given where the archive is written.

Everything asked for in one turn of the reactor is handed over as one list, and all lists that wait become one
transaction (group commit): under load a batch is large, alone a line waits for no other.  The number of what was
refused is given to the next.  What is durable comes back in the order in which it was asked for.
Must not know the archive or readers.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from twisted.internet.defer import succeed
from twisted.logger import Logger

from chatproto.core.events import Event
from chatproto.limits import UNWRITTEN_EVENTS
from chatproto.log.numbering import number
from chatproto.log.outcome import Outcome, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Asked, Draft, Happened
    from chatproto.core.ports import Archive, Follower, Store
    from chatproto.errors import NotSaid
    from chatproto.log.turns import Later

REPLAYED_AT_ONCE: Final = 1_000

_log = Logger(namespace="chatproto.log")


class Newcomer(NamedTuple):
    """A follower that has yet to be handed what it missed."""

    after: int
    follower: Follower


# What the archive's thread is handed, and what is left to be done in the reactor's.
_Job: TypeAlias = "list[Asked] | Newcomer"
_Rest: TypeAlias = "list[Callable[[], None]]"


class EmbeddedOrder:
    """An order that counts on from the end of an archive."""

    def __init__(self, archive: Archive, reactor: Later) -> None:
        self._archive = archive
        self._reactor = reactor
        archive.when_lost(self._lose)
        self._followers: list[Follower] = []
        self._asked: list[Asked] = []
        self._unwritten = 0
        self._waiting: list[Callable[[], None]] = []
        self._failing = False
        self._lost: NotSaid | None = None
        self._on_lost: list[Callable[[NotSaid], None]] = []
        self._jobs: deque[_Job] = deque()
        # Touched where the archive is written, and elsewhere only before and after.
        self._last = 0
        self._in_hand: list[Asked] = []

    def open(self, head: int) -> None:
        """Count on from `head`."""
        self._last = head

    def close(self) -> Deferred[None]:
        """Hand over what was asked for."""
        self._hand_over()
        return succeed(None)

    # -- asking ---------------------------------------------------------------------------------

    def append(self, asked: Asked) -> None:
        """Ask; the answer comes to the followers."""
        if not self._asked:
            self._reactor.callLater(0, self._hand_over)
        self._asked.append(asked)
        self._unwritten += 1

    def follow(self, after: int, follower: Follower) -> None:
        """Replay, then follow: both where it is written, so that nothing falls between them."""
        self._hand_over()
        self._begin(Newcomer(after, follower))

    def is_full(self) -> bool:
        """Return whether too much waits for the disk."""
        return self._unwritten >= UNWRITTEN_EVENTS

    def when_roomy(self, call: Callable[[], None]) -> None:
        """Call once there is room."""
        self._waiting.append(call)

    def when_lost(self, call: Callable[[NotSaid], None]) -> None:
        """Call once, should the archive take no more."""
        self._on_lost.append(call)

    def _hand_over(self) -> None:
        asked, self._asked = self._asked, []
        if asked and self._lost:
            self._take(refusal(asked, self._lost))
        elif asked:
            self._begin(asked)

    def _begin(self, job: _Job) -> None:
        """Let the archive's thread look for jobs, as often as there is one."""
        self._jobs.append(job)
        self._archive.write(self._work, _finish)

    # -- where the archive is written -----------------------------------------------------------

    def _work(self, store: Store) -> _Rest:
        """Write all that waits, up to a newcomer; return what is left to be done."""
        asked = self._in_hand = []
        rest: _Rest = []
        newcomer: Newcomer | None = None
        while self._jobs and not newcomer:
            job = self._jobs.popleft()
            if isinstance(job, Newcomer):
                newcomer = job
            else:
                asked += job
        if asked:
            rest.append(partial(self._take, self._write(store, asked)))
            self._in_hand = []
        if newcomer:
            rest += self._replay(store, newcomer)
        return rest

    def _write(self, store: Store, asked: Sequence[Asked]) -> Outcome:
        repeats: list[tuple[Draft, Event]] = []
        try:
            events, happened, repeats = number(asked, self._last, store.find)
            if events:
                store.store(events)
        except Exception as error:  # noqa: BLE001 - whatever it is, the speaker is told and the log lives on
            told = [pair for pair in repeats if pair[1].seq <= self._last]  # those are on disk
            return refusal(asked, error, told)
        self._last += len(events)
        return Outcome(happened, repeats)

    def _replay(self, store: Store, newcomer: Newcomer) -> _Rest:
        after, follower = newcomer
        rest: _Rest = []
        with _log.failuresHandled(
            "A follower of the log could not be told what it missed"
        ) as reading:
            while events := store.all_after(after, REPLAYED_AT_ONCE):
                rest.append(partial(_tell, follower, Outcome(events)))
                after = events[-1].seq
        return [*rest, partial(self._followers.append, follower)] if reading.succeeded else []

    # -- telling --------------------------------------------------------------------------------

    def _take(self, outcome: Outcome) -> None:
        """Tell the followers, whatever becomes of any of them."""
        happened, repeats, refused, error = outcome
        self._unwritten -= len(happened) + len(repeats) + len(refused)
        if error or self._failing:
            self._note(happened, error)
        for follower in tuple(self._followers):  # one may bring another, who was replayed it
            _tell(follower, outcome)
        if self._waiting and self._unwritten < UNWRITTEN_EVENTS // 2:
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                with _log.failuresHandled("Somebody who waited for the log failed"):
                    call()

    def _note(self, happened: Sequence[Happened], error: NotSaid | None) -> None:
        """Tell the operator once that writing began to fail, and once that it works again."""
        if error and not self._failing:
            self._failing = True
            _log.error("{error}", error=error)
        elif any(isinstance(one, Event) for one in happened):
            self._failing = False
            _log.info("The log can be written again.")

    def _lose(self, error: NotSaid) -> None:
        """Refuse what was in hand, what waits, and all that is asked for later: the archive takes no more."""
        self._lost = error
        lost, self._in_hand = self._in_hand, []
        while self._jobs:
            job = self._jobs.popleft()
            if not isinstance(job, Newcomer):
                lost += job
        self._take(refusal(lost, error))
        for call in self._on_lost:
            call(error)


def _finish(rest: _Rest) -> None:
    for call in rest:
        call()


def _tell(follower: Follower, outcome: Outcome) -> None:
    try:
        outcome.tell(follower)
    except Exception:  # noqa: BLE001 - the others are told all the same
        _log.failure("A follower of the log failed")
