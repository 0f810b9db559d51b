"""The command that explains the others.  Must not know doors or which commands there are."""

from __future__ import annotations

from typing import Final

from chatproto.commands.arguments import Argument, Kind, maybe
from chatproto.commands.row import Caller, Command, Subject, usage
from chatproto.core import permissions
from chatproto.core.permissions import Action
from chatproto.language import Sentence, _

ALL: Final = "all"
TOPIC: Final = Argument(Kind.COMMAND, _("COMMAND")) | Argument(
    Kind.CHOICE, Sentence(ALL), choices=(ALL,)
)


def give_help(caller: Caller, word: str) -> None:
    """Name the commands, list them all, or tell more of one."""
    permissions.check(Action.ASK_HELP, caller.member)
    if word.casefold() == ALL:
        for subject in caller.commands.subjects:
            caller.tell(subject.title, *(_row(command) for command in subject.commands))
    elif word:
        _tell_more(caller, caller.commands.find(word))
    else:
        caller.tell(
            *(_names(subject) for subject in caller.commands.subjects),
            _("/help COMMAND shows how to use one; /help all lists what each does."),
            _("Anything else you type is said. To say a line that begins with /, type //."),
        )


def _tell_more(caller: Caller, command: Command) -> None:
    caller.tell(usage(command), command.summary)
    if command.example:
        caller.tell(_("For example: {line}", line=command.example))
    if command.aliases:
        aliases = ", ".join(f"/{alias}" for alias in command.aliases)
        caller.tell(_("Also: {aliases}", aliases=aliases))
    if refusal := _refusal(caller, command):
        caller.tell(refusal)


def _refusal(caller: Caller, command: Command) -> Sentence | None:
    """Return why a command cannot be given just now; None when it can."""
    seat = caller.seat
    room = seat.current_room.name if seat.current_room else ""
    refusals = [permissions.refusal(action, seat.member, room) for action in command.actions]
    return refusals[0].sentence if refusals[0] and all(refusals) else None


def _names(subject: Subject) -> Sentence:
    names = ", ".join(f"/{command.name}" for command in subject.commands)
    return _("{subject}: {commands}", subject=subject.title, commands=names)


def _row(command: Command) -> Sentence:
    return _("  {usage} - {summary}", usage=usage(command), summary=command.summary)


GUIDE = Subject(
    _("Help"),
    (
        Command(
            "help",
            ("h", "?"),
            (maybe(TOPIC),),
            (Action.ASK_HELP,),
            _("list the commands; explain one of them; or explain all"),
            give_help,
            example=_("/help msg"),
        ),
    ),
)
