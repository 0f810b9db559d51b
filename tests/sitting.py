"""People who read, without a session between; and an archive that answers when it is told to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from raw_voice import RawVoice
from twisted.internet.defer import Deferred

from chatproto.core.identity import NOBODY
from chatproto.delivery import batch as batches
from chatproto.delivery.reader import Reader
from chatproto.log.memory import MemoryArchive
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from fakes import InMemoryServer, MemoryProducer, MemoryWire, enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.identity import Identity
    from chatproto.core.ports import Store
    from chatproto.core.queries import Piece, Scope
    from chatproto.language import Sentence
    from chatproto.voices.voice import Voice


T = TypeVar("T")

SHORT_LINE = batches.EVENT_BYTES + 64  # bytes that an event with a few letters takes in the tail

PLAIN, TELNET, RAW = LineVoice("en"), LineVoice("en", b"\r\n"), RawVoice()


class Sitting:
    """A reader, without a session between."""

    def __init__(
        self,
        server: InMemoryServer,
        nick: str,
        *rooms: str,
        voice: Voice = PLAIN,
        waits: bool = True,
        identity: Identity = NOBODY,
    ) -> None:
        self.server = server
        self.wire = MemoryWire()
        self.is_read_from = True
        self.is_dismissed = False
        self.reader = Reader(self.wire, voice, Valve(MemoryProducer(self._pause, self._resume)))
        self.reader.sitting = self
        self.seat = enter(server.chat, nick, identity)
        self.member = self.seat.member
        server.delivery.attach(self.reader, self.seat)
        for room in rooms or ("lobby",):
            server.chat.join(self.seat, room)
        if waits:
            server.clock.turn()
            server.clock.advance(2)
            server.clock.turn()
            self.wire.read()

    def _pause(self) -> None:
        self.is_read_from = False

    def _resume(self) -> None:
        self.is_read_from = True

    def say(self, *texts: str) -> None:
        for text in texts:
            self.server.chat.say(self.seat, text)
        self.server.clock.turn()

    def read(self) -> str:
        return self.wire.read()

    def objects(self) -> list[dict[str, Any]]:
        """Return what was read as JSON."""
        return [json.loads(line) for line in self.read().splitlines()]

    def send_home(self, sentence: Sentence) -> None:
        self.reader.tell(sentence)
        self.server.delivery.detach(self.reader)
        self.is_dismissed = True

    def leave(self) -> None:
        self.server.delivery.detach(self.reader)
        self.server.chat.seating.quit(self.seat)


def seats(server: InMemoryServer, *nicks: str) -> list[Sitting]:
    made = [Sitting(server, nick) for nick in nicks]
    for seat in made:
        seat.read()
    return made


class LateArchive(MemoryArchive):
    """An archive whose answers come when the test says so, with what it holds by then.

    An event is durable, and can be read, before it is handed on: as with one of files.
    """

    def __init__(self, reactor: Any) -> None:
        super().__init__(reactor)
        self.questions: list[Callable[[], None]] = []
        self.readers: set[int] = set()

    def write(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        self._reactor.callLater(0, done, work(self))

    def after(self, scope: Scope, seq: int, upto: int, limit: int) -> Deferred[Piece]:
        self.readers.update(scope.ids)
        answer: Deferred[Piece] = Deferred()

        def answer_now() -> None:
            answer.callback(self._read_on(scope, seq, upto, limit))

        self.questions.append(answer_now)
        return answer

    def answer(self) -> None:
        """Answer the oldest question."""
        if self.questions:
            self.questions.pop(0)()
