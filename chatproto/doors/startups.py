"""Startups: how many peers may be on their way in at once, connected and not in the chat yet.

Between `free` and `most` a share is turned away that grows with their number, so that a flood of strangers does not
shut all others out.  Must not know sockets or sessions.  Source: sshd_config(5), MaxStartups.
"""

from __future__ import annotations

from random import random
from typing import TYPE_CHECKING

from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import STARTUPS_FREE, STARTUPS_MOST, STARTUPS_RATE

if TYPE_CHECKING:
    from collections.abc import Callable


class Startups:
    """Counts the peers that are on their way in."""

    def __init__(
        self,
        free: int = STARTUPS_FREE,
        rate: int = STARTUPS_RATE,
        most: int = STARTUPS_MOST,
        chance: Callable[[], float] = random,
    ) -> None:
        self._free, self._rate, self._most = free, rate, most
        self._chance = chance
        self.count = 0

    def begin(self) -> None:
        """Let one begin.  Raise NotAllowed when it is turned away."""
        if self.count >= self._most or self._chance() < self._share():
            raise NotAllowed(_("Too many people are logging in at once. Try again in a minute."))
        self.count += 1

    def end(self) -> None:
        """Note that one is in the chat, or gone."""
        self.count -= 1

    def _share(self) -> float:
        """Return the share of peers that is turned away just now."""
        over = self.count - self._free
        if over < 0:
            return 0.0
        return (self._rate + (100 - self._rate) * over / (self._most - self._free)) / 100
