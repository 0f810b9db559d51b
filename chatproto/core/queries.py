"""What of the past is asked for, and what is given: lines of which author, between which numbers, with which words.

    Scope   what a member may read: rooms, and what is private to or from that member
    Span    a range of numbers in a scope: a page of history
    Query   what is searched for in a scope
    Piece   what was read of a range at once
    Found   what a search found

Which member may read a private line is decided by ids alone, the member's and its seats', which no two members share:
a later bearer of a nick reads nothing that was said to the former one.
Must not know SQL or commands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.core import names
from chatproto.core.events import ADDRESSED, INDEXED, REMEMBERED
from chatproto.limits import PREFIX_LENGTH

if TYPE_CHECKING:
    from chatproto.core.events import Event, Ids


_LETTER: Final = re.compile(r"[^\W_]")


class Partner(NamedTuple):
    """The other side of a private conversation.

    key   of the nick that the partner bore when it was said, or
    ids   of the partner, under any nick; none for a member who is not here now
    """

    key: str
    ids: Ids = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the log is read.

    rooms     what was said in these rooms
    ids       and what is private to or from the member who has these; none for nothing private
    partner   only what the member and this one said to each other, of that
    """

    rooms: tuple[str, ...] = ()
    ids: Ids = ()
    partner: Partner | None = None

    def has(self, event: Event) -> bool:
        """Return whether an event is in it."""
        if event.kind in REMEMBERED:
            return event.room in self.rooms
        if event.kind not in ADDRESSED:
            return False
        if event.origin in self.ids:
            return self._is_with(event.target, event.to)
        return event.target in self.ids and self._is_with(event.origin, event.author)

    def _is_with(self, one_id: int, name: str) -> bool:
        partner = self.partner
        return partner is None or one_id in partner.ids or partner.key == names.key(name)


class Span(NamedTuple):
    """A range of numbers in a scope: over `after`, up to and with `upto`; at most `lines` of them."""

    scope: Scope
    after: int
    upto: int
    lines: int


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for.

    scope    where
    words    each must be there; a long one (`is_beginning`) may be the beginning of what is there
    author   the key of the nick under which it was said; "" for any
    since    not before then, and
    until    before then (milliseconds since 1970); 0 for any time
    """

    scope: Scope
    words: tuple[str, ...] = ()
    author: str = ""
    since: int = 0
    until: int = 0

    def fits(self, event: Event) -> bool:
        """Return whether an event is what is searched for, whatever its words; one that has none has no words."""
        return (
            self.scope.has(event)
            and (not self.words or event.kind in INDEXED)
            and (not self.author or names.key(event.author) == self.author)
            and event.time >= self.since
            and (not self.until or event.time < self.until)
        )


class Piece(NamedTuple):
    """What was read: all that there is up to and with number `upto`, where the next piece begins."""

    events: list[Event]
    upto: int


class Found(NamedTuple):
    """What was found; not `whole` when the time was over before all had been looked at."""

    events: list[Event]
    whole: bool = True


def has_letters(word: str) -> bool:
    """Return whether a word has anything that can be searched for: a letter or a digit."""
    return _LETTER.search(word) is not None


def is_beginning(word: str) -> bool:
    """Return whether a word is long enough to be searched for as the beginning of one."""
    return len(_LETTER.findall(word)) >= PREFIX_LENGTH
