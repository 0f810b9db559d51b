"""Delivery: everybody who reads is sent each line once, in one order, and the same bytes as all who read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from sitting import TELNET, Sitting, seats

from chatproto.core.events import Draft, Kind
from chatproto.core.identity import Identity
from chatproto.errors import NotSaid
from chatproto.language import _, language
from chatproto.limits import MENTIONS_PER_LINE, SEATS_GONE
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from fakes import InMemoryServer, answer_of

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from chatproto.core.events import Ids
    from chatproto.voices.voice import Shown

ANNA = Identity(key="SHA256:anna", door="ssh")


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


def test_what_is_said_by_a_ref_of_a_seat_that_was_left_is_another_line() -> None:
    """No account, and one key: a script that counts its lines from 1 each time it comes."""
    server = InMemoryServer()
    alice = Sitting(server, "alice", identity=ANNA)
    (bob,) = seats(server, "bob")
    for text in ("one", "two", "three"):
        script = Sitting(server, "alice", identity=ANNA)
        server.chat.say(script.seat, text, ref="1")
        script.leave()
        server.clock.turn()
    assert bob.read() == "alice: one\nalice: two\nalice: three\n"
    assert len(alice.member.seats) == 1


def test_of_the_seats_that_were_left_only_the_last_are_known() -> None:
    server = InMemoryServer()
    alice = Sitting(server, "alice", identity=ANNA)
    (bob,) = seats(server, "bob")
    server.chat.ignore(bob.member, "alice")
    answer_of(server.chat.seating.rename(alice.seat, "annie"))
    seat_ids = []
    for _time in range(2 * SEATS_GONE):
        script = Sitting(server, "annie", identity=ANNA)
        seat_ids.append(script.seat.id)
        script.say("hello")
        script.leave()
    ids = alice.member.ids
    assert ids == (alice.member.id, *seat_ids[-SEATS_GONE - 1 :])
    assert {*server.delivery._readers} == {*ids, bob.member.id}
    assert {*bob.member.ignored.ids} == {*ids}
    assert not any(bob.member.reads(one, "annie") for one in seat_ids)
    assert "hello" not in bob.read()


def test_an_answer_finds_the_member_whatever_seat_it_wrote_from() -> None:
    server = InMemoryServer()
    alice = Sitting(server, "alice", identity=ANNA)
    (bob,) = seats(server, "bob")
    script = Sitting(server, "alice", identity=ANNA)
    server.chat.say_privately(script.seat, "bob", "psst")
    server.clock.turn()
    script.leave()
    for _time in range(2 * SEATS_GONE):
        Sitting(server, "alice", identity=ANNA).leave()
    assert server.chat.reply(bob.seat, "what?") is alice.member


# -- mentions -------------------------------------------------------------------------------------


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


# -- what one reader's fault costs the others -----------------------------------------------------


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

    def line(self, event: Shown, current: str, ids: Ids) -> str:
        return super().line(event, current, ids) if event.text != "hello" else str(1 // 0)


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
