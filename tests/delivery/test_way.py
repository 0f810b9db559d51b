"""The way of a batch, and of a line, goes from file to file, and comes back to none again and again.

What is called is recorded while a server in memory does it, and then followed as code is read: from a function
to the functions that it calls, in the order of the lines they are called on, each function once, however many readers
or events it is called for.  A *visit* of a file is a run of such steps within it: to come back to a file
for another of its functions is another visit.  No file may be visited more than twice.
How a line looks is not followed: any voice, and any editor, is one file, of which things are asked.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from raw_voice import RawVoice
from twisted.internet.protocol import Protocol

import chatproto
from chatproto.core.events import Kind
from chatproto.core.pace import Rate
from chatproto.delivery.reader import Reader
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.terminal import Editor
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from chatproto.wire import SocketWire
from fakes import InMemoryServer, MemoryConnection, MemoryProducer, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from chatproto.voices.voice import Voice

HOUSE = f"{Path(chatproto.__file__).parent}/"
LOOKS = {"voices/": "voices/voice.py", "terminal/": "terminal/editor.py"}
VISITS = 2


class Step(NamedTuple):
    """A function, and the file it is in."""

    file: str
    name: str


class Trace:
    """The calls from one module of the house to another, and their lines."""

    def __init__(self) -> None:
        self._calls: dict[Step, dict[Step, int]] = defaultdict(dict)

    def of(self, call: Callable[[], object]) -> Trace:
        """Make a call, and record what follows from it."""
        sys.setprofile(self._note)
        try:
            call()
        finally:
            sys.setprofile(None)
        return self

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not _is_function(frame.f_code):
            return
        caller = frame.f_back
        while caller and not _is_function(caller.f_code):
            caller = caller.f_back
        if caller and not _file(caller.f_code).startswith((*LOOKS,)):
            callees = self._calls[_step(caller.f_code)]
            callee = _step(frame.f_code)
            callees[callee] = min(caller.f_lineno, callees.get(callee, caller.f_lineno))

    def walk(
        self, start: Callable[..., object], end: Callable[..., object] | None = None
    ) -> list[Step]:
        """Return the functions from `start` on, as they are met in reading; up to and with `end`."""
        met: dict[Step, None] = {}
        for step in self._follow(_step(_code(start)), met):
            if end and step == _step(_code(end)):
                break
        return list(met)

    def _follow(self, step: Step, met: dict[Step, None]) -> Iterator[Step]:
        if step in met:
            return
        met[step] = None
        yield step
        callees = self._calls.get(step, {})
        for callee in sorted(callees, key=lambda one: (callees[one], one)):
            yield from self._follow(callee, met)


def _code(function: Callable[..., object]) -> CodeType:
    return cast("Any", function).__code__  # type: ignore[no-any-return]


def _file(code: CodeType) -> str:
    return code.co_filename.removeprefix(HOUSE)


def _is_function(code: CodeType) -> bool:
    """Return whether it is a function of the house, to be read: a comprehension is a part of one, a hash a lookup."""
    return code.co_filename.startswith(HOUSE) and not code.co_name.startswith(("<", "__hash__"))


def _step(code: CodeType) -> Step:
    file = _file(code)
    for folder, face in LOOKS.items():
        if file.startswith(folder):
            return Step(face, code.co_name)
    return Step(file, code.co_qualname)


def visits(way: list[Step]) -> list[tuple[str, list[str]]]:
    """Return the files in the order in which they are visited, each with what is read there."""
    return [
        (file, [step.name for step in steps])
        for file, steps in groupby(way, lambda step: step.file)
    ]


def visited_too_often(way: list[Step]) -> dict[str, int]:
    counts = Counter(file for file, _names in visits(way))
    return {file: count for file, count in counts.items() if count > VISITS}


class Sitting:
    """A member behind a socket, without a session between."""

    def __init__(self, server: InMemoryServer, nick: str, voice: Voice, *more: str) -> None:
        self.connection = MemoryConnection(Protocol(), server.clock)
        wire = SocketWire(self.connection, server.clock)
        self.reader = Reader(wire, voice, Valve(MemoryProducer()))
        self.seat = enter(server.chat, nick)
        server.delivery.attach(self.reader, self.seat)
        for room in ("lobby", *more):
            server.chat.join(self.seat, room)
        server.clock.advance(2)
        server.clock.turn()


def full_room() -> tuple[InMemoryServer, Sitting, Sitting]:
    """Return a room with a member of every kind, one who speaks, and one who takes nothing more."""
    server = InMemoryServer()
    alice = Sitting(server, "alice", LineVoice("en"), "garden")
    Sitting(server, "bob", LineVoice("en"))
    Sitting(server, "carol", LineVoice("ru", b"\r\n"))
    Sitting(server, "dan", TerminalVoice("en"))
    types = Sitting(server, "eve", TerminalVoice("en"))
    types.reader.editor = Editor("> ", 80, 24)
    list(types.reader.editor.receive(b"half a li"))
    server.delivery.set_typing(types.reader, typing=True)
    server.chat.ignore(Sitting(server, "fay", LineVoice("en")).seat.member, "carol")
    lags = Sitting(server, "gus", LineVoice("en"))
    Sitting(server, "hal", LineVoice("en"), "garden")
    Sitting(server, "ida", TerminalVoice("ru"), "garden")
    Sitting(server, "jo", RawVoice(), "garden")
    lags.connection.memory.window = 3
    return server, alice, lags


def say_all_kinds(server: InMemoryServer, alice: Sitting) -> None:
    zoe, yves = (enter(server.chat, nick) for nick in ("zoe", "yves"))
    for seat in (zoe, yves):
        server.chat.join(seat, "lobby")
        server.chat.join(seat, "garden")
    server.chat.say(yves, "hi")
    server.chat.seating.rename(zoe, "zora")
    server.chat.seating.quit(yves)
    server.chat.set_topic(alice.seat, "herbs")
    server.chat.say(alice.seat, "hello dan", name="lobby")
    server.chat.say(alice.seat, "waves", Kind.DID, name="garden")
    server.chat.say_privately(alice.seat, "eve", "psst")


def test_a_batch_goes_its_way_from_file_to_file() -> None:
    server, alice, _lags = full_room()
    say_all_kinds(server, alice)
    way = Trace().of(server.clock.turn).walk(type(server.order)._take)
    assert {"delivery/selection.py", "delivery/catchup.py", "wire.py"} <= {
        step.file for step in way
    }
    assert not visited_too_often(way), visits(way)


def test_a_reader_catches_up_from_file_to_file() -> None:
    server, alice, lags = full_room()
    say_all_kinds(server, alice)
    server.clock.turn()
    server.chat.say(alice.seat, "more")
    server.clock.turn()
    lags.connection.memory.window = None
    assert not lags.reader.live
    way = Trace().of(lags.connection.turn).walk(SocketWire.resumeProducing)
    assert lags.reader.live
    assert {"delivery/catchup.py", "delivery/selection.py"} <= {step.file for step in way}
    assert not visited_too_often(way), visits(way)


def test_a_line_goes_its_way_from_the_wire_to_the_log() -> None:
    server = InMemoryServer(rate=Rate(1000, 1000))
    peer = server.enter(TelnetProtocol, "alice")
    trace = Trace().of(lambda: peer.door.dataReceived(b"hello\r\n"))
    way = trace.walk(TelnetProtocol.dataReceived, type(server.order).append)
    assert [step.file for step in way][-1] == "log/embedded.py"
    assert not visited_too_often(way), visits(way)
