"""What happened: frozen facts, the only thing that goes from the chat to its readers.

    Draft      somebody asks for an event: it has no number yet, and nobody has seen it
    Event      the log gave it a number and made it durable; the same fields, after the number
    Presence   who came, went or changed their name: delivered in its place, never numbered or kept

Tuples, because a flood makes a hundred thousand a second and the log stores them field by field.
Must not know how it looks, in which language, or who reads it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias


class Kind(IntEnum):
    """What an event is.  The numbers are on disk: never change one, only add."""

    SAID = 1
    DID = 2  # /me
    TOPIC = 3
    PRIVATE = 4


# At hand for every line on its way: a look into the enumeration takes a tenth of a microsecond.
SAID, DID, TOPIC, PRIVATE = Kind


class Draft(NamedTuple):
    """An event that is asked for.

    time     milliseconds since 1970, UTC, as the server's clock had it when it was asked for
    kind     a Kind, as a plain number
    room     where; empty for a private one
    author   the nick, as it was
    origin   the id of the member who did it, which no two members share, so a reader knows their own
    to       the nick a private one goes to, else empty
    target   the member a private one goes to, else 0
    text     what was said, clean
    """

    time: int
    kind: int
    room: str
    author: str
    origin: int
    to: str
    target: int
    text: str


class Event(NamedTuple):
    """An event that is on disk.  `seq` counts from 1 over all rooms: one order for everybody."""

    seq: int
    time: int
    kind: int
    room: str
    author: str
    origin: int
    to: str
    target: int
    text: str


class Change(IntEnum):
    """What a presence tells."""

    JOINED = 1
    LEFT = 2
    QUIT = 3
    LOST = 4  # left without a word: the connection broke
    RENAMED = 5


class Presence(NamedTuple):
    """A change in who is here.

    room     where it shows
    change   what happened
    names    who, in the order of their coming; for RENAMED the old name and the new
    crowd    how many in all
    origin   the member, when it is about one; 0 for a crowd
    text     the reason given, or empty
    here     how many are in the room now
    entries  for JOINED, beside the names: the how-manieth each of them was to come into the room
    after    for JOINED, the members who came no earlier than the first of these: they were shown who was
             here before them, so not all of it is news to them
    """

    time: int
    room: str
    change: Change
    names: tuple[str, ...]
    crowd: int
    origin: int
    text: str = ""
    here: int = 0
    entries: tuple[int, ...] = ()
    after: tuple[int, ...] = ()


Asked: TypeAlias = Draft | Presence
Happened: TypeAlias = Event | Presence
