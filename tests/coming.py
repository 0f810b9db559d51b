"""Peers who have just come in, with what they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.doors.plain import PlainProtocol

if TYPE_CHECKING:
    from fakes import InMemoryServer, Peer


def come(server: InMemoryServer, name: str) -> Peer:
    """Return a peer who gave a name, and has read nothing since."""
    peer = server.knock(PlainProtocol)
    peer.read()
    peer.send(name)
    return peer
