"""A follower that can be waited for, and things to ask of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from chatproto.core.events import Change, Draft, Event, Kind, Presence
from chatproto.log import database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from chatproto.core.events import Happened
    from chatproto.core.ports import Archive, Store
    from chatproto.errors import NotSaid

reactor: Any = _reactor
PATIENCE: Final = 10.0  # seconds that anything may take before a test gives up

T = TypeVar("T")

# Decorates every test that waits.
waits: Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]]
waits = pytest_twisted.ensureDeferred


def soon(answer: Deferred[T]) -> Deferred[T]:
    """Return an answer that fails after PATIENCE seconds."""
    return answer.addTimeout(PATIENCE, reactor)


def written(archive: Archive, work: Callable[[Store], T]) -> Deferred[T]:
    """Work where an archive is written, and wait for what comes of it."""
    answer: Deferred[T] = Deferred()
    archive.write(work, answer.callback)
    return soon(answer)


async def read(answer: Deferred[list[Event]]) -> list[str]:
    """Wait for an answer; return what was said in its events."""
    events = await soon(answer)
    return texts(events)


async def turn() -> None:
    """Let the reactor turn once."""
    await deferLater(reactor, 0)


class Following:
    """Follows a log, and notes what it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Happened]] = []
        self.refusals: list[tuple[list[Draft], NotSaid]] = []
        self.repeats: list[tuple[Draft, Event]] = []
        self.watch: Callable[[Sequence[Happened]], object] = lambda _batch: None
        self._waits: list[tuple[Callable[[], bool], Deferred[None]]] = []

    @property
    def heard(self) -> list[Happened]:
        """Everything that happened, in order."""
        return [one for batch in self.batches for one in batch]

    @property
    def events(self) -> list[Event]:
        """The events among it."""
        return [one for one in self.heard if isinstance(one, Event)]

    def happened(self, batch: Sequence[Happened]) -> None:
        self.watch(batch)
        self.batches.append(list(batch))
        self._look()

    def refused(self, batch: Sequence[Draft], error: NotSaid) -> None:
        self.refusals.append((list(batch), error))
        self._look()

    def repeated(self, draft: Draft, event: Event) -> None:
        self.repeats.append((draft, event))
        self._look()

    async def until(self, count: int, refusals: int = 0, repeats: int = 0) -> None:
        """Wait until so many things have happened, so many times something was refused, and so many were repeats."""

        def is_so() -> bool:
            return (
                len(self.heard) >= count
                and len(self.refusals) >= refusals
                and len(self.repeats) >= repeats
            )

        if not is_so():
            self._waits.append((is_so, Deferred()))
            await soon(self._waits[-1][1])

    def _look(self) -> None:
        for wait in [wait for wait in self._waits if wait[0]()]:
            self._waits.remove(wait)
            wait[1].callback(None)


def said(text: str, room: str = "lobby", kind: Kind = Kind.SAID, author: str = "alice") -> Draft:
    """Return something that alice, who is member 1, says."""
    return Draft(1_000, kind.value, room, author, 1, "", 0, text)


def private(text: str, origin: int = 1, target: int = 2) -> Draft:
    """Return something that one member says to another alone."""
    return Draft(1_000, Kind.PRIVATE.value, "", "alice", origin, "bob", target, text)


def joined(nick: str, room: str = "lobby") -> Presence:
    """Return the presence of a member who comes in."""
    return Presence(1_000, (room,), Change.JOINED, nick, 5)


def texts(events: Iterable[Happened]) -> list[str]:
    """Return what was said in these events."""
    return [event.text for event in events]


def store(connection: sqlite3.Connection, *drafts: Draft) -> None:
    """Store these as the next events of a database."""
    first = database.last(connection) + 1
    events = [Event(seq, *draft) for seq, draft in enumerate(drafts, first)]
    with database.transaction(connection):
        database.store(connection, events, set())
