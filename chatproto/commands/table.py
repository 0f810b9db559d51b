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
    """List the commands, or tell more of one."""
    if rest:
        command = find(first_word(rest)[0])
        caller.tell(usage(command), command.summary)
        if command.aliases:
            aliases = ", ".join(f"/{alias}" for alias in command.aliases)
            caller.tell(_("Also: {aliases}", aliases=aliases))
        return
    for subject in SUBJECTS:
        caller.tell(subject.title, *(_row(command) for command in subject.commands))
    caller.tell(_("Anything else you type is said. A line that begins with // says a slash."))


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
            "help", ("h", "?"), _("[COMMAND]"), _("this list; more about one command"), give_help
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
    raise NotFound(_("There is no /{seen}. /help lists the commands; //{seen} says it.", seen=name))


def perform(caller: Caller, line: str) -> None:
    """Do what a line beginning with a slash asks for; whatever is wrong with it is told."""
    name, rest = first_word(line[1:])
    try:
        command = find(name)
        if len(rest.split()) < command.least:
            raise NotAllowed(_("It is used so: {usage}", usage=usage(command)))
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
        parts.append("| command | what it does | also |\n|---|---|---|\n")
        for command in subject.commands:
            aliases = ", ".join(f"`/{alias}`" for alias in command.aliases)
            way = language.read(usage(command)).replace("|", "\\|")
            parts.append(f"| `{way}` | {language.read(command.summary)} | {aliases} |\n")
    return "".join(parts)


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
