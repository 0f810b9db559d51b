"""Asking as a member at a door does, and reading the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakes import Peer


def ask(peer: Peer, line: str) -> list[str]:
    """Send a line; return the lines that come at once."""
    peer.read()
    peer.send(line)
    return peer.read().splitlines()


def told(peer: Peer) -> list[str]:
    """Return the lines that have come."""
    return peer.read().splitlines()
