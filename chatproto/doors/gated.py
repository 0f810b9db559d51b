"""A door with the gate before it: a factory around the door's own.

    let in    the door's own protocol is built, and given its ticket: nothing stands between it and its connection
    refused   a protocol that says why, and closes

So no door asks whether a peer may come in, and nothing that is sent or received passes here.
Must not know commands or rooms.
Source: twisted.protocols.policies.WrappingFactory, whose ProtocolWrapper would cost a call for each write and read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from typing import Protocol as Seam

from twisted.internet.protocol import Protocol
from twisted.protocols.policies import WrappingFactory

from chatproto.errors import NotAllowed
from chatproto.wire import wire

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress

    from chatproto.clock import Clock
    from chatproto.doors.gate import Gate
    from chatproto.language import Sentence
    from chatproto.wire import Wire


class Door(Seam):
    """What is asked of a door's factory; its protocols have a `ticket`, with which they leave when they are done.

    name   what the log calls the door
    """

    name: str

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Return a protocol for one connection."""

    def logPrefix(self) -> str:
        """Return what Twisted's log calls the factory."""

    def refusal(self, sentence: Sentence) -> bytes:
        """Return a sentence as a peer that may not come in reads it."""


class GatedFactory(WrappingFactory):
    """Builds a door's protocols for the connections that the gate lets in."""

    noisy = False

    def __init__(self, gate: Gate, door: Door) -> None:
        super().__init__(door)
        self.gate = gate
        self._door = door

    # Twisted calls these

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Return the protocol for one connection: the door's own, or one that refuses it."""
        try:
            ticket = self.gate.enter(getattr(addr, "host", ""), self._door.name)
        except NotAllowed as error:
            return Refusal(self._door.refusal(error.sentence), self.gate.clock)
        protocol = None
        try:
            protocol = self._door.buildProtocol(addr)
        finally:
            if protocol is None:  # the door fails, or takes no peer: then none is inside
                ticket.leave()
        if protocol is not None:
            protocol.ticket = ticket
        return protocol

    def logPrefix(self) -> str:
        """Return the door's own: the log tells of doors, not of what stands before them."""
        return self._door.logPrefix()


class Refusal(Protocol):
    """One connection that may not come in."""

    _wire: Wire

    def __init__(self, said: bytes, clock: Clock) -> None:
        self._said = said
        self._clock = clock

    # Twisted calls these

    def connectionMade(self) -> None:
        """Say why, and close; a peer that does not let that happen is cut off."""
        self._wire = wire(self.transport, self._clock)
        self._wire.send(self._said)
        self._wire.close()

    def connectionLost(self, reason: Any = None) -> None:
        """Have nothing more to do."""
        self._wire.detach()
