"""What stands after a command's name: arguments, each of a kind, as data.

From them follow how a command is given (`usage_of`), what is wrong with a line (`parsing`) and what Tab offers
(`candidates`).
Must not know which commands there are or the core.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from chatproto.language import Sentence, _

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(Enum):
    """What an argument is.

    A number and a choice are checked by the row.  The others are names: it is where they are looked up that one learns
    what is wrong with them.
    """

    MEMBER = auto()  # the nick of a member
    ROOM = auto()  # a room, whichever
    OWN_ROOM = auto()  # a room that the member is in
    NUMBER = auto()  # from 1 to `most`
    CHOICE = auto()  # one of `choices`
    OPTION = auto()  # what can be set: a row of the preferences
    VALUE = auto()  # what `option` can be set to, or the option named before it
    COMMAND = auto()
    TEXT = auto()  # whatever a person likes


@dataclass(frozen=True, slots=True)
class Argument:
    """What may stand in one place after a command's name.

    kind      what it is
    word      what stands for it where a command is explained: NICK
    sign      with which it begins: the @ of @NICK; one's own rooms, and a required argument, do without
    most      the largest number; 0 when only the command knows it
    choices   in small letters
    option    the one that a value belongs to; "" for the one named before it
    is_rest   it goes on to the end of the line, spaces and all
    optional  it may be left out
    others    what may stand in its place
    """

    kind: Kind
    word: Sentence
    sign: str = ""
    most: int = 0
    choices: tuple[str, ...] = ()
    option: str = ""
    is_rest: bool = False
    optional: bool = False
    others: tuple[Argument, ...] = ()

    def __or__(self, other: Argument) -> Argument:
        """Return an argument that is this one or the other."""
        return replace(self, others=(*self.others, other))

    @property
    def forms(self) -> tuple[Argument, ...]:
        """Return all that may stand here."""
        return (self, *self.others)

    @property
    def can_be_told(self) -> bool:
        """Return whether it can be told from what follows it, and so be left out before that."""
        return all(form.sign for form in self.forms)


def maybe(argument: Argument) -> Argument:
    """Return an argument that may be left out."""
    return replace(argument, optional=True)


NICK: Final = Argument(Kind.MEMBER, _("NICK"))
AT_NICK: Final = Argument(Kind.MEMBER, _("@NICK"), sign="@")
OWN_ROOM: Final = Argument(Kind.OWN_ROOM, _("#ROOM"), sign="#")
TEXT: Final = Argument(Kind.TEXT, _("TEXT"), is_rest=True)
REASON: Final = Argument(Kind.TEXT, _("REASON"), is_rest=True)


def usage_of(arguments: Sequence[Argument], *, any_order: bool = False) -> Sentence:
    """Return how arguments are given: `NICK|#ROOM TEXT`, `[#ROOM] [PAGE]`, `[OPTION [VALUE]]`."""
    values = {f"_{place}": _either(one) for place, one in enumerate(arguments)}
    return Sentence(_template(arguments, any_order=any_order), values=values)


def _template(arguments: Sequence[Argument], place: int = 0, *, any_order: bool) -> str:
    if place == len(arguments):
        return ""
    argument, word = arguments[place], f"{{_{place}}}"
    after = _template(arguments, place + 1, any_order=any_order)
    space = " " if after else ""
    if not argument.optional:
        return f"{word}{space}{after}"
    if any_order or argument.can_be_told:
        return f"[{word}]{space}{after}"
    return f"[{word}{space}{after}]"


def _either(argument: Argument) -> Sentence:
    words = {f"_{place}": form.word for place, form in enumerate(argument.forms)}
    return Sentence("|".join(f"{{{place}}}" for place in words), values=words)
