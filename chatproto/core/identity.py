"""An identity: what is known of a peer, whatever nick it wishes for.

Must not know nicks, rooms or doors.
"""

from __future__ import annotations

from typing import NamedTuple


class Identity(NamedTuple):
    """What a peer has shown of itself.

    account   the account whose password or key it has; "" for a guest
    key       the fingerprint of the SSH key that it has proved to hold; "" without one
    address   where it comes from; "" when that is this machine
    door      the name of the door it came in by; "" when that is not known
    """

    account: str = ""
    key: str = ""
    address: str = ""
    door: str = ""

    @property
    def is_proved(self) -> bool:
        """Return whether it could be told from any other peer, if it came again."""
        return bool(self.account or self.key)

    def is_same(self, other: Identity) -> bool:
        """Return whether both have proved to be one person: by the account, or by the key."""
        if self.account or other.account:
            return self.account == other.account
        return bool(self.key) and self.key == other.key


NOBODY = Identity()
