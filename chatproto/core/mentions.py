"""Mentions: the members named in what is said, each nick as a word of its own, in any case.

A word is a run of what names are made of; a stop or a dash at its end may be the sentence's and not the name's, unless
a nick ends so.
Must not know members, readers or how it looks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Named = TypeVar("Named")

_WORD: Final = re.compile(r"[\w.-]+")
_ENDS: Final = ".-"


def folded(nick: str) -> str:
    """Return a nick as it is looked for."""
    return nick.casefold()


def named(text: str, called: Mapping[str, Named]) -> dict[str, Named]:
    """Return the members whose nicks stand in a text; `called` has them by their folded nicks."""
    found: dict[str, Named] = {}
    for word in _WORD.findall(text.casefold()):
        name = word if word in called else word.rstrip(_ENDS)
        if name in called:
            found[name] = called[name]
    return found


def pattern(nick: str) -> re.Pattern[str]:
    """Return what finds one nick in a text, where `named` does."""
    ends = re.escape(_ENDS)
    return re.compile(rf"(?<![\w.-]){re.escape(nick)}(?=[{ends}]*(?![\w.-]))", re.IGNORECASE)
