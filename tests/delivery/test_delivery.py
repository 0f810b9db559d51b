"""Delivery: each reader reads every line once, in one order, however slowly it reads."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)
from raw_voice import RawVoice
from twisted.internet.defer import Deferred, fail
from twisted.internet.protocol import Protocol
from twisted.logger import Logger

import chatproto.wire
from chatproto.core.chat import Chat
from chatproto.core.events import Change, Draft, Event, Kind, Presence
from chatproto.core.identity import Identity
from chatproto.core.ports import Log
from chatproto.delivery import batch as batches
from chatproto.delivery import catchup
from chatproto.delivery.delivery import Delivery
from chatproto.delivery.reader import Reader
from chatproto.errors import NotAllowed, NotRead, NotSaid, Taken
from chatproto.language import _, language
from chatproto.limits import BATCH_BYTES, MENTIONS_PER_LINE
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from chatproto.wire import SocketWire
from fakes import (
    Clock,
    InMemoryServer,
    MemoryConnection,
    MemoryProducer,
    MemoryWire,
    answer_of,
    enter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.python.failure import Failure

    from chatproto.core.events import Ids
    from chatproto.core.ports import RoomRecord, Store
    from chatproto.core.queries import Piece, Scope
    from chatproto.core.rooms import Member, Seat
    from chatproto.language import Sentence
    from chatproto.voices.voice import Crowd, Shown, Voice

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
    ) -> None:
        self.server = server
        self.wire = MemoryWire()
        self.is_read_from = True
        self.is_dismissed = False
        self.reader = Reader(self.wire, voice, Valve(MemoryProducer(self._pause, self._resume)))
        self.reader.sitting = self
        self.seat = enter(server.chat, nick)
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


# -- which reader is sent what ------------------------------------------------------------------


def test_ones_own_lines_are_not_sent_back() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    alice.say("hi")
    assert alice.read() == ""
    assert bob.read() == "alice: hi\n"


def test_the_others_are_given_one_and_the_same_object() -> None:
    alice, bob, carol = seats(InMemoryServer(), "alice", "bob", "carol")
    alice.say("hi")
    assert bob.wire.given[0] is carol.wire.given[0]


def test_so_are_those_who_read_alike_in_another_voice() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    others = [Sitting(server, nick, voice=TELNET) for nick in ("carol", "dave")]
    bob.read()
    others[0].read()
    alice.say("hi")
    one, two = (other.wire.given for other in others)
    assert one == [b"alice: hi\r\n"]
    assert one[0] is two[0]
    assert bob.read() == "alice: hi\n"


def test_those_who_are_in_a_room_of_a_mixed_batch_share_bytes_too() -> None:
    server = InMemoryServer()
    alice, bob, carol = seats(server, "alice", "bob", "carol")
    gardener, other = Sitting(server, "gail", "garden"), Sitting(server, "gus", "garden")
    gardener.read()
    server.chat.say(alice.seat, "in the lobby")
    server.chat.say(gardener.seat, "in the garden")
    server.clock.turn()
    assert bob.wire.given[0] is carol.wire.given[0]
    assert bob.read() == "alice: in the lobby\n"
    assert other.read() == "gail: in the garden\n"
    assert (alice.read(), gardener.read()) == ("", "")


def test_all_that_became_durable_together_is_sent_at_once() -> None:
    alice, bob = seats(InMemoryServer(), "alice", "bob")
    alice.say("one", "two", "three")
    assert bob.wire.given == [b"alice: one\nalice: two\nalice: three\n"]


def test_a_talker_reads_the_others_of_the_same_batch() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    for text in ("1", "2"):
        server.chat.say(alice.seat, text)
        server.chat.say(bob.seat, text)
    server.clock.turn()
    assert alice.read() == "bob: 1\nbob: 2\n"
    assert bob.read() == "alice: 1\nalice: 2\n"


def test_who_is_in_several_rooms_reads_all_in_one_order() -> None:
    server = InMemoryServer()
    alice, wanderer = (
        Sitting(server, "alice", "lobby", "garden"),
        Sitting(server, "will", "garden", "lobby"),
    )
    alice.read()
    for number in range(6):
        server.chat.say(alice.seat, str(number), name="garden" if number % 2 else "lobby")
    server.clock.turn()
    assert wanderer.read() == (
        "alice: 0\n#garden alice: 1\nalice: 2\n#garden alice: 3\nalice: 4\n#garden alice: 5\n"
    )


def test_who_is_ignored_is_not_read_whatever_they_do() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.chat.ignore(bob.member, "alice")
    server.delivery.refresh(bob.member)
    alice.say("can you hear me")
    server.chat.say_privately(alice.seat, "bob", "can you?")
    server.chat.set_topic(alice.seat, "ears")
    answer_of(server.chat.seating.rename(alice.seat, "shouting"))
    alice.say("can you hear me now")
    server.chat.seating.quit(alice.seat, "you cannot stop me")
    server.clock.turn()
    server.clock.advance(2)
    server.clock.turn()
    assert bob.read() == ""


def test_a_private_line_is_read_by_one() -> None:
    server = InMemoryServer()
    alice, bob, carol = seats(server, "alice", "bob", "carol")
    server.chat.say_privately(alice.seat, "bob", "psst")
    server.clock.turn()
    assert bob.read() == "[alice -> you] psst\n"
    assert carol.read() == alice.read() == ""


def test_a_private_line_keeps_its_place_among_the_others() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    server.chat.say(alice.seat, "one")
    server.chat.say_privately(alice.seat, "bob", "two")
    server.chat.say(alice.seat, "three")
    server.clock.turn()
    assert bob.read() == "alice: one\n[alice -> you] two\nalice: three\n"


def test_a_rename_is_read_once_by_who_shares_two_rooms() -> None:
    server = InMemoryServer()
    alice, bob = (
        Sitting(server, "alice", "lobby", "garden"),
        Sitting(server, "bob", "lobby", "garden"),
    )
    only = Sitting(server, "carol", "garden")
    for seat in (alice, bob, only):
        seat.read()
    answer_of(server.chat.seating.rename(alice.seat, "ann"))
    server.clock.turn()
    assert bob.read().count("alice is now ann") == 1
    assert only.read() == "-- alice is now ann\n"
    assert "ann" not in alice.read()


def test_the_same_rename_done_again_is_read_again() -> None:
    server = InMemoryServer()
    alice, bob = (
        Sitting(server, "alice", "lobby", "garden"),
        Sitting(server, "bob", "lobby", "garden"),
    )
    alice.read()
    for name in ("ann", "alice", "ann"):
        answer_of(server.chat.seating.rename(alice.seat, name))
    server.clock.turn()
    assert [line.split("-- ")[1] for line in bob.read().splitlines()] == [
        "alice is now ann", "ann is now alice", "alice is now ann",
    ]  # fmt: skip


def test_another_voice_counts_from_the_next_line() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    bob.reader.voice = LineVoice("ru")
    server.delivery.refresh(bob.member)
    answer_of(server.chat.seating.rename(alice.seat, "ann"))
    server.clock.turn()
    sentence = _("{old} is now {new}", old="alice", new="ann")
    assert bob.read() == f"-- {language('ru').read(sentence)}\n"
    assert "is now" not in language("ru").read(sentence)


def test_who_left_is_sent_nothing_more() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    bob.leave()
    alice.say("hello?")
    assert bob.read() == ""
    bob.wire.drain()
    assert bob.read() == ""


def test_what_was_not_said_is_told_to_the_speaker_alone() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    draft = Draft(0, Kind.SAID, "lobby", "alice", alice.member.id, "", 0, "lost words")
    server.chat.refused([draft], NotSaid(_("The disk is full.")))
    assert alice.read() == "-- The disk is full.\n-- Not sent: lost words\n"
    assert bob.read() == ""


def test_nobody_is_told_when_the_speaker_is_gone() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    draft = Draft(0, Kind.SAID, "lobby", "alice", alice.member.id, "", 0, "lost words")
    alice.leave()
    server.chat.refused([draft], NotSaid(_("The disk is full.")))
    assert alice.read() == bob.read() == ""


def test_what_is_said_again_by_its_ref_is_read_once() -> None:
    server = InMemoryServer()
    alice, bob = seats(server, "alice", "bob")
    for _time in range(2):
        for ref in ("1", "2"):
            server.chat.say(alice.seat, f"line {ref}", ref=ref)
        server.clock.turn()
    assert bob.read() == "alice: line 1\nalice: line 2\n"
    assert alice.read() == ""


# -- falling behind -----------------------------------------------------------------------------


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
    peer = server.seat(chat_door(), "bob")
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
    peer = server.seat(chat_door(), "bob")
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


# -- answers that come later, or not at all ------------------------------------------------------


class LateArchive(MemoryArchive):
    """An archive whose answers come when the test says so, with what it holds by then.

    An event is durable, and can be read, before it is handed on: as in an archive of files.
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
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
    bob.wire.drain()
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
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
    bob.wire.drain()
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
    bob.wire.window = 0
    for number in range(10):
        alice.say(str(number))
    bob.wire.drain()
    assert bob.read() == "alice: 0\n-- The log could not be read: some lines were skipped.\n"
    alice.say("live")
    assert bob.read() == "alice: live\n"
    faults = [event["log_failure"].type for event in seen if "log_failure" in event]
    assert len(seen) == 1
    assert faults == (
        [KeyError] if isinstance(error, KeyError) else []
    )  # a traceback for ours alone


# -- held while something older is shown ---------------------------------------------------------


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


# -- members who came -----------------------------------------------------------------------------


def test_who_comes_in_a_crowd_reads_of_those_who_came_after_them() -> None:
    """A member is shown those who were here before, and knows of itself."""
    server = InMemoryServer()
    ann = Sitting(server, "ann")
    bea, cat, dan = (Sitting(server, nick, waits=False) for nick in ("bea", "cat", "dan"))
    server.clock.turn()
    server.clock.advance(2)
    server.clock.turn()
    assert ann.read() == "-- bea joined\n-- cat and dan joined\n"
    assert bea.read() == "-- cat and dan joined\n"
    assert cat.read() == "-- dan joined\n"
    assert dan.read() == ""


def test_a_quit_is_read_once_by_who_shares_two_rooms() -> None:
    server = InMemoryServer()
    alice, bob = (
        Sitting(server, "alice", "lobby", "garden"),
        Sitting(server, "bob", "garden", "lobby"),
    )
    only, raw = (
        Sitting(server, "carol", "garden"),
        Sitting(server, "dan", "garden", "lobby", voice=RAW),
    )
    for seat in (alice, bob, only, raw):
        seat.read()
    server.chat.seating.quit(alice.seat, "tea")
    server.clock.turn()
    assert bob.read() == "-- alice left: tea\n"
    assert only.read() == "-- alice left: tea\n"
    assert [one["change"] for one in raw.objects()] == ["QUIT"]


def test_a_crowd_that_quits_is_read_once_whenever_each_room_is_told() -> None:
    """The lobby is told at once, the garden a moment later: a member has just come in there."""
    server = InMemoryServer()
    ann, bea = Sitting(server, "ann", "lobby", "garden"), Sitting(server, "bea", "garden")
    both, garden = Sitting(server, "cat", "lobby", "garden"), Sitting(server, "dan", "garden")
    Sitting(server, "eve", "garden", waits=False)
    server.clock.turn()
    for seat in (both, garden):
        seat.read()
    server.chat.seating.quit(ann.seat)
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    assert both.read() == "#lobby -- ann left\n"
    server.clock.advance(2)
    assert both.read() == "-- bea left\n"
    assert garden.read() == "-- ann and bea left\n"


def test_a_raw_voice_reads_each_at_once_with_its_member_in_order_with_the_lines() -> None:
    server = InMemoryServer()
    raw, ann = Sitting(server, "raw", voice=RAW), Sitting(server, "ann")
    raw.read()
    bea, cat, dan = (Sitting(server, nick, waits=False) for nick in ("bea", "cat", "dan"))
    server.chat.say(cat.seat, "hello")
    server.chat.seating.rename(cat.seat, "kat")
    server.chat.leave(bea.seat, "lobby", "tea")
    server.chat.seating.quit(cat.seat)
    server.chat.seating.quit(dan.seat, lost=True)
    server.clock.turn()
    assert [(one.get("change") or one["text"], one["by"]) for one in raw.objects()] == [
        ("JOINED", bea.member.id), ("JOINED", cat.member.id), ("JOINED", dan.member.id),
        ("hello", cat.member.id), ("RENAMED", cat.member.id), ("LEFT", bea.member.id),
        ("QUIT", cat.member.id), ("LOST", dan.member.id),
    ]  # fmt: skip
    server.clock.advance(2)
    assert raw.objects() == []
    assert ann.read() == (
        "-- bea joined\n-- cat and dan joined\ncat: hello\n-- cat is now kat\n"
        "-- bea left: tea\n-- kat left\n-- dan left: the connection broke\n"
    )


def test_a_raw_voice_that_lags_reads_them_in_order_afterwards() -> None:
    server = InMemoryServer()
    raw = Sitting(server, "raw", voice=RAW)
    raw.read()
    raw.wire.window = 0
    bea = Sitting(server, "bea", waits=False)
    bea.say("one")
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    server.clock.advance(2)
    raw.wire.drain()
    assert [one.get("change") or one["text"] for one in raw.objects()] == ["JOINED", "one", "QUIT"]


def test_a_raw_voice_does_not_read_who_is_ignored() -> None:
    server = InMemoryServer()
    raw, bea = Sitting(server, "raw", voice=RAW), Sitting(server, "bea")
    raw.read()
    server.chat.ignore(raw.member, "bea")
    server.chat.seating.rename(bea.seat, "bee")
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    assert raw.objects() == []


def test_while_nobody_reads_raw_presences_are_in_no_batch() -> None:
    server = InMemoryServer()
    Sitting(server, "ann")
    for nick in ("bea", "cat", "dan"):
        Sitting(server, nick, waits=False)
    server.clock.turn()
    index = server.delivery._tail.index
    raw = Sitting(server, "raw", voice=RAW, waits=False)
    server.clock.turn()
    assert server.delivery._tail.index == index + 1
    server.delivery.detach(raw.reader)
    Sitting(server, "eve", waits=False)
    server.clock.turn()
    assert server.delivery._tail.index == index + 1


# -- what one reader's fault costs the others -------------------------------------------------------


class Broken:
    """An editor that fails at everything."""

    def above(self, lines: bytes) -> bytes:
        raise ZeroDivisionError(lines)

    set_prompt = stop = clear = above


@pytest.mark.parametrize("fault", ["editor", "wire", "voice"])
def test_a_fault_of_one_reader_costs_the_others_nothing(
    fault: str, failures: list[Failure]
) -> None:
    server = InMemoryServer()
    alice, bob, carol, dan = seats(server, "alice", "bob", "carol", "dan")
    if fault == "editor":
        carol.reader.editor = cast("Any", Broken())
        server.delivery.set_typing(carol.reader, typing=True)
    elif fault == "wire":
        carol.reader.try_send = lambda _data: 1 // 0
    else:
        carol.reader.voice = cast("Any", Stumbling("en"))
        server.delivery.refresh(carol.member)
    alice.say("hello")
    alice.say("again")
    assert bob.read() == dan.read() == "alice: hello\nalice: again\n"
    assert {failure.type for failure in failures} == {ZeroDivisionError}
    if fault == "voice":  # a voice is many people's: they miss what it cannot say
        assert carol.read() == "alice: again\n"
    else:
        assert "Something went wrong" in carol.read()
        assert carol.is_dismissed


class Stumbling(LineVoice):
    """A voice that cannot say one word."""

    def line(self, event: Shown, looking: str, ids: Ids) -> str:
        return super().line(event, looking, ids) if event.text != "hello" else str(1 // 0)


def test_a_fault_while_catching_up_ends_that_reader_alone(failures: list[Failure]) -> None:
    server = InMemoryServer()
    alice, bob, carol = seats(server, "alice", "bob", "carol")
    server.delivery.hold(carol.reader)
    carol.reader.editor = cast("Any", Broken())
    server.delivery.set_typing(carol.reader, typing=True)
    alice.say("hello")
    server.delivery.release(carol.reader)
    alice.say("again")
    assert bob.read() == "alice: hello\nalice: again\n"
    assert carol.is_dismissed
    assert [failure.type for failure in failures] == [ZeroDivisionError]


# -- mentions ---------------------------------------------------------------------------------------


def test_a_line_that_names_a_crowd_calls_nobody() -> None:
    server = InMemoryServer()
    nicks = [f"n{number}" for number in range(MENTIONS_PER_LINE + 1)]
    crowd = [Sitting(server, nick, voice=TerminalVoice("en")) for nick in nicks]
    alice = Sitting(server, "alice")
    for seat in crowd:
        seat.read()
    alice.say(" ".join(nicks[:-1]))
    assert all("\a" in seat.read() for seat in crowd[:-1])
    alice.say(" ".join(nicks))
    assert not any("\a" in seat.read() for seat in crowd)


def test_in_a_flood_of_mentions_only_what_names_them_is_made_for_one() -> None:
    server = InMemoryServer()
    bob = Sitting(server, "bob", voice=TerminalVoice("en"))
    alice = Sitting(server, "alice")
    alice.say(*(f"line {number}" for number in range(99)), "hi bob")
    assert bob.read().count("\a") == 1


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


def chat_door() -> Any:
    from chatproto.doors.plain import PlainProtocol  # noqa: PLC0415 - only two tests come by a door

    return PlainProtocol


# -- any order of anything ------------------------------------------------------------------------

NICKS = ("ann", "bea", "cat", "dan", "eve")
ROOMS = ("lobby", "garden", "cellar")


@dataclass(eq=False)
class Person:
    """A member in the machine, and what it should read: each line, and whether it is presence."""

    nick: str
    seat: Seat
    reader: Reader
    wire: MemoryConnection
    expected: list[tuple[bytes, bool]] = field(default_factory=list)
    is_read_from: bool = True

    @property
    def member(self) -> Member:
        return self.seat.member


class Everybody:
    """The fan-out: works out what a live reader would read of what is shown, then lets it be done."""

    def __init__(self, delivery: Delivery) -> None:
        self.people: list[Person] = []
        self._fan_out = delivery._fan_out
        delivery._fan_out = cast("Any", self)
        delivery._crowds._later = self.send

    def send(self, shown: Sequence[Shown]) -> None:
        for person in self.people:
            self._expect(person, shown)
        self._fan_out.send(shown)

    def _expect(self, person: Person, batch: Sequence[Shown]) -> None:
        member, voice = person.member, person.reader.voice
        room = person.seat.current_room
        current = room.name if room else ""
        for event in batch:
            read = self._read(person.seat, event, voice)
            if read:
                (line,) = voice.render([read], current, member.ids)
                person.expected.append((line, not isinstance(read, Event)))

    def _read(self, seat: Seat, event: Shown, voice: Voice) -> Shown | None:
        member = seat.member
        is_own = event.origin in member.ids
        if isinstance(event, Event):
            is_elsewhere = is_own and event.origin != seat.id
            if event.kind == Kind.PRIVATE:
                is_theirs = event.target == member.id
                is_theirs |= is_elsewhere or (is_own and voice.own_lines)
            else:
                is_theirs = event.room in member.rooms
                is_theirs &= (
                    not is_own or is_elsewhere or event.kind == Kind.TOPIC or voice.own_lines
                )
            hides = not is_own and member.ignored.hides(event.origin, event.author)
            return event if is_theirs and not hides else None
        if isinstance(event, Presence):
            is_theirs = is_own or any(room in member.rooms for room in event.rooms)
            hides = not is_own and member.ignored.hides(event.origin, event.nick)
            return event if is_theirs and not hides and not voice.gathers else None
        hides = bool(event.origin) and member.ignored.hides(event.origin, event.names[0])
        if event.room not in member.rooms or is_own or hides or not voice.gathers:
            return None
        return self._news(member, event)

    def _news(self, member: Member, crowd: Crowd) -> Crowd | None:
        if crowd.change is Change.JOINED:
            own = member.entries[crowd.room]
            is_news = [entry > own for entry in crowd.entries]
        else:
            is_news = [False] * len(crowd.names)
            for rooms, places in crowd.told_in.items():
                theirs = [room for room in rooms if room in member.rooms]
                for place in places:
                    is_news[place] = theirs[:1] == [crowd.room]
        names = tuple(name for name, is_one in zip(crowd.names, is_news, strict=True) if is_one)
        return crowd._replace(names=names, size=len(names)) if names else None


class AnyOrder(RuleBasedStateMachine):
    """People come, talk, wander and go, and take what they are sent as it pleases them."""

    people = Bundle("people")

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(batches, "TAIL_BYTES", 6 * SHORT_LINE)
        self.patch.setattr(batches, "BATCH_BYTES", 300)
        self.patch.setattr(catchup, "CATCH_UP_LINES", 3)
        self.patch.setattr(chatproto.wire, "STALL_SECONDS", 1e9)
        self.clock = Clock()
        self.archive = LateArchive(self.clock)
        self.delivery = Delivery(self.archive, self.clock)
        self.everybody = Everybody(self.delivery)
        log = Log(EmbeddedOrder(self.archive, self.clock), self.archive)
        self.chat = Chat(log, self.delivery, self.clock)
        self.chat.open()
        self.said = 0

    @rule(
        target=people,
        nick=st.sampled_from(NICKS),
        voice=st.sampled_from([PLAIN, TELNET, RAW]),
        more=st.sampled_from([(), (), ("garden",), ("garden", "cellar")]),
        window=st.sampled_from([0, 50, 200, None]),
        key=st.sampled_from(["", "one key", "another"]),
    )
    def come(
        self, nick: str, voice: Voice, more: tuple[str, ...], window: int | None, key: str
    ) -> Person:
        """Come as a new member, or as one more seat of a member who has the same key."""
        try:
            seat = enter(self.chat, nick, Identity(key=key))
        except (Taken, NotAllowed):
            seat = enter(self.chat, f"{nick}-{len(self.everybody.people)}-{self.said}")
            self.said += 1
        wire = MemoryConnection(Protocol(), self.clock)
        wire.memory.window = window

        def flow(*, on: bool) -> None:
            person.is_read_from = on

        valve = Valve(MemoryProducer(lambda: flow(on=False), lambda: flow(on=True)))
        person = Person(nick, seat, Reader(SocketWire(wire, self.clock), voice, valve), wire)
        self.everybody.people.append(person)
        self.delivery.attach(person.reader, seat)
        for room in ("lobby", *more):
            self.chat.join(seat, room)
        return person

    @rule(person=people, times=st.integers(1, 9), kind=st.sampled_from([Kind.SAID, Kind.TOPIC]))
    def say(self, person: Person, times: int, kind: Kind) -> None:
        for _line in range(times):
            if person.is_read_from and person.seat.current_room:
                self.said += 1
                self.chat.say(person.seat, f"n{self.said}", kind)

    @rule(person=people, times=st.integers(5, 20), at_once=st.integers(1, 5))
    def flood(self, person: Person, times: int, at_once: int) -> None:
        """Talk until what was said at first has left the memory."""
        for number in range(times):
            self.say(person, 1, Kind.SAID)
            if number % at_once == 0:
                self.clock.turn()

    @rule(person=people, other=people)
    def whisper(self, person: Person, other: Person) -> None:
        if person.is_read_from:
            self.said += 1
            with suppress(
                NotAllowed
            ):  # the name was another's when they last wrote to it: nothing is sent
                self.chat.say_privately(person.seat, other.member.nick, f"n{self.said}")

    @rule(person=people, room=st.sampled_from(ROOMS))
    def join(self, person: Person, room: str) -> None:
        """Come into a room, level or not: what was said in it before is nothing to them."""
        seat = person.seat
        before = seat.current_room
        with suppress(NotAllowed):  # no member makes a room again and again
            self.chat.join(seat, room)
        if not person.reader.live:  # what they have yet to read reads as it was expected to
            self.chat.set_current_room(seat, before)

    def _is_level(self, person: Person) -> bool:
        """Return whether all who read for this member have read everything."""
        people = self.everybody.people
        return all(one.reader.live for one in people if one.member is person.member)

    @rule(person=people, room=st.sampled_from(ROOMS))
    def leave(self, person: Person, room: str) -> None:
        if self._is_level(person) and room in person.member.rooms:
            self.chat.leave(person.seat, room)

    @rule(person=people)
    def rename(self, person: Person) -> None:
        if person.is_read_from:
            self.said += 1
            answer_of(self.chat.seating.rename(person.seat, f"{person.nick}-{self.said}"))

    @rule(person=people, other=people)
    def ignore(self, person: Person, other: Person) -> None:
        if person.member is not other.member and self._is_level(person):
            self.chat.ignore(person.member, other.member.nick)
            self.delivery.refresh(person.member)

    @rule(person=people)
    def hold(self, person: Person) -> None:
        if person.is_read_from:
            self.delivery.hold(person.reader)

    @rule(person=people)
    def release(self, person: Person) -> None:
        if person.reader.held:
            self.delivery.release(person.reader)

    @rule(person=people, window=st.sampled_from([0, 1, 10, 30, 100, 1000]))
    def take(self, person: Person, window: int) -> None:
        person.wire.memory.window = window
        person.wire.turn()

    @rule(times=st.integers(1, 3))
    def turn(self, times: int) -> None:
        self.clock.turn(times)
        for person in self.everybody.people:
            person.wire.turn()

    @rule()
    def wait(self) -> None:
        self.clock.advance(1.5)

    @precondition(lambda self: self.archive.questions)
    @rule()
    def answer(self) -> None:
        self.archive.answer()

    @rule(person=consumes(people))
    def quit(self, person: Person) -> None:
        """Go, whether level or not: what was read is the beginning of what there was."""
        self.everybody.people.remove(person)
        self.delivery.detach(person.reader)
        self.chat.seating.quit(person.seat)
        while person.wire.dataBuffer or person.wire._tempDataBuffer:
            person.wire.memory.window = None
            person.wire.turn()
        self._compare(person, is_whole=False)

    @invariant()
    def little_is_held(self) -> None:
        people = self.everybody.people if hasattr(self, "everybody") else ()
        for person in people:
            wire = person.wire
            assert len(wire.dataBuffer) - wire.offset + wire._tempDataLen <= 1000

    def teardown(self) -> None:
        if not hasattr(self, "everybody"):
            return
        try:
            self._read_to_the_end()
        finally:
            self.patch.undo()

    def _read_to_the_end(self) -> None:
        for person in self.everybody.people:
            person.wire.memory.window = None
            while person.reader.held:
                self.delivery.release(person.reader)
        for _try in range(1_000):
            if not self.archive.questions and all(p.reader.live for p in self.everybody.people):
                break
            self.clock.advance(1.5)
            self.turn(3)
            self.answer()
        self.clock.advance(1.5)
        self.turn(3)
        for person in self.everybody.people:
            assert person.is_read_from
            self._compare(person, is_whole=True)

    def _compare(self, person: Person, *, is_whole: bool) -> None:
        """Readers that read from the log may have missed presences, and nothing else."""
        read = bytes(person.wire.memory.taken).splitlines(keepends=True)
        may_miss = person.member.id in self.archive.readers
        expected = iter(person.expected)
        for line in read:
            for wanted, is_presence in expected:
                if wanted == line:
                    break
                assert may_miss, (line, wanted)
                assert is_presence, (line, wanted)
            else:
                pytest.fail(f"{person.nick} read {line!r}, which was not to come")
        missing = [line for line, is_presence in expected if not (may_miss and is_presence)]
        assert not (is_whole and missing)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=150, stateful_step_count=60, report_multiple_bugs=False
)
