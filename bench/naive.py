"""The chat that every tutorial ends with: one `transport.write` per member and line.

The peer to beat by design rather than by language: same interpreter, same reactor. It speaks the
telnet dialect of the load generator; like the original it does not announce joins, keeps
nothing and limits nothing.

Must not know anything else of ours. Source: Twisted's "Writing Servers" how-to, chatserver.py.
"""

import sys

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorCore, IReactorTCP
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

BACKLOG = 1024


class Naive(LineReceiver):
    """One person in the only room."""

    name: bytes | None = None

    def __init__(self, room: set["Naive"]) -> None:
        self.room = room

    # Twisted calls these

    def connectionMade(self) -> None:
        """Ask for a name."""
        assert self.transport is not None
        self.transport.write(b"Your name: ")

    def lineReceived(self, line: bytes) -> None:
        """Take the first line for a name and the others for talk."""
        if self.name is None:
            self.name = line
            self.room.add(self)
            self.sendLine(b"Welcome. There is no /help.")
        else:
            self.tell_others(self.name + b": " + line)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave without a word: the benchmark hangs up 8,000 at once."""
        self.room.discard(self)

    # -

    def tell_others(self, line: bytes) -> None:
        """Write to each, one by one: the whole point of this file."""
        for member in self.room:
            if member is not self:
                member.sendLine(line)


def serve(port: int) -> None:
    """Run until killed."""
    room: set[Naive] = set()
    factory = Factory.forProtocol(lambda: Naive(room))
    factory.noisy = False
    IReactorTCP(reactor).listenTCP(port, factory, BACKLOG, "127.0.0.1")  # type: ignore[arg-type]
    IReactorCore(reactor).run()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
