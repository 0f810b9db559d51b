"""What a command is, and what it needs of whoever gives it.

Must not know which commands there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from chatproto.core.chat import Chat
    from chatproto.core.events import Event
    from chatproto.core.preferences import Preferences
    from chatproto.core.queries import Span
    from chatproto.core.rooms import Member, Room
    from chatproto.errors import ChatError
    from chatproto.language import Sentence


class Caller(Protocol):
    """Whoever gives a command: a session, seen from a command.

    pages       by room and by `@` and whom they talked with alone, the number of the oldest line
                that `/history` has shown
    searching   a search of theirs is under way
    """

    chat: Chat
    pages: dict[str, int]
    searching: bool

    @property
    def member(self) -> Member:
        """Who gives it."""

    def now(self) -> float:
        """Give the seconds since 1970."""

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""

    def show(self, events: Sequence[Event]) -> None:
        """Show lines of the past, with their numbers."""

    def show_span(self, span: Span) -> Deferred[int]:
        """Show a range of the past, with numbers, as fast as they take it; give how many lines there were."""

    def wait_for(self, task: Coroutine[Any, Any, None]) -> None:
        """Do something that shows the past; until it is done they are shown nothing else, and not read from.

        Whatever goes wrong is told, as with `do_aside`.
        """

    def do_aside(self, task: Coroutine[Any, Any, None]) -> object:
        """Do something that takes a while, unless they leave before."""

    def failed(self, failure: Failure) -> None:
        """An answer from the log did not come: say so."""

    def welcome(self, room: Room) -> None:
        """Show a room to somebody who has just come in."""

    @property
    def preferences(self) -> Preferences:
        """How they prefer to read and type."""

    def set_preference(self, name: str, wish: str) -> None:
        """Wish for something.  Raises NotAllowed."""

    def clear(self) -> None:
        """Empty the screen, where there is one."""

    def quit(self, reason: str) -> None:
        """Leave."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    name      without the slash; aliases likewise
    usage     what stands behind the name
    summary   what it does, in half a line
    run       does it: given the caller and the rest of the line
    least     words that must follow
    example   a line that gives it
    """

    name: str
    aliases: tuple[str, ...]
    usage: Sentence | None
    summary: Sentence
    run: Callable[[Caller, str], None]
    least: int = 0
    example: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A heading of the table, and the commands under it."""

    title: Sentence
    commands: tuple[Command, ...]


def number(digits: str, most: int, error: ChatError) -> int:
    """Return the number that is written.  Raise the error when it is none from 1 to `most`."""
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= most):
        raise error
    return int(digits)


def first_word(rest: str) -> tuple[str, str]:
    """Give the first word, and what follows it."""
    word, *more = rest.split(maxsplit=1) or [""]
    return word, "".join(more).strip()
