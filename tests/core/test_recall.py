"""What the log knows of a room that comes into memory, and the members who wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from chatproto.core.events import Draft, Event, Kind
from chatproto.core.facts import Topic
from chatproto.core.ports import RoomRecord
from chatproto.core.recall import recall
from chatproto.core.rooms import Rooms
from chatproto.doors.plain import PlainProtocol
from chatproto.log.memory import MemoryArchive
from chatproto.voices.line import LineVoice
from fakes import Clock, InMemoryServer

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from chatproto.core.events import Ids


class Waiting:
    """Alice, bob and carol wait for the garden's past; the log answers when it is told to."""

    def __init__(self) -> None:
        self.archive = MemoryArchive(Clock())
        self.answer: Deferred[RoomRecord | None] = Deferred()
        self.archive.room = lambda name: self.answer  # type: ignore[method-assign]
        self.rooms = Rooms()
        self.room = self.rooms.bring("garden")
        self.shown: list[str] = []
        self.faults: list[Exception] = []
        for nick in ("alice", "bob", "carol"):
            self.wait(nick)

    def wait(self, nick: str) -> None:
        recall(
            self.room, self.rooms, self.archive, 5, lambda: self.show(nick), fail=self.faults.append
        )

    def show(self, nick: str) -> None:
        self.shown.append(nick)
        if nick != "bob":
            raise LookupError(nick)


def test_whoever_fails_keeps_nobody_waiting_and_each_fault_is_told() -> None:
    waiting = Waiting()
    waiting.answer.callback(RoomRecord("garden", Topic("roses", "dave", 1, 9)))
    assert waiting.shown == ["alice", "bob", "carol"]
    assert [str(fault) for fault in waiting.faults] == ["alice", "carol"]
    assert waiting.room.readers is None


def test_a_past_that_could_not_be_read_is_asked_for_again_whoever_failed() -> None:
    waiting = Waiting()
    waiting.answer.errback(OSError("the disk is gone"))
    assert len(waiting.faults) == 2
    waiting.answer = Deferred()
    waiting.wait("bob")
    assert waiting.shown == ["alice", "bob", "carol"]
    waiting.answer.callback(None)
    assert waiting.shown == ["alice", "bob", "carol", "bob"]


class Stumbling(LineVoice):
    """A voice that cannot say one line of the past."""

    def past(
        self, event: Event, now: float, current: str, ids: Ids = (), *, numbered: bool
    ) -> bytes:
        raise ZeroDivisionError


def test_those_who_join_with_one_who_fails_are_shown_the_room_and_each_fault_is_in_the_log(
    failures: list[Failure],
) -> None:
    server = InMemoryServer()
    server.order.append(Draft(5, Kind.SAID, "garden", "dave", 9, "", 0, "old"))
    server.clock.turn()
    server.chat.rooms.forget("garden")
    peers = {nick: server.enter(PlainProtocol, nick) for nick in ("alice", "bob", "carol")}
    answer: Deferred[RoomRecord | None] = Deferred()
    server.archive.room = lambda name: answer  # type: ignore[method-assign]
    for nick, peer in peers.items():
        peer.read()
        if nick != "bob":
            assert peer.door.session
            peer.door.session.reader.voice = Stumbling("en")
        peer.send("/join garden")
    answer.callback(RoomRecord("garden"))
    assert "dave: old" in peers["bob"].read()
    assert [failure.type for failure in failures] == [ZeroDivisionError] * 2
    assert all("past" in failure.getTraceback() for failure in failures)
    for peer in peers.values():
        peer.read()
    peers["bob"].send("hello")
    for nick in ("alice", "carol"):  # held no more
        assert "bob: hello\n" in peers[nick].read()


def test_the_setter_of_a_recalled_topic_is_known_under_any_name() -> None:
    server = InMemoryServer()
    alice, bob = (server.enter(PlainProtocol, nick) for nick in ("alice", "bob"))
    alice.send("/ignore bob")
    for line in ("/nick rob", "/join garden", "/topic roses", "/quit"):
        bob.send(line)
    server.clock.advance(3)
    server.chat.rooms.forget("garden")
    alice.read()
    alice.send("/join garden")
    assert "roses" not in alice.read()
