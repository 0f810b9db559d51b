"""The command that explains the others.  Must not know which door a line came from, or which commands there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.row import Caller, Command, Subject, first_word, usage
from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.language import Sentence


def give_help(caller: Caller, rest: str) -> None:
    """Name the commands, list them all, or tell more of one."""
    word, _more = first_word(rest)
    if word.casefold() == "all":
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
            _("[COMMAND|all]"),
            _("list the commands; explain one of them; or explain all"),
            give_help,
            example=_("/help msg"),
        ),
    ),
)
