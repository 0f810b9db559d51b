"""Ignoring: the members that one does not read, whatever nick they take.

A nick is ignored, and with it each member who bears it now or takes it later: such a member stays ignored for as long
as it is here, under any nick.
Must not know events or readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from chatproto.core import names
from chatproto.errors import NotAllowed
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.rooms import Member, Seat

Key = TypeVar("Key", str, int)


class Ignoring:
    """For each ignored member and nick, the members who ignore it."""

    def __init__(self) -> None:
        self._by_key: dict[str, set[Member]] = {}
        self._by_id: dict[int, set[Member]] = {}

    def of(self, member_id: int) -> frozenset[Member] | set[Member]:
        """Return the members who ignore the one of that id."""
        return self._by_id.get(member_id, frozenset())

    def toggle(self, member: Member, nick: str, bearer: Member | None) -> bool:
        """Ignore a nick, or ignore it no more; return whether it is ignored now.

        `bearer` is the member who has that nick now.  Raise NotAllowed.
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
        for one_id in member.ignored.drop(key):
            _discard(self._by_id, one_id, member)

    def _follow(self, member: Member, bearer: Member) -> None:
        for one_id in bearer.ids:
            member.ignored.follow(one_id, bearer.key)
            self._by_id.setdefault(one_id, set()).add(member)

    def note_nick(self, bearer: Member) -> None:
        """Take note of the nick that a member has from now on."""
        for member in self._by_key.get(bearer.key, ()):
            if member is not bearer:
                self._follow(member, bearer)

    def note_seat(self, seat: Seat) -> None:
        """Take note of another seat of a member: what is said there is said by the same member."""
        bearer = seat.member
        for member in self._by_id.get(bearer.id, frozenset()) - self._by_id.get(
            seat.id, frozenset()
        ):
            member.ignored.follow(seat.id, member.ignored.ids[bearer.id])
            self._by_id.setdefault(seat.id, set()).add(member)

    def forget(self, member: Member) -> None:
        """Forget a member that has gone, as one that ignores and as one that is ignored."""
        for key in member.ignored.names:
            _discard(self._by_key, key, member)
        for one_id in member.ignored.ids:
            _discard(self._by_id, one_id, member)
        self.forget_seats(member.ids)

    def forget_seats(self, ids: Iterable[int]) -> None:
        """Note that nothing more is done by these ids, and few of them need be remembered."""
        for one_id in ids:
            for member in self._by_id.pop(one_id, ()):
                member.ignored.leave(one_id)


def _discard(index: dict[Key, set[Member]], key: Key, member: Member) -> None:
    """Take a member out of an index, which keeps no empty sets."""
    index[key].discard(member)
    if not index[key]:
        del index[key]
