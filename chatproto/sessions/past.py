"""The past on a session's screen: a room with its last lines, pages of the history, what a search found.

Must not know doors.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from chatproto.commands import people, rooms
from chatproto.delivery.pages import Page
from chatproto.voices.fitting import last_that_fit, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Event
    from chatproto.core.queries import Span
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence
    from chatproto.sessions.answers import Answers
    from chatproto.sessions.context import Context
    from chatproto.sessions.display import Display

_NO_PAGES: Final[Mapping[str, int]] = {}  # shared, until something was shown
ROWS_TYPED: Final = 2  # the prompt, and above it what was typed: a name, or a command


class Viewer(Protocol):
    """A session, seen from the past that it is shown."""

    context: Context
    reader: Reader
    answers: Answers
    display: Display

    @property
    def has_name(self) -> bool:
        """Return whether the member is in; else nothing is shown."""

    @property
    def seat(self) -> Seat:
        """Return where the member sits."""

    @property
    def member(self) -> Member:
        """Return the member."""


class Past:
    """What one session is shown that is older.

    pages   the seq of the oldest line that `/history` has shown, by room and by `@` and the member talked with alone
    """

    __slots__ = ("_viewer", "pages")

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self.pages = _NO_PAGES

    def turn(self, place: str, seq: int) -> None:
        """Note the oldest line that was shown of a place; 0 to begin at the end again."""
        others = {one: page for one, page in self.pages.items() if one != place}
        self.pages = {**others, place: seq} if seq else others

    def show(self, events: Sequence[Event]) -> None:
        """Show events with their numbers, unless the member left before the log answered."""
        if self._viewer.has_name:
            self._viewer.reader.show(b"".join(self._lines(self._wanted(events), numbered=True)))

    def show_span(self, span: Span) -> Deferred[int]:
        """Show a range of events with their numbers, as fast as the member takes it; return how many there were."""

        def render(events: Sequence[Event]) -> bytes:
            return b"".join(self._lines(self._wanted(events), numbered=True))

        viewer, context = self._viewer, self._viewer.context
        read = partial(context.chat.history.after, viewer.member)
        return Page(read, context.clock, viewer.reader, span, render).show()

    def welcome(self, room: Room, last: Sentence | None = None, *, upto: int | None = None) -> None:
        """Show a room: its members, what it is about, its last lines, or those up to the event `upto`; then `last`."""
        chat = self._viewer.context.chat
        upto = chat.head if upto is None else upto
        self._viewer.answers.hold()
        chat.history.recall(room, lambda: self._show_room(room, upto, last))

    def show_again(self) -> None:
        """Show the last lines of the current room, as far as the member has had them."""
        viewer = self._viewer
        if viewer.has_name and (room := viewer.seat.current_room):
            viewer.answers.hold()
            viewer.context.chat.history.recall(room, lambda: self._show_again(room))

    def _show_room(self, room: Room, upto: int, last: Sentence | None) -> None:
        try:
            if self._viewer.has_name:
                self._show_it(room, upto, last)
        finally:
            self._viewer.answers.release()

    def _show_it(self, room: Room, upto: int, last: Sentence | None) -> None:
        member, reader = self._viewer.member, self._viewer.reader
        here = [people.welcome(room, member)]
        if room.topic:
            here.append(rooms.about(room, member))
        reader.tell(*here)
        # What happened since the member came is brought by delivery.
        past = self._wanted(event for event in room.recent or () if event.seq <= upto)
        lines = self._fitting(self._lines(past, numbered=False), here, last)
        if lines:
            self.turn(room.name, past[-len(lines)].seq)
            reader.show(b"".join(lines))
        if last:
            reader.tell(last)

    def _show_again(self, room: Room) -> None:
        reader = self._viewer.reader
        try:
            if self._viewer.has_name:
                had = self._wanted(e for e in room.recent or () if e.seq <= reader.seq)
                reader.show(b"".join(self._lines(had, numbered=False)))
        finally:
            self._viewer.answers.release()

    def _wanted(self, events: Iterable[Event]) -> list[Event]:
        """Return those of the events that the member wishes to read."""
        reads = self._viewer.member.reads
        return [event for event in events if reads(event.origin, event.author)]

    def _lines(self, events: Sequence[Event], *, numbered: bool) -> list[bytes]:
        now, seat = self._viewer.context.clock.seconds(), self._viewer.seat
        current = seat.current_room.name if seat.current_room else ""
        past, ids = self._viewer.reader.voice.past, seat.member.ids
        return [past(event, now, current, ids, numbered=numbered) for event in events]

    def _fitting(
        self, lines: list[bytes], here: Sequence[Sentence], last: Sentence | None
    ) -> Sequence[bytes]:
        """Return as many of the last lines as leave all the rest of a welcome on the screen."""
        screen = self._viewer.display.screen
        if not screen.rows:
            return lines
        context = self._viewer.context
        told = [*here, *((context.greeting, *context.message, last) if last else ())]
        notice = self._viewer.reader.voice.notice
        used = sum(rows_of(notice(one), screen.columns) for one in told)
        return last_that_fit(lines, screen.columns, screen.rows - used - ROWS_TYPED)
