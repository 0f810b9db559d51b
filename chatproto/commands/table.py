"""A table of commands: finding one by its name, and doing what a line asks for.

To add a command: write its row in the module of its subject, a function that is given a word for each argument of the
row, and a test; `make docs` brings it into docs/commands.md.
Must not know doors or which commands there are.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from chatproto.commands.parsing import parse
from chatproto.commands.row import first_word
from chatproto.core.text import excerpt
from chatproto.errors import ChatError, NotFound
from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.commands.row import Caller, Command, Subject


class Table:
    """Commands under their headings.

    subjects   the headings, in the order in which `/help` has them
    commands   by name
    names      by name and by alias
    """

    def __init__(self, subjects: tuple[Subject, ...]) -> None:
        self.subjects = subjects
        self.commands = {one.name: one for subject in subjects for one in subject.commands}
        self.names = dict(self.commands)
        for command in self.commands.values():
            self.names |= dict.fromkeys(command.aliases, command)
        # Characters of a name that may have been meant for one of ours: a longer one has less than half in common.
        self._near_most = 2 * max(map(len, self.names), default=0)

    def named(self, name: str) -> Command | None:
        """Return the command of that name or alias, with or without its slash."""
        return self.names.get(name.removeprefix("/").casefold())

    def find(self, name: str) -> Command:
        """Return the command of that name or alias.  Raise NotFound, with the nearest there is."""
        if command := self.named(name):
            return command
        name = name.removeprefix("/").casefold()
        near = get_close_matches(name, self.names, n=1) if len(name) <= self._near_most else []
        name = excerpt(name)
        if near:
            raise NotFound(
                _("There is no /{seen}. Did you mean /{near}? /help lists all.",
                  seen=name, near=near[0])
            )  # fmt: skip
        raise NotFound(
            _("There is no /{seen}. /help lists the commands; to say it, type //{seen}.", seen=name)
        )

    def perform(self, caller: Caller, line: str) -> None:
        """Do what a line that begins with a slash asks for; tell the caller what is wrong with it."""
        name, rest = first_word(line[1:])
        try:
            command = self.find(name)
            command.run(caller, *parse(command, rest, caller.member.rooms))
        except ChatError as error:
            caller.tell(error.sentence)
