"""The gate before all doors: how many connections there may be, in all and from one address.

Must not know what is done with a connection.
"""

from __future__ import annotations

import resource
from collections import Counter
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from chatproto.core.limits import CONNECTIONS_PER_ADDRESS, SPARE_DESCRIPTORS
from chatproto.errors import NotAllowed
from chatproto.language import _, _n

if TYPE_CHECKING:
    from ipaddress import IPv4Address


class Gate:
    """Counts who is inside."""

    def __init__(self, per_address: int = CONNECTIONS_PER_ADDRESS, most: int | None = None) -> None:
        self._per_address = per_address
        self._most = most if most is not None else _descriptors() - SPARE_DESCRIPTORS
        self._inside: Counter[str] = Counter()
        self._count = 0

    def enter(self, host: str) -> str:
        """Let a connection in; give the ticket with which it leaves.

        Raises NotAllowed when there are too many, in all or from there.
        """
        if self._count >= self._most:
            raise NotAllowed(_("The server is full. Try again later."))
        ticket = _origin(host)
        if ticket and self._inside[ticket] >= self._per_address:
            raise NotAllowed(
                _n(
                    "There is {count} connection from your address, the most there may be.",
                    "There are {count} connections from your address, the most there may be.",
                    self._inside[ticket],
                )
            )
        self._count += 1
        if ticket:
            self._inside[ticket] += 1
        return ticket

    def leave(self, ticket: str) -> None:
        """Let a connection out."""
        self._count -= 1
        if ticket:
            self._inside[ticket] -= 1
            if not self._inside[ticket]:
                del self._inside[ticket]


def _origin(host: str) -> str:
    """Give what counts as one origin: an IPv4 address, an IPv6 /64; "" for loopback and sockets."""
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, IPv6Address):
        network = ip_network((address, 64), strict=False)
        assert isinstance(network, IPv6Network)
        return str(network)
    return str(address)


def _descriptors() -> int:
    """Let this process have as many descriptors as it may, and give that number."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
