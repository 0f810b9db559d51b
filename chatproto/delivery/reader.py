"""A reader: one connection's cursor in what happened.

Must not know what is read, or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chatproto.valve import Why

if TYPE_CHECKING:
    from chatproto.core.rooms import Member
    from chatproto.delivery.batch import Voice
    from chatproto.language import Sentence
    from chatproto.valve import Valve
    from chatproto.wire import Wire


class Source(Protocol):
    """Whoever brings a reader what happens."""

    def stop(self, reader: Reader) -> None:
        """Their wire is not clear: send no more."""

    def go_on(self, reader: Reader) -> None:
        """Their wire is clear again: read on."""


class Reader:
    """Somebody who reads.

    member    who; None until they have a name
    source    who brings them what happens; None until they have a name
    live      level with everybody, and sent each batch as it comes
    held      for how many reasons they are not to be sent anything: each time, something older is shown
    asking    an answer from the log is on its way
    at        the number of the last batch, `seq` of the last event they have had; while not live
    """

    __slots__ = (
        "asking", "at", "held", "live", "looking", "member", "seq", "source", "valve", "voice",
        "wire",
    )  # fmt: skip

    def __init__(self, wire: Wire, voice: Voice, valve: Valve) -> None:
        self.wire = wire
        self.voice = voice
        self.valve = valve
        self.member: Member | None = None
        self.source: Source | None = None
        self.looking = ""
        self.live = self.asking = False
        self.at = self.seq = self.held = 0
        wire.cleared = self.cleared

    def send(self, data: bytes) -> None:
        """Send something to this reader alone: a reply, for instance."""
        if data and not self.wire.send(data):
            # Who does not read is not read from: else replies would pile up.
            self.valve.shut(Why.BEHIND)
            if self.source:
                self.source.stop(self)

    def tell(self, *sentences: Sentence) -> None:
        """Send this reader something that nobody said."""
        self.send(self.voice.frame(b"".join(self.voice.notice(one) for one in sentences)))

    def cleared(self) -> None:
        """All that was sent is out."""
        if self.source:
            self.source.go_on(self)
        else:
            self.valve.open(Why.BEHIND)
