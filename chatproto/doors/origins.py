"""Where connections come from: an IPv4 address, or an IPv6 /64, and what is remembered of each.

This machine and sockets in the file system are nowhere: behind a local proxy all peers come from here, and the proxy
counts them.  An origin whose peers have left is remembered for as long as there is room, so no number of addresses
costs more than ORIGINS_REMEMBERED of them.
Must not know sessions or the clock (the time is passed in).
Sources: RFC 4291 section 2.5.1 (a /64 is one network), RFC 4291 section 2.5.5.2 (IPv4 inside of IPv6).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from chatproto.core.pace import Bucket, Rate, Window
from chatproto.limits import (
    ARRIVALS_PER_ADDRESS,
    ARRIVALS_SECONDS,
    CONNECTIONS_PER_ADDRESS,
    CONNECTIONS_PER_TALKER,
    ORIGINS_REMEMBERED,
    ROOMS_OPENED,
    ROOMS_OPENED_SECONDS,
)

if TYPE_CHECKING:
    from ipaddress import _BaseAddress


@dataclass(frozen=True, slots=True)
class PerAddress:
    """What one address may do.

    connections   that may be open at once
    arrivals      that may come within ARRIVALS_SECONDS
    """

    connections: int = CONNECTIONS_PER_ADDRESS
    arrivals: int = ARRIVALS_PER_ADDRESS

    @property
    def talkers(self) -> int:
        """Return how many members' pace all connections of one address have together."""
        return max(1, self.connections // CONNECTIONS_PER_TALKER)

    @property
    def rooms(self) -> int:
        """Return how many rooms may be made from there within ROOMS_OPENED_SECONDS."""
        return max(ROOMS_OPENED, ROOMS_OPENED * self.connections // CONNECTIONS_PER_ADDRESS)


class Origin:
    """What is remembered of one origin.

    inside     its connections that are open
    arrivals   when the last of them came, and so whether one more may
    opened     the rooms that all of them made of late
    talk       how fast all of them may talk together; None for any speed
    """

    __slots__ = ("arrivals", "inside", "name", "opened", "talk")

    def __init__(self, name: str, limits: PerAddress, rate: Rate | None, now: float) -> None:
        self.name = name
        self.inside = 0
        self.arrivals = Window(limits.arrivals, ARRIVALS_SECONDS)
        self.opened = Window(limits.rooms, ROOMS_OPENED_SECONDS)
        self.talk = Bucket(rate.times(limits.talkers), now) if rate else None


class Origins:
    """All origins: those with connections, and the last ones that had some."""

    def __init__(
        self, limits: PerAddress, rate: Rate | None, most: int = ORIGINS_REMEMBERED
    ) -> None:
        self.limits = limits
        self._rate = rate
        self._most = most
        self._here: dict[str, Origin] = {}
        self._left: dict[str, Origin] = {}  # in the order in which they left

    @property
    def count(self) -> int:
        """Return how many are remembered, with and without connections."""
        return len(self._here) + len(self._left)

    def find(self, name: str, now: float) -> Origin:
        """Return what is remembered of an origin; one that is new is not kept until it enters."""
        known = self._here.get(name) or self._left.get(name)
        return known or Origin(name, self.limits, self._rate, now)

    def enter(self, origin: Origin) -> None:
        """Count a connection more."""
        origin.inside += 1
        self._left.pop(origin.name, None)
        self._here[origin.name] = origin

    def leave(self, origin: Origin) -> None:
        """Count a connection less; forget the origin that was left first, when there are too many."""
        origin.inside -= 1
        if origin.inside:
            return
        del self._here[origin.name]
        self._left[origin.name] = origin
        if len(self._left) > self._most:
            del self._left[next(iter(self._left))]


_NETWORK: Final = 64  # bits of an IPv6 address that one subscriber has at the least


def address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address of a peer; None for a socket in the file system."""
    try:
        found: _BaseAddress = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found
    assert isinstance(found, IPv4Address)
    return found


def origin_of(host: str, *, loopback: bool = False) -> str:
    """Return the name of a peer's origin, "" for nowhere; `loopback` when this machine is one like any other."""
    found = address(host)
    if found is None or (found.is_loopback and not loopback):
        return ""
    if isinstance(found, IPv6Address):
        network = ip_network((found, _NETWORK), strict=False)
        assert isinstance(network, IPv6Network)
        return str(network)
    return str(found)
