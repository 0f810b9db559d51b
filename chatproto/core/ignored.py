"""Ignored: the members that one does not read, by nick and by id.

Must not know members or events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core import names
from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import IGNORED_GONE, IGNORED_PER_MEMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

# Nearly every member ignores nothing: so these are made anew with every change, and shared until then.
_NO_NAMES: Final[Mapping[str, str]] = {}
_NO_IDS: Final[Mapping[int, str]] = {}


class Ignored:
    """The members that one does not read.

    names     the ignored nicks, as the member gave them, by key
    ids       for each member here who bears one of these nicks, or has borne one since coming: by id, the last such key
    """

    __slots__ = ("_gone", "ids", "names")

    def __init__(self) -> None:
        self.names = _NO_NAMES
        self.ids = self._gone = _NO_IDS  # what a member said before leaving may be read later

    def __bool__(self) -> bool:
        """Return whether any nick is ignored."""
        return bool(self.names)

    def hides(self, origin: int, author: str) -> bool:
        """Return whether an author is ignored, by the id or by the nick."""
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
        """Ignore a nick no more; return the ids of the members who were ignored by it."""
        dropped = [one_id for one_id, name in self.ids.items() if name == key]
        self.names = {other: nick for other, nick in self.names.items() if other != key}
        self.ids = _without(key, self.ids)
        self._gone = _without(key, self._gone)
        return dropped

    def follow(self, member_id: int, key: str) -> None:
        """Ignore a member that bears the ignored nick of that key."""
        self.ids = {**self.ids, member_id: key}

    def leave(self, member_id: int) -> None:
        """Note that an ignored member has gone: only the last few of these are remembered."""
        gone = [*self._gone.items(), (member_id, self.ids[member_id])]
        self._gone = dict(gone[-IGNORED_GONE:])
        self.ids = {other: key for other, key in self.ids.items() if other != member_id}


def _without(key: str, ids: Mapping[int, str]) -> Mapping[int, str]:
    return {one_id: other for one_id, other in ids.items() if other != key}
