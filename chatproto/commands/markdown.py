"""The page docs/commands.md, made from a table of commands: `make docs`.

Must not know doors or the core.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from chatproto.commands.row import usage
from chatproto.language import ENGLISH

if TYPE_CHECKING:
    from chatproto.commands.table import Table
    from chatproto.language import Language


def as_markdown(table: Table, language: Language = ENGLISH) -> str:
    """Return a table as a page of Markdown."""
    parts = [
        "# Commands\n\nMade from the table in `chatproto/commands/` by `make docs`; do not edit.\n"
    ]
    for subject in table.subjects:
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
    from chatproto.commands.every import COMMANDS

    sys.stdout.write(as_markdown(COMMANDS))
