"""Lookalikes: which names pass for one another on a screen.

The skeleton of UTS 39 says what a text looks like as it is written.  A name is the same in any case, so it also owns
what it looks like in capitals and in small letters; and people read over a stroke under a letter.  Two names are rivals
when one of them, as it is written, looks like the other in some case:

    alice  AIice     a capital i
    alice  ᎪᏞᏆᏟᎬ     Cherokee, which looks like ALICE
    Tom    ТОМ       Cyrillic; not Том, whose м is no m

Must not know rooms, members or nicks.
Sources: UTS 39 revision 32, 4 (skeleton); the table is chatproto.core.confusables.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from chatproto.core import confusables

if TYPE_CHECKING:
    from collections.abc import Iterator

Owner = TypeVar("Owner")

_PROTOTYPES: Final = confusables.read()
# The four of them that most names have at the most.
_ASCII: Final = [
    (char, look) for point, look in _PROTOTYPES.items() if (char := chr(point)).isascii()
]

# UTS 39 has these as letters apart; as names, ᴀʟɪᴄᴇ and ᎪᏞᏆᏟᎬ are ALICE.  (ᴍ is left out: it has м with it.)
_SMALL_CAPITALS: Final = str.maketrans("ᴀʙᴅᴇꜰɢʜᴊĸʟɴᴘꞯʀᴛ", "abdefghjklnpqrt")
_ALSO_ALIKE: Final = _SMALL_CAPITALS | str.maketrans("Ꮖꮖ", "li")  # a Cherokee I, as l stands for I

# The marks of no script: what NFC leaves of them after a letter is no letter of any alphabet.
_LOOSE_MARKS: Final = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


class Looks(NamedTuple):
    """What a name looks like; in tuples, since they are few, and a thousand members have some each.

    shown     as it is written
    claimed   and written in other cases
    """

    shown: tuple[str, ...]
    claimed: tuple[str, ...]

    def rival(self, other: Looks) -> bool:
        """Return whether one of two names passes for the other."""
        return any(look in other.claimed for look in self.shown) or any(
            look in self.claimed for look in other.shown
        )


def skeleton(text: str) -> str:
    """Return what is the same for all texts that look like this one, as UTS 39 has it."""
    if text.isascii():
        for char, look in _ASCII:
            text = text.replace(char, look)
        return text
    mapped = unicodedata.normalize("NFD", text).translate(_PROTOTYPES)
    return unicodedata.normalize("NFD", mapped)


@lru_cache(maxsize=512)  # a name is asked for a few times as a member comes in
def looks(name: str) -> Looks:
    """Return what a name looks like."""
    shown, claimed = set(), set()
    for form in _with_and_without_marks(name):
        outline = _outline(form)
        shown |= {f"={outline}", f"~{_roughly(outline)}"}
        claimed.add(f"={_outline(form.upper())}")
        if not form.islower():
            small = _with_and_without_marks(form.lower())
            claimed |= {f"~{_roughly(_outline(one))}" for one in small}
    return Looks(tuple(sorted(shown)), tuple(sorted(shown | claimed)))


def _with_and_without_marks(name: str) -> set[str]:
    if name.isascii():
        return {name}
    return {name, _LOOSE_MARKS.sub("", unicodedata.normalize("NFC", name))}


def _roughly(outline: str) -> str:
    """Return what is the same in any case: the outline in small letters, which have outlines again."""
    if outline.isascii() and outline.islower():
        return outline
    while (rougher := _outline(outline.lower())) != outline:
        outline = rougher
    return outline


def _outline(name: str) -> str:
    """Return the skeleton, with the few pairs that it leaves apart."""
    outline = skeleton(name)
    return outline if outline.isascii() else skeleton(outline.translate(_ALSO_ALIKE))


class Lookalikes(Generic[Owner]):
    """Names and their owners, found by what the names look like."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[tuple[Owner, Looks], ...]] = {}

    def add(self, owner: Owner, name: Looks) -> None:
        """Note a name."""
        one = owner, name  # a thousand members have some each
        for look in name.claimed:
            self._owners[look] = (*self._owners.get(look, ()), one)

    def remove(self, owner: Owner, name: Looks) -> None:
        """Forget a name."""
        for look in name.claimed:
            if others := tuple(one for one in self._owners[look] if one[0] != owner):
                self._owners[look] = others
            else:
                del self._owners[look]

    def rivals(self, name: Looks) -> Iterator[Owner]:
        """Return the owners of names that pass for this one, or that this one passes for."""
        for look in name.claimed:
            for owner, theirs in self._owners.get(look, ()):
                if name.rival(theirs):
                    yield owner
