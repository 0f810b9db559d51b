"""Ignoring: whom a member does not read, by whatever name they go.

A name is ignored, and with it each member who bears it now or takes it later: these stay ignored as long as they are
here, whatever they call themselves next.
Must not know what is read, or how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from chatproto.core import names
from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import IGNORED_GONE, IGNORED_PER_MEMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproto.core.rooms import Member

Key = TypeVar("Key", str, int)


# What nearly everybody has of each of these: so they are made anew with every change, and shared until then.
_NO_NAMES: Final[Mapping[str, str]] = {}
_NO_NUMBERS: Final[Mapping[int, str]] = {}


class Ignored:
    """Whom one member does not read.

    names     by key, the names as the member gave them
    ids       who bears one of these names, or did since they came: by id, the last such key
    """

    __slots__ = ("_gone", "ids", "names")

    def __init__(self) -> None:
        self.names = _NO_NAMES
        self.ids = self._gone = _NO_NUMBERS  # what those who left said before may be read after it

    def __bool__(self) -> bool:
        """Return whether anybody is ignored."""
        return bool(self.names)

    def hides(self, origin: int, author: str) -> bool:
        """Return whether what this member, or somebody of this name, does is not to be read."""
        if not self.names:
            return False
        return origin in self.ids or origin in self._gone or names.key(author) in self.names

    def key_of(self, nick: str, member_id: int) -> str:
        """Return the ignored name that is meant by a nick, borne by the member `member_id`; "" for none."""
        key = names.key(nick)
        return key if key in self.names else self.ids.get(member_id, "")

    def add(self, nick: str) -> None:
        """Ignore a name.  Raise NotAllowed when there are too many."""
        if len(self.names) >= IGNORED_PER_MEMBER:
            raise NotAllowed(
                _(
                    "You are ignoring {most} names, which is the most allowed.",
                    most=IGNORED_PER_MEMBER,
                )
            )
        self.names = {**self.names, names.key(nick): nick}

    def drop(self, key: str) -> list[int]:
        """Ignore a name no more; return the members who were ignored by it."""
        dropped = [number for number, name in self.ids.items() if name == key]
        self.names = {other: nick for other, nick in self.names.items() if other != key}
        self.ids = _without(key, self.ids)
        self._gone = _without(key, self._gone)
        return dropped

    def follow(self, member_id: int, key: str) -> None:
        """Ignore a member by a name of theirs."""
        self.ids = {**self.ids, member_id: key}

    def leave(self, member_id: int) -> None:
        """Take note that a member has gone: of those only the last few are remembered."""
        gone = [*self._gone.items(), (member_id, self.ids[member_id])]
        self._gone = dict(gone[-IGNORED_GONE:])
        self.ids = {other: key for other, key in self.ids.items() if other != member_id}


def _without(key: str, numbers: Mapping[int, str]) -> Mapping[int, str]:
    return {number: other for number, other in numbers.items() if other != key}


class Ignoring:
    """Who ignores whom, seen from those who are ignored."""

    def __init__(self) -> None:
        self._by_key: dict[str, set[Member]] = {}
        self._by_id: dict[int, set[Member]] = {}

    def of(self, member_id: int) -> frozenset[Member] | set[Member]:
        """Return who ignores this member."""
        return self._by_id.get(member_id, frozenset())

    def toggle(self, member: Member, nick: str, bearer: Member | None) -> bool:
        """Stop, or begin again, to read somebody; return whether they are ignored now.

        `bearer` is whoever is called so now.  Raise NotAllowed.
        """
        if names.key(nick) == member.key:
            raise NotAllowed(_("That is you."))
        if key := member.ignored.key_of(nick, bearer.id if bearer else 0):
            self._read_again(member, key)
            return False
        member.ignored.add(nick)
        self._by_key.setdefault(names.key(nick), set()).add(member)
        if bearer:
            self._follow(member, bearer)
        return True

    def _read_again(self, member: Member, key: str) -> None:
        _discard(self._by_key, key, member)
        for number in member.ignored.drop(key):
            _discard(self._by_id, number, member)

    def _follow(self, member: Member, bearer: Member) -> None:
        member.ignored.follow(bearer.id, bearer.key)
        self._by_id.setdefault(bearer.id, set()).add(member)

    def note_nick(self, bearer: Member) -> None:
        """Take note of the name that a member bears from now on."""
        for member in self._by_key.get(bearer.key, ()):
            if member is not bearer:
                self._follow(member, bearer)

    def forget(self, member: Member) -> None:
        """Take note that a member has gone: they ignore nobody, and bear no name."""
        for key in member.ignored.names:
            _discard(self._by_key, key, member)
        for number in member.ignored.ids:
            _discard(self._by_id, number, member)
        for other in self._by_id.pop(member.id, ()):
            other.ignored.leave(member.id)


def _discard(index: dict[Key, set[Member]], key: Key, member: Member) -> None:
    """Take a member out of an index, which keeps no empty sets."""
    index[key].discard(member)
    if not index[key]:
        del index[key]
