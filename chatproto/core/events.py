"""What happened: frozen facts, the only thing that goes from the chat to its readers.

    Draft      an event that a member asks for: it has no number yet, and no reader has seen it
    Event      the log gave it a number and made it durable; the same fields, after the number
    Presence   a member came, went or changed nick: delivered in its place, never numbered or kept
    KINDS      what is done with an event of each kind: one row for each

An event may be of a kind that stands in no row: a newer version wrote it, or another node.  It has its number, and
nothing is done with it: whatever asks what to do asks whether a kind is among those for which it is done.

Tuples, because a flood makes a hundred thousand a second and the log stores them field by field.
Must not know how it looks, languages or readers.
"""

from __future__ import annotations

from enum import IntEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, NewType, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(IntEnum):
    """What an event is.  The numbers are on disk: never change one, only add."""

    SAID = 1
    DID = 2  # /me
    TOPIC = 3
    PRIVATE = 4


# At hand for every line on its way: a look into the enumeration takes a tenth of a microsecond.
SAID, DID, TOPIC, PRIVATE = Kind


class Row(NamedTuple):
    """What is done with the events of a kind.

    is_talk        it is said in a room, and counts as something said there
    is_shown       it is brought to readers, whose voices have words for it
    is_indexed     it is found by its words
    is_addressed   it goes to one member, whatever room they are in; else to a room
    is_remembered  it stands in the history of its room, and among the last lines that are kept in memory
    """

    is_talk: bool = False
    is_shown: bool = False
    is_indexed: bool = False
    is_addressed: bool = False
    is_remembered: bool = False


KINDS: Final[Mapping[int, Row]] = {
    SAID: Row(is_talk=True, is_shown=True, is_indexed=True, is_remembered=True),
    DID: Row(is_talk=True, is_shown=True, is_indexed=True, is_remembered=True),
    TOPIC: Row(is_shown=True, is_indexed=True, is_remembered=True),
    PRIVATE: Row(is_shown=True, is_indexed=True, is_addressed=True),
}

# The columns of the table, to be asked for every line on its way: `event.kind in TALK`.
TALK: Final = frozenset(kind for kind, row in KINDS.items() if row.is_talk)
SHOWN: Final = frozenset(kind for kind, row in KINDS.items() if row.is_shown)
INDEXED: Final = frozenset(kind for kind, row in KINDS.items() if row.is_indexed)
ADDRESSED: Final = frozenset(kind for kind, row in KINDS.items() if row.is_addressed)
REMEMBERED: Final = frozenset(kind for kind, row in KINDS.items() if row.is_remembered)
# What the server says of a room and of what was done in it: the member who did it reads it as an answer.
ANNOUNCED: Final = SHOWN - TALK - ADDRESSED


# One JSON object as text: stored and handed on as it is, and in a flood it costs a pointer to nothing.
Json = NewType("Json", str)
NO_DATA: Final = Json("")


class Draft(NamedTuple):
    """An event that is asked for.

    time     milliseconds since 1970, UTC, as the server's clock had it when it was asked for
    kind     a Kind, as a plain number; or one that this version does not know
    room     where; empty for a private one
    author   the nick, as it was
    origin   the id of the seat at which it was done, which no two members share: so a reader can tell its own
    to       the nick a private one goes to, else empty
    target   the member a private one goes to, else 0
    text     what was said, clean
    account  the account that was known to ask for it, whatever the nick; "" for none
    ref      the sender's own id for it, by which the sender knows it again; "" for none.  What one sender asks for
             twice by the same ref is one event, however much later
    reply_to the seq of the event that it answers; 0 for none
    data     what a kind has beside these, as one JSON object, written the way it is stored; "" for none
    """

    time: int
    kind: int
    room: str
    author: str
    origin: int
    to: str
    target: int
    text: str
    account: str = ""
    ref: str = ""
    reply_to: int = 0
    data: Json = NO_DATA


class Event(NamedTuple):
    """An event that is on disk.  `seq` counts from 1 over all rooms: one order for all readers."""

    seq: int
    time: int
    kind: int
    room: str
    author: str
    origin: int
    to: str
    target: int
    text: str
    account: str = ""
    ref: str = ""
    reply_to: int = 0
    data: Json = NO_DATA


class Change(IntEnum):
    """What a presence tells."""

    JOINED = 1
    LEFT = 2
    QUIT = 3
    LOST = 4  # left without a word: the connection broke
    RENAMED = 5


class Presence(NamedTuple):
    """A member comes, goes or changes nick: told at once, in all the rooms where it shows.

    rooms     where it shows: for JOINED and LEFT one room, else all that the member is in, or was
    change    what happened
    nick      as the others know the member; for RENAMED, the old one
    origin    the id of the member
    text      the reason given, or empty
    new_nick  for RENAMED, what the member is called from now on
    here      for each of the rooms, how many are in it now
    entry     for JOINED, the number of this coming: a member who comes later has a larger one
    """

    time: int
    rooms: tuple[str, ...]
    change: Change
    nick: str
    origin: int
    text: str = ""
    new_nick: str = ""
    here: tuple[int, ...] = ()
    entry: int = 0


# The ids of one member: its own, and those of its seats.
Ids: TypeAlias = tuple[int, ...]
# The sender that a ref belongs to: an account, or the seat of a line without one.  No name equals a number.
Sender: TypeAlias = str | int


def sender(event: Draft | Event) -> Sender:
    """Return the sender, no two of whose events bear the same ref."""
    return event.account or event.origin


# Of many at once, as in a flood: `any(map(ref_of, asked))`.
ref_of: Final = attrgetter("ref")

Asked: TypeAlias = Draft | Presence
Happened: TypeAlias = Event | Presence

# All that a batch has in a flood: `EVENTS.issuperset(map(type, batch))`.
EVENTS: Final = frozenset({Event})
