"""A line taken apart into a command's arguments, and what is wrong with it.

Must not know which commands there are or the chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.arguments import Kind
from chatproto.commands.row import first_word, number, usage
from chatproto.core.text import excerpt
from chatproto.errors import NotAllowed
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Collection

    from chatproto.commands.arguments import Argument
    from chatproto.commands.row import Command


def parse(command: Command, rest: str, own_rooms: Collection[str]) -> list[str]:
    """Return what stands for each argument of a command, "" for one left out; those in any order as they stand.

    `own_rooms` are those the member is in, which may be named without their sign.  Raise NotAllowed.
    """
    if not rest and command.least:
        raise NotAllowed(_("Usage: {usage}", usage=usage(command)))
    if command.any_order:
        return [rest]
    given: list[str] = []
    for argument in command.arguments:
        word, after = (rest, "") if argument.is_rest else first_word(rest)
        if argument.optional and not (word and is_meant(argument, word, own_rooms)):
            given.append("")
            continue
        if not word:
            raise NotAllowed(_("Usage: {usage}", usage=usage(command)))
        _check(argument, word)
        given.append(word)
        rest = after
    if rest:
        raise NotAllowed(
            _("That is more than /{name} takes: “{seen}”. Usage: {usage}",
              name=command.name, seen=excerpt(rest), usage=usage(command))
        )  # fmt: skip
    return given


def is_meant(argument: Argument, word: str, own_rooms: Collection[str]) -> bool:
    """Return whether a word stands for an argument that may be left out, as far as they can be told apart."""
    if not argument.can_be_told:
        return True
    return any(_is_like(form, word) for form in argument.forms) or (
        argument.kind is Kind.OWN_ROOM and word.casefold() in own_rooms
    )


def _is_like(form: Argument, word: str) -> bool:
    if form.kind is Kind.CHOICE:
        return word.casefold() in form.choices
    return word.startswith(form.sign)


def _check(argument: Argument, word: str) -> None:
    """Raise NotAllowed for a number or a choice that there is not."""
    form = next((one for one in argument.others if _is_like(one, word)), argument)
    if form.kind is Kind.NUMBER and form.most:
        wrong = _("{word} is a number from 1 to {most}, not “{seen}”.",
                  word=form.word, most=form.most, seen=excerpt(word))  # fmt: skip
        number(word.removeprefix(form.sign), form.most, NotAllowed(wrong))
    if form.kind is Kind.CHOICE and word.casefold() not in form.choices:
        known = ", ".join(form.choices)
        raise NotAllowed(_("{option} is one of {known}, not “{seen}”.",
                           option=form.word, known=known, seen=excerpt(word)))  # fmt: skip
