"""The table of commands: every row there is, `/help` made from it, and giving a command by its name.

To add a command: write its function and its row in the module of its subject, and a test; `make docs` brings it into
docs/commands.md.
Must not know which door a line came from.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from chatproto.commands.history import HISTORY
from chatproto.commands.people import PEOPLE
from chatproto.commands.rooms import ROOMS
from chatproto.commands.row import Caller, Command, Subject, first_word
from chatproto.commands.talking import TALKING
from chatproto.commands.yourself import YOURSELF
from chatproto.core.text import excerpt
from chatproto.errors import ChatError, NotAllowed, NotFound
from chatproto.language import ENGLISH, _

if TYPE_CHECKING:
    from chatproto.language import Language, Sentence


def give_help(caller: Caller, rest: str) -> None:
    """Name the commands, list them all, or tell more of one."""
    word, _more = first_word(rest)
    if word.casefold() == "all":
        for subject in SUBJECTS:
            caller.tell(subject.title, *(_row(command) for command in subject.commands))
    elif word:
        _tell_more(caller, find(word))
    else:
        caller.tell(
            *(_names(subject) for subject in SUBJECTS),
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


def usage(command: Command) -> Sentence:
    """Say how a command is given."""
    if command.usage is None:
        return _("/{name}", name=command.name)
    return _("/{name} {words}", name=command.name, words=command.usage)


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

SUBJECTS: tuple[Subject, ...] = (TALKING, ROOMS, PEOPLE, HISTORY, YOURSELF, GUIDE)
COMMANDS = {command.name: command for subject in SUBJECTS for command in subject.commands}
NAMES: Final = COMMANDS | {
    alias: command for command in COMMANDS.values() for alias in command.aliases
}

_NEAR_MOST: Final = 2 * max(map(len, NAMES))
"""Characters of a name that may have been meant for one of ours: a longer one has less than half of it in common."""


def find(name: str) -> Command:
    """Give the command of that name or alias, with or without its slash.

    Raises NotFound, with the nearest there is.
    """
    name = name.removeprefix("/").casefold()
    if name in NAMES:
        return NAMES[name]
    near = get_close_matches(name, NAMES, n=1) if len(name) <= _NEAR_MOST else []
    name = excerpt(name)
    if near:
        raise NotFound(
            _(
                "There is no /{seen}. Did you mean /{near}? /help lists all.",
                seen=name,
                near=near[0],
            )
        )
    raise NotFound(
        _("There is no /{seen}. /help lists the commands; to say it, type //{seen}.", seen=name)
    )


def perform(caller: Caller, line: str) -> None:
    """Do what a line beginning with a slash asks for; whatever is wrong with it is told."""
    name, rest = first_word(line[1:])
    try:
        command = find(name)
        if len(rest.split()) < command.least:
            raise NotAllowed(_("Usage: {usage}", usage=usage(command)))
        command.run(caller, rest)
    except ChatError as error:
        caller.tell(error.sentence)


def as_markdown(language: Language = ENGLISH) -> str:
    """Give the table as the page docs/commands.md."""
    parts = [
        "# Commands\n\nMade from the table in `chatproto/commands/` by `make docs`; do not edit.\n"
    ]
    for subject in SUBJECTS:
        parts.append(f"\n## {language.read(subject.title)}\n\n")
        parts.append("| command | what it does | for example | also |\n|---|---|---|---|\n")
        for command in subject.commands:
            aliases = ", ".join(f"`/{alias}`" for alias in command.aliases)
            way = language.read(usage(command)).replace("|", "\\|")
            example = f"`{language.read(command.example)}`" if command.example else ""
            summary = language.read(command.summary)
            parts.append(f"| `{way}` | {summary} | {example} | {aliases} |\n")
    return "".join(parts)


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
