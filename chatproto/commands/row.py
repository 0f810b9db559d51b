"""What a command is, and what it needs of whoever gives it.

Must not know which commands there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chatproto.commands.arguments import usage_of
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from twisted.internet.defer import Deferred

    from chatproto.commands.arguments import Argument
    from chatproto.core.chat import Chat
    from chatproto.core.events import Event
    from chatproto.core.permissions import Action
    from chatproto.core.preferences import Preferences
    from chatproto.core.queries import Span
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.errors import ChatError
    from chatproto.language import Sentence


class Past(Protocol):
    """What a caller is shown that is older.

    pages   the seq of the oldest line that `/history` has shown, by room and by `@` and the member talked with alone
    """

    @property
    def pages(self) -> Mapping[str, int]:
        """Return them."""

    def turn(self, place: str, seq: int) -> None:
        """Note the oldest line that was shown of a place; 0 to begin at the end again."""

    def show(self, events: Sequence[Event]) -> None:
        """Show events with their numbers."""

    def show_span(self, span: Span) -> Deferred[int]:
        """Show a range of events with their numbers, as fast as they are taken; return how many there were."""

    def welcome(self, room: Room) -> None:
        """Show a room to a member who has just come in."""


class Answers(Protocol):
    """What a caller asked for that takes a while."""

    def wait_for(self, task: Coroutine[Any, Any, None]) -> None:
        """Do something that shows the past; until it is done they are shown nothing else, and not read from.

        Whatever goes wrong is told, as with `do_aside`.
        """

    def do_aside(self, task: Coroutine[Any, Any, None]) -> object:
        """Do something that takes a while, unless they leave before."""


class Display(Protocol):
    """What a caller reads on, and how."""

    @property
    def preferences(self) -> Preferences:
        """Return how they prefer to read and type."""

    def set_preference(self, name: str, value: str) -> None:
        """Prefer something else.  Raise NotAllowed."""

    def clear(self) -> None:
        """Empty the screen, where there is one."""


class Commands(Protocol):
    """The table that a command stands in, as far as other commands ask it."""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return the headings, each with its commands."""

    def find(self, name: str) -> Command:
        """Return the command of that name or alias.  Raise NotFound."""


class Caller(Protocol):
    """A session, seen from the command that it gives.

    searching   a search of theirs is under way
    """

    chat: Chat
    searching: bool

    @property
    def commands(self) -> Commands:
        """Return the commands that can be given."""

    @property
    def past(self) -> Past:
        """Return what they are shown that is older."""

    @property
    def answers(self) -> Answers:
        """Return what they asked for that takes a while."""

    @property
    def seat(self) -> Seat:
        """Return where the member sits who gives the command."""

    @property
    def member(self) -> Member:
        """Return the member who gives the command."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""

    @property
    def display(self) -> Display:
        """Return what they read on, and how."""

    def quit(self, reason: str) -> None:
        """Leave."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    name        without the slash; aliases likewise
    arguments   what stands after the name
    actions     what is done by it: who may do any of them may give it
    summary     what it does, in half a line
    run         does it: given the caller, and for each argument what stands for it, "" for one left out
    any_order   the arguments stand in any order and number, at least one; `run` is given them as they stand
    example     a line that gives it
    """

    name: str
    aliases: tuple[str, ...]
    arguments: tuple[Argument, ...]
    actions: tuple[Action, ...]
    summary: Sentence
    run: Callable[..., None]
    any_order: bool = False
    example: Sentence | None = None

    @property
    def least(self) -> int:
        """Return how many arguments must be given."""
        return sum(not one.optional for one in self.arguments) or self.any_order


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


def usage(command: Command) -> Sentence:
    """Say how a command is given."""
    if not command.arguments:
        return _("/{name}", name=command.name)
    words = usage_of(command.arguments, any_order=command.any_order)
    return _("/{name} {words}", name=command.name, words=words)


def first_word(rest: str) -> tuple[str, str]:
    """Return the first word, and what follows it."""
    word, *more = rest.split(maxsplit=1) or [""]
    return word, "".join(more).strip()
