"""A seat: where a member sits; each connection of theirs has one, and one that broke leaves it for a moment.

Must not know connections, or what is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatproto.core.identity import Identity
    from chatproto.core.preferences import Preferences
    from chatproto.core.rooms import Member, Room


class Seat:
    """Where a member sits.

    id            the origin of what is said here; no two members share one, on this server or after a restart
    member        whose it is
    identity      what the peer that sits here has shown of itself
    current_room  the one that what is said here goes to
    seen          the seq of the last event brought here when its connection broke, from which the next one goes on;
                  None while there is a connection
    preferences   how the member prefers to read and type here, when its connection broke; None before
    """

    __slots__ = ("current_room", "id", "identity", "member", "preferences", "seen")

    def __init__(self, number: int, member: Member, identity: Identity) -> None:
        self.id = number
        self.member = member
        self.identity = identity
        self.current_room: Room | None = None
        self.seen: int | None = None
        self.preferences: Preferences | None = None
