"""What became of what was asked for together: it happened, it is a repeat, or it was refused.

Must not know the archive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatproto.core.events import Draft, Presence
from chatproto.errors import NotSaid
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Asked, Event, Happened
    from chatproto.core.ports import Follower


class Outcome(NamedTuple):
    """What became of it: each of what was asked for stands in one of these.

    happened   what is durable, and the presences in their places among it
    repeats    drafts that were asked for before, each with the event that they are
    refused    drafts that were not made durable, because of the error
    """

    happened: Sequence[Happened] = ()
    repeats: Sequence[tuple[Draft, Event]] = ()
    refused: Sequence[Draft] = ()
    error: NotSaid | None = None

    def tell(self, follower: Follower) -> None:
        """Tell a follower all of it."""
        if self.happened:
            follower.happened(self.happened)
        for draft, event in self.repeats:
            follower.repeated(draft, event)
        if self.error and self.refused:
            follower.refused(self.refused, self.error)


def refusal(
    asked: Sequence[Asked], error: Exception, repeats: Sequence[tuple[Draft, Event]] = ()
) -> Outcome:
    """Return the outcome of what cannot be written.  Presences pass all the same, as do repeats of what is durable."""
    reason = error if isinstance(error, NotSaid) else _unwritable(error)
    told = {id(draft) for draft, _event in repeats}
    passed = [one for one in asked if isinstance(one, Presence)]
    refused = [one for one in asked if isinstance(one, Draft) and id(one) not in told]
    return Outcome(passed, repeats, refused, reason)


def _unwritable(error: Exception) -> NotSaid:
    return NotSaid(_("The log could not be written ({reason}). It was not sent.", reason=error))
