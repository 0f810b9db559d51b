"""Facts: the durable state that follows from events, as data; derived by one pure reducer.

Each part that holds state asks `facts` what an event means for it, and applies that and no more: the rooms in memory
(chatproto.core.rooms), the database in the transaction that stores the event (chatproto.log.database), another node
when the event comes to it.  So all of them know the same, and all of it could be made anew from the events.  Written
beside the log it could be neither replicated nor trusted.

What is durable goes this way and no other: accounts, keys, roles, bans, preferences, read positions, redactions.  For
one of them add a kind of event, a fact (a named tuple, below), its line in `_DERIVED`, and how it is applied in memory
and in SQL.  Presence is no fact: which members are here is not stored.
The newest fact about a thing is the one that holds, whatever was so before.
Must not know the log or SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from chatproto.core.events import REMEMBERED, TOPIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chatproto.core.events import Event


class Topic(NamedTuple):
    """What a room is about, the nick and the id of the member who set it, and when (milliseconds since 1970)."""

    text: str
    author: str
    time: int
    origin: int


class RoomTopic(NamedTuple):
    """A room is about this from now on; about nothing with None."""

    room: str
    topic: Topic | None


Fact: TypeAlias = RoomTopic


def facts(event: Event) -> tuple[Fact, ...]:
    """Return what follows from an event: nothing from most, and from one of an unknown kind."""
    derived = _DERIVED.get(event.kind)
    return derived(event) if derived else ()


def rooms_there(events: Iterable[Event]) -> set[str]:
    """Return the rooms that are there because something stands in their history."""
    return {event.room for event in events if event.kind in REMEMBERED}


def _topic(event: Event) -> tuple[Fact, ...]:
    topic = Topic(event.text, event.author, event.time, event.origin) if event.text else None
    return (RoomTopic(event.room, topic),)


_DERIVED: Final[Mapping[int, Callable[[Event], tuple[Fact, ...]]]] = {TOPIC: _topic}

# The kinds of events from which anything follows: a flood of the others need not ask.
FACTUAL: Final = frozenset(_DERIVED)
