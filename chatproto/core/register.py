"""The register: which member bears which nick, and whether a nick is free.

Must not know rooms.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from chatproto.core import names, reserved
from chatproto.core.lookalikes import Lookalikes, Looks, looks
from chatproto.core.spans import span
from chatproto.errors import NotFound, Taken
from chatproto.language import _
from chatproto.limits import SILENCE_TOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproto.core.rooms import Member
    from chatproto.language import Sentence


class Wish(NamedTuple):
    """A nick that is asked for: until the answer comes no member bears it, and no other may have it."""

    nick: str
    key: str
    looks: Looks
    spoke: float


class Register:
    """The nicks of all members: each is unique in any case, and looks like no other."""

    def __init__(self) -> None:
        self._by_key: dict[str, Member | Wish] = {}
        self._lookalikes: Lookalikes[Member | Wish] = Lookalikes()
        self._guests = 0

    @contextmanager
    def reserved(self, nick: str, now: float) -> Iterator[None]:
        """Reserve a nick for the peer that asks for it, until the answer has come."""
        wish = Wish(nick, names.key(nick), looks(nick), now)
        self.add(wish)
        try:
            yield
        finally:
            self.remove(wish)

    def add(self, member: Member | Wish) -> None:
        """Note a member under its nick."""
        self._by_key[member.key] = member
        self._lookalikes.add(member, member.looks)

    def remove(self, member: Member | Wish) -> None:
        """Let a member's nick be free again."""
        del self._by_key[member.key]
        self._lookalikes.remove(member, member.looks)

    def find(self, nick: str) -> Member:
        """Return the member who has that nick.  Raise NotFound, or NotAllowed when it can be no nick."""
        found = self._by_key.get(names.wanted(nick))
        if found is None or isinstance(found, Wish):
            raise NotFound(_("Nobody here is called “{nick}”. /who lists who is here.", nick=nick))
        return found

    def bearer(self, nick: str) -> Member | None:
        """Return the member who has that nick, if any."""
        found = self._by_key.get(names.key(nick))
        return None if isinstance(found, Wish) else found

    def guest(self) -> str:
        """Return the next guest's nick that is free."""
        self._guests += 1
        while self.rival(nick := f"guest-{self._guests}"):
            self._guests += 1
        return nick

    def check(self, nick: str, now: float, member: Member | None = None) -> None:
        """Raise NotAllowed or Taken when a member, or a newcomer, may not have a nick."""
        reserved.check(nick, looks(nick))
        rival = self.rival(nick, member)
        if rival and rival.key == names.key(nick):
            raise Taken(_taken(nick, now - rival.spoke))
        if rival:
            raise Taken(
                _("“{nick}” looks like “{rival}”, who is here. Choose another name.",
                  nick=nick, rival=rival.nick)
            )  # fmt: skip

    def rival(self, nick: str, member: Member | None = None) -> Member | Wish | None:
        """Return another member who has that nick, is about to have it, or has one that passes for it."""
        bearer = self._by_key.get(names.key(nick))
        if bearer and bearer is not member:
            return bearer
        rivals = self._lookalikes.rivals(looks(nick))
        return next((rival for rival in rivals if rival is not member), None)


def _taken(nick: str, silent: float) -> Sentence:
    """Return that a nick is taken, and how long its member has been silent, if that is worth telling."""
    if silent < SILENCE_TOLD:
        return _("“{nick}” is taken. Choose another name.", nick=nick)
    return _("“{nick}” is taken; silent for {span}. Choose another name.", nick=nick,
             span=span(silent))  # fmt: skip
