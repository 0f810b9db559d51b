"""What a command is, and what it needs of the session that gives it.

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
    """What a caller is shown of the past.

    pages   the seq of the oldest line that `/history` has shown, by place: a room, or `@` and the key of a nick
    """

    @property
    def pages(self) -> Mapping[str, int]:
        """Return the seq of the oldest line shown, by place."""

    def turn(self, place: str, seq: int) -> None:
        """Note the oldest line that was shown of a place; 0 to begin at the end again."""

    def show(self, events: Sequence[Event]) -> None:
        """Show events with their numbers."""

    def show_span(self, span: Span) -> Deferred[int]:
        """Show a range of events with their numbers, as fast as they are taken; return how many there were."""

    def welcome(self, room: Room) -> None:
        """Show a room to a member who has just come in."""


class Answers(Protocol):
    """Commands of a caller that take a while."""

    def wait_for(self, task: Coroutine[Any, Any, None]) -> None:
        """Do something that shows the past; until it is done the caller is shown nothing else, and not read from.

        Whatever goes wrong is told, as with `do_aside`.
        """

    def do_aside(self, task: Coroutine[Any, Any, None]) -> object:
        """Do something that takes a while, unless the caller leaves before."""


class Display(Protocol):
    """What a caller reads on, and how."""

    @property
    def preferences(self) -> Preferences:
        """Return what the caller prefers."""

    def set_preference(self, name: str, value: str) -> None:
        """Change one preference of the caller.  Raise NotAllowed."""

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

    searching   one of its searches is under way
    """

    chat: Chat
    searching: bool

    @property
    def commands(self) -> Commands:
        """Return the commands that can be given."""

    @property
    def past(self) -> Past:
        """Return what shows the caller the past."""

    @property
    def answers(self) -> Answers:
        """Return what does commands that take a while."""

    @property
    def seat(self) -> Seat:
        """Return the seat at which the command is given."""

    @property
    def member(self) -> Member:
        """Return the member who gives the command."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def tell(self, *sentences: Sentence) -> None:
        """Answer with these sentences."""

    @property
    def display(self) -> Display:
        """Return what the caller reads on, and how."""

    def quit(self, reason: str) -> None:
        """Let the caller leave the chat."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    name        without the slash; aliases likewise
    arguments   what stands after the name
    actions     what it may do: a member who may do any of them may give it
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
    """Return how a command is given."""
    if not command.arguments:
        return _("/{name}", name=command.name)
    words = usage_of(command.arguments, any_order=command.any_order)
    return _("/{name} {words}", name=command.name, words=words)


def first_word(rest: str) -> tuple[str, str]:
    """Return the first word, and what follows it."""
    word, *more = rest.split(maxsplit=1) or [""]
    return word, "".join(more).strip()
