"""Readers that lag: who takes nothing, who is held, and how they come level again, from the tail or from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from sitting import SHORT_LINE, LateArchive, Sitting, seats
from twisted.internet.defer import fail
from twisted.logger import Logger

from chatproto.core.events import Event, Kind
from chatproto.delivery import batch as batches
from chatproto.delivery import catchup
from chatproto.doors.plain import PlainProtocol
from chatproto.errors import NotRead
from chatproto.language import _
from chatproto.limits import BATCH_BYTES
from chatproto.log.memory import MemoryArchive
from fakes import InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.ports import RoomRecord


# -- falling behind -------------------------------------------------------------------------------


def test_who_takes_a_part_gets_nothing_more_until_that_is_out() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    bob.wire.window = 3
    alice.say("one")
    alice.say("two")
    alice.say("three")
    assert bob.wire.waiting == b"ce: one\n"
    assert bob.read() == "alice: one\n"
    bob.wire.drain()
    assert bob.read() == "alice: two\nalice: three\n"


def test_who_is_behind_is_not_read_from_until_they_are_level() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    bob.wire.window = 0
    alice.say("one")
    assert not bob.is_read_from
    bob.wire.drain()
    assert bob.is_read_from
    alice.say("two")
    assert bob.read() == "alice: one\nalice: two\n"


def test_one_who_does_not_read_is_nobody_elses_trouble() -> None:
    alice, bob, carol = seats(InMemoryServer(), "alice", "bob", "carol")
    bob.wire.window = 0
    for number in range(100):
        alice.say(str(number))
    assert carol.read() == "".join(f"alice: {number}\n" for number in range(100))


def test_who_never_reads_costs_the_rest_of_one_batch() -> None:
    server = InMemoryServer()
    peer = server.seat(PlainProtocol, "bob")
    (alice,) = seats(server, "alice")
    peer.read()
    peer.take(0)
    server.chat.say(alice.seat, "first")
    for number in range(5000):
        server.chat.say(alice.seat, f"line {number} " + "x" * 100)
        if not number % 50:
            server.clock.turn()
    peer.turn()
    assert 0 < peer.held <= BATCH_BYTES
    assert peer.held < 200 * 100


def test_in_a_flood_that_is_at_most_one_piece() -> None:
    server = InMemoryServer()
    peer = server.seat(PlainProtocol, "bob")
    (alice,) = seats(server, "alice")
    peer.take(0)
    alice.say(*("x" * 1000 for _ in range(2000)))
    peer.turn()
    assert BATCH_BYTES // 2 < peer.held <= BATCH_BYTES


def test_who_falls_behind_in_a_flood_gets_the_rest_of_it() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    bob.wire.window = 100
    lines = [f"{number} " + "x" * 500 for number in range(1000)]
    alice.say(*lines)
    bob.wire.drain()
    assert bob.read() == "".join(f"alice: {line}\n" for line in lines)


def test_catching_up_may_take_several_tries() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
    for _turn in range(10):
        bob.wire.drain(window=4)
    bob.wire.drain()
    assert bob.read() == "".join(f"alice: {number}\n" for number in range(10))


def test_what_has_left_the_memory_is_read_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 5 * SHORT_LINE)
    monkeypatch.setattr(catchup, "CATCH_UP_LINES", 7)
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    bob.wire.window = 0
    for number in range(50):
        alice.say(str(number))
        server.chat.say_privately(alice.seat, "bob", f"p{number}")
    server.clock.turn()
    bob.wire.drain()
    server.clock.turn(20)
    expected = "".join(f"alice: {number}\n[alice -> you] p{number}\n" for number in range(50))
    assert bob.read() == expected
    alice.say("live")
    assert bob.read() == "alice: live\n"


def test_a_long_way_through_the_log_is_no_deep_recursion() -> None:
    """As many lines behind as may be, and a piece of the log in each turn."""
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    bob.wire.window = 0
    for _turn in range(99):
        for _line in range(500):
            server.chat.say(alice.seat, "x")
        server.clock.turn()
    bob.wire.drain()
    server.clock.turn(500)
    assert bob.read().count("alice: x\n") == 99 * 500


def test_who_is_too_far_behind_is_told_how_many_lines_were_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 5 * SHORT_LINE)
    monkeypatch.setattr(catchup, "BEHIND_MOST", 20)
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    bob.wire.window = 0
    alice.say("0")
    for number in range(1, 41):
        alice.say(str(number))
    bob.wire.drain()
    assert bob.read() == (
        "alice: 0\n-- You fell behind: 40 lines were skipped. /history has them.\n"
    )
    alice.say("live")
    assert bob.read() == "alice: live\n"


def test_a_flood_in_a_room_where_one_is_not_skips_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 5 * SHORT_LINE)
    monkeypatch.setattr(catchup, "BEHIND_MOST", 20)
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    gardener = Sitting(server, "gail", "garden")
    bob.wire.window = 0
    alice.say("0")
    for number in range(40):
        gardener.say(str(number))
    bob.wire.drain()
    assert bob.read() == "alice: 0\n"
    alice.say("live")
    assert bob.read() == "alice: live\n"


# -- answers that come later, or not at all -------------------------------------------------------


def fall_behind(alice: Sitting, bob: Sitting) -> None:
    """Let bob take nothing while alice says ten lines, then let him read on."""
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
    bob.wire.drain()


def late_house(monkeypatch: pytest.MonkeyPatch) -> tuple[InMemoryServer, LateArchive]:
    monkeypatch.setattr(batches, "TAIL_BYTES", 3 * SHORT_LINE)
    server = InMemoryServer(archive=LateArchive)
    assert isinstance(server.archive, LateArchive)
    return server, server.archive


def test_what_became_durable_while_the_log_was_asked_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, log = late_house(monkeypatch)
    alice, bob = seats(server, "alice", "bob")
    fall_behind(alice, bob)
    alice.say("delivered by now")
    server.chat.say(alice.seat, "durable by now")
    log.answer()
    server.clock.turn()
    while log.questions:
        log.answer()
    expected = [*map(str, range(10)), "delivered by now", "durable by now"]
    assert bob.read() == "".join(f"alice: {text}\n" for text in expected)


def test_nothing_is_sent_while_an_answer_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    server, log = late_house(monkeypatch)
    alice, bob = seats(server, "alice", "bob")
    fall_behind(alice, bob)
    bob.read()
    alice.say("more")
    bob.wire.on_ready()
    assert bob.read() == ""
    assert len(log.questions) == 1
    assert not bob.is_read_from


def test_who_leaves_while_an_answer_is_on_its_way_is_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, log = late_house(monkeypatch)
    alice, bob = seats(server, "alice", "bob")
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
        server.chat.say_privately(alice.seat, "bob", "psst")
    server.clock.turn()
    bob.wire.drain()
    bob.read()
    bob.leave()
    log.answer()
    assert bob.read() == ""
    assert not log.questions


@pytest.mark.parametrize("error", [NotRead(_("the disk is gone")), KeyError("ours")])
def test_a_log_that_cannot_be_read_skips_what_is_missing_and_says_so(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(catchup, "_log", Logger(observer=cast("Any", seen.append)))
    monkeypatch.setattr(batches, "TAIL_BYTES", 3 * SHORT_LINE)
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    monkeypatch.setattr(server.archive, "after", lambda *_: fail(error))
    fall_behind(alice, bob)
    assert bob.read() == "alice: 0\n-- The log could not be read: some lines were skipped.\n"
    alice.say("live")
    assert bob.read() == "alice: live\n"
    faults = [event["log_failure"].type for event in seen if "log_failure" in event]
    assert len(seen) == 1
    assert faults == (
        [KeyError] if isinstance(error, KeyError) else []
    )  # a traceback for ours alone


# -- held while something older is shown ----------------------------------------------------------


def test_who_is_held_reads_afterwards_what_happened_meanwhile() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    alice.say("one")
    assert bob.read() == ""
    bob.reader.tell(_("something older"))
    server.delivery.release(bob.reader)
    alice.say("two")
    assert bob.read() == "-- something older\nalice: one\nalice: two\n"


def test_who_is_held_twice_is_released_twice() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    server.delivery.hold(bob.reader)
    alice.say("one")
    server.delivery.release(bob.reader)
    assert bob.read() == ""
    server.delivery.release(bob.reader)
    assert bob.read() == "alice: one\n"


def test_a_wire_that_clears_does_not_release() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    bob.wire.window = 0
    bob.reader.tell(_("something older"))
    alice.say("one")
    bob.wire.drain()
    assert bob.read() == "-- something older\n"
    server.delivery.release(bob.reader)
    assert bob.read() == "alice: one\n"
    assert bob.is_read_from


def test_who_does_not_take_what_is_shown_is_released_when_they_do() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    bob.wire.window = 0
    bob.reader.tell(_("something older"))
    server.delivery.release(bob.reader)
    alice.say("one")
    assert bob.read() == "-- something older\n"
    bob.wire.drain()
    assert bob.read() == "alice: one\n"


# -- what is theirs to read -----------------------------------------------------------------------


def test_lines_from_before_they_came_are_not_theirs_however_late_they_read() -> None:
    server = InMemoryServer()
    alice, bob = Sitting(server, "alice", "lobby", "garden"), Sitting(server, "bob")
    server.delivery.hold(bob.reader)
    server.chat.say(alice.seat, "before", name="garden")
    server.clock.turn()
    server.chat.join(bob.seat, "garden")
    server.chat.say(alice.seat, "after", name="garden")
    server.clock.turn()
    server.delivery.release(bob.reader)
    assert "before" not in (read := bob.read())
    assert "alice: after" in read


def test_nor_when_they_read_them_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TAIL_BYTES", 2 * SHORT_LINE)
    server = InMemoryServer()
    alice, bob = Sitting(server, "alice", "lobby", "garden"), Sitting(server, "bob")
    server.delivery.hold(bob.reader)
    for number in range(5):
        server.chat.say(alice.seat, f"before {number}", name="garden")
        server.clock.turn()
    server.chat.join(bob.seat, "garden")
    for number in range(5):
        server.chat.say(alice.seat, f"after {number}", name="garden")
        server.clock.turn()
    server.delivery.release(bob.reader)
    server.clock.turn()
    assert [line for line in bob.read().splitlines() if ":" in line] == [
        f"alice: after {number}" for number in range(5)
    ]


def test_who_leaves_and_comes_again_begins_again() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    server.chat.leave(bob.seat, "lobby")
    alice.say("while bob was out")
    server.chat.join(bob.seat, "lobby")
    alice.say("while bob was in")
    server.delivery.release(bob.reader)
    assert [line for line in bob.read().splitlines() if ":" in line] == ["alice: while bob was in"]


def test_who_falls_behind_before_the_first_new_line_reads_no_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log holds lines from before the server was started again."""

    class OldArchive(MemoryArchive):
        def open(self) -> tuple[int, Sequence[RoomRecord]]:
            self.store(
                [
                    Event(seq, 0, Kind.SAID, "lobby", "zoe", 1, "", 0, f"old {seq}")
                    for seq in range(1, 10)
                ]
            )
            return super().open()

    server = InMemoryServer(archive=OldArchive)
    monkeypatch.setattr(batches, "TAIL_BYTES", 2 * SHORT_LINE)
    alice, bob = seats(server, "alice", "bob")
    server.delivery.hold(bob.reader)
    for number in range(5):
        alice.say(f"new {number}")
    server.delivery.release(bob.reader)
    server.clock.turn()
    assert bob.read().splitlines() == [f"alice: new {number}" for number in range(5)]
