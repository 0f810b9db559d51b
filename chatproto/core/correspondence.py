"""Correspondence: the members that one has written to privately, so that no line goes to the wrong one by its nick.

A name may change hands between two lines; then the second one is held back until it is given again.
Must not know events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import CORRESPONDENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproto.core.absence import Absence


class Addressee(Protocol):
    """The member who is written to, as far as it matters here."""

    id: int
    key: str
    nick: str
    away: Absence | None


class Correspondent(NamedTuple):
    """The member who bore a nick when it was last written to, and the last of its absences that was told."""

    id: int
    absence: int = 0


_NOBODY: Final[Mapping[str, Correspondent]] = {}  # shared: most members write no private line


class Correspondence:
    """The members that one has written to, by the key of the nick that was used: the last few."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known = _NOBODY

    def check(self, to: Addressee, members: Mapping[int, Addressee]) -> None:
        """Raise NotAllowed, once, when another member bore this nick when it was last written to."""
        known = self._known.get(to.key)
        if known is None or known.id == to.id:
            return
        self._remember(to, Correspondent(to.id))
        before = members.get(known.id)
        if before is not None:
            raise NotAllowed(
                _("The “{nick}” you wrote to is “{now}” now, and this is somebody else."
                  " Nothing was sent; to send it anyway, type it again.",
                  nick=to.nick, now=before.nick)
            )  # fmt: skip
        raise NotAllowed(
            _("The “{nick}” you wrote to has left, and this may be somebody else."
              " Nothing was sent; to send it anyway, type it again.", nick=to.nick)
        )  # fmt: skip

    def note(self, to: Addressee) -> None:
        """Take note that a member is written to."""
        known = self._known.get(to.key)
        same = known if known and known.id == to.id else Correspondent(to.id)
        self._remember(to, same)

    def tell_absence(self, of: Addressee) -> bool:
        """Return whether this member is away and that is still to be told: once for each absence."""
        known = self._known.get(of.key)
        if of.away is None or (known and known == (of.id, of.away.id)):
            return False
        self._remember(of, Correspondent(of.id, of.away.id))
        return True

    def _remember(self, member: Addressee, known: Correspondent) -> None:
        others = [(key, other) for key, other in self._known.items() if key != member.key]
        self._known = dict([*others, (member.key, known)][-CORRESPONDENTS:])
