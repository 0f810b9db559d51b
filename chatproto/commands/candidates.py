"""What may stand in the next place of a line, as Tab offers it: asked of the command's row.

Must not know which commands there are, keys or screens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.commands.arguments import Kind
from chatproto.commands.parsing import is_meant
from chatproto.core import permissions
from chatproto.core.permissions import Action
from chatproto.core.preferences import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chatproto.commands.arguments import Argument
    from chatproto.commands.row import Caller, Command


def candidates(command: Command, caller: Caller, given: Sequence[str]) -> Iterable[str]:
    """Return the words that may stand after those given."""
    return (
        f"{form.sign}{word}"
        for argument in _next(command, caller, given)
        for form in argument.forms
        for word in _WORDS[form.kind](form, caller, given)
    )


def _next(command: Command, caller: Caller, given: Sequence[str]) -> Iterator[Argument]:
    """Return the arguments that may come next: one, and as far as each may be left out, those after it."""
    arguments = iter(command.arguments)
    if command.any_order:
        yield from arguments
        return
    for word in given:
        for argument in arguments:
            if not argument.optional or is_meant(argument, word, caller.member.rooms):
                break
    for argument in arguments:
        yield argument
        if not (argument.optional and argument.can_be_told):
            return


def _members(_form: Argument, caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    if permissions.refusal(Action.SEE_MEMBER, caller.member):
        return ()
    return sorted((member.nick for member in caller.chat.members.values()), key=str.casefold)


def _rooms(_form: Argument, caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    if permissions.refusal(Action.LIST_ROOMS, caller.member):
        return ()
    return sorted(caller.chat.rooms)


def _own_rooms(_form: Argument, caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    return sorted(caller.member.rooms)


def _choices(form: Argument, _caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    return form.choices


def _options(_form: Argument, _caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    return BY_NAME


def _values(form: Argument, _caller: Caller, given: Sequence[str]) -> Iterable[str]:
    option = BY_NAME.get(form.option or given[-1].casefold())
    return option.values if option else ()


def _commands(_form: Argument, caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    return sorted(
        command.name for subject in caller.commands.subjects for command in subject.commands
    )


def _nothing(_form: Argument, _caller: Caller, _given: Sequence[str]) -> Iterable[str]:
    return ()


_WORDS: Final[Mapping[Kind, Callable[[Argument, Caller, Sequence[str]], Iterable[str]]]] = {
    Kind.MEMBER: _members,
    Kind.ROOM: _rooms,
    Kind.OWN_ROOM: _own_rooms,
    Kind.NUMBER: _nothing,
    Kind.CHOICE: _choices,
    Kind.OPTION: _options,
    Kind.VALUE: _values,
    Kind.COMMAND: _commands,
    Kind.TEXT: _nothing,
}
