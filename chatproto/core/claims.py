"""Claims on a server of its own that has no accounts: only the members who are here have a say.

Must not know members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import succeed

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from chatproto.core.identity import Identity


class Unclaimed:
    """Every nick may be borne."""

    def claim(self, _nick: str, _identity: Identity) -> Deferred[None]:
        """Allow it, at once."""
        return succeed(None)

    def release(self, nick: str) -> None:
        """Have nothing to note."""
