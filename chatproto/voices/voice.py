"""The voice: how events read for one kind of reader.  The whole interface, whatever a reader reads on.

    Voice   renders what happened
    Crowd   what is told of many members who came or went, or of one, in one line; beside the presences themselves
    Shown   all that a voice is asked to render

A voice either gathers, and reads crowds, or it does not, and reads each presence with its member, at once.
A voice is a frozen value: equal voices render alike, so all their readers are sent the same bytes object.
Must not know sockets, readers or members.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from chatproto.core.events import Event, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chatproto.core.events import Change, Ids
    from chatproto.language import Sentence

_NOT_TOLD: Final[Mapping[tuple[str, ...], Sequence[int]]] = MappingProxyType({})


class Crowd(NamedTuple):
    """Members who came into a room, left it or changed nick, as voices that gather read it.

    room     where it shows
    change   what happened
    names    their nicks, in the order of their coming; for RENAMED the old one and the new one
    size     how many in all
    origin   the member, when it is about one; else 0
    text     the reason given by the one it is about, or empty
    here     how many are in the room now
    entries  for JOINED, beside the names: the number of each coming, each larger than the one before
    after    for JOINED, the ids of members who came no earlier than the first of these: they were shown the members
             who were here before them, so not all of it is news to them
    told_in  for the others, by the rooms in which this is told: the places of the names.  A reader reads it in
             the first of those rooms that it is in
    """

    time: int
    room: str
    change: Change
    names: tuple[str, ...]
    size: int
    origin: int
    text: str = ""
    here: int = 0
    entries: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    told_in: Mapping[tuple[str, ...], Sequence[int]] = _NOT_TOLD


Shown: TypeAlias = Event | Presence | Crowd


class Voice(Protocol):
    """How events read for one kind of reader.  Hashable.

    own_lines        a reader is sent its own lines too
    marks_mentions   a mention of a reader reads in a way of its own
    gathers          crowds are read, and no single presence; else the other way round
    columns          where its rows end; 0 where a line is a line, however long
    wide             the same voice for a screen without a right edge; itself where nothing ever wraps
    """

    @property
    def own_lines(self) -> bool:
        """Return whether a reader's own lines come back to it."""

    @property
    def marks_mentions(self) -> bool:
        """Return whether a mention reads in a way of its own."""

    @property
    def gathers(self) -> bool:
        """Return whether crowds are read, and no single presence."""

    @property
    def columns(self) -> int:
        """Return how many columns a row has."""

    @property
    def wide(self) -> Voice:
        """Return the voice that all readers share on whose screens nothing wraps."""

    def width(self, events: Iterable[Shown], current: str) -> int:
        """Return the columns that the longest of these events takes when it is not wrapped."""

    def render(
        self, events: Iterable[Shown], current: str, ids: Ids = (), nick: str = ""
    ) -> list[bytes]:
        """Return the bytes of each event, for a reader whose current room is `current`.

        `ids` and `nick` are the reader's, where that makes a difference.
        """

    def past(
        self, event: Event, now: float, current: str, ids: Ids = (), *, numbered: bool
    ) -> bytes:
        """Return the bytes of an event of the past: with its time, and its number if `numbered`."""

    def notice(self, sentence: Sentence) -> bytes:
        """Return the bytes of a sentence of the server's."""

    def typed(self, text: str) -> bytes:
        """Return the bytes that keep a command on the screen as it was typed; none where it stands there already."""

    def frame(self, lines: bytes) -> bytes:
        """Return the bytes that bring these lines to the screen."""
