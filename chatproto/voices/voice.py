"""The voice: how events read for one kind of reader.  The whole interface, whatever a reader reads on.

A voice is a frozen value: equal voices render alike, so all their readers are sent the same bytes object.
Must not know sockets, readers or members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Event, Happened, Ids
    from chatproto.language import Sentence


class Voice(Protocol):
    """How events read for one kind of reader.  Hashable.

    own_lines        a reader is sent their own lines too
    marks_mentions   a mention of a reader reads in a way of its own
    columns          where its rows end; 0 where a line is a line, however long
    wide             the same voice for a screen without a right edge; itself where nothing ever wraps
    """

    @property
    def own_lines(self) -> bool:
        """Return whether one's own lines come back."""

    @property
    def marks_mentions(self) -> bool:
        """Return whether a mention reads in a way of its own."""

    @property
    def columns(self) -> int:
        """Return how many columns a row has."""

    @property
    def wide(self) -> Voice:
        """Return the voice that all readers share on whose screens nothing wraps."""

    def width(self, events: Iterable[Happened], current: str) -> int:
        """Return the columns that the longest of these events takes when it is not wrapped."""

    def render(
        self, events: Iterable[Happened], current: str, ids: Ids = (), nick: str = ""
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
