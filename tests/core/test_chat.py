"""The chat: which member is in which room, and what each may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hall import Hall
from twisted.internet.defer import Deferred

from chatproto.core.events import Change, Draft, Event, Kind, Presence
from chatproto.core.facts import Topic
from chatproto.core.pace import Window
from chatproto.core.ports import RoomRecord
from chatproto.errors import NotAllowed, NotFound, NotSaid, Taken, TooLong
from chatproto.language import Sentence
from chatproto.limits import (
    IDLE_ROOMS,
    IGNORED_PER_MEMBER,
    RECENT_LINES,
    REF_BYTES,
    ROOMS_OPENED,
    ROOMS_OPENED_SECONDS,
    ROOMS_PER_MEMBER,
    TOPIC_LENGTH,
)
from chatproto.log.memory import MemoryArchive
from fakes import Clock

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chatproto.core.rooms import Room, Seat


class LateArchive(MemoryArchive):
    """An archive that knows of rooms, and answers when it is told to."""

    def __init__(self, clock: Clock, records: Sequence[RoomRecord] = (), head: int = 0) -> None:
        super().__init__(clock)
        self.records, self.head = records, head
        self.questions: list[tuple[int, int, Deferred[list[Event]]]] = []

    def open(self) -> tuple[int, Sequence[RoomRecord]]:
        self._last = self.head
        return self.head, self.records

    def before(self, rooms: Collection[str], seq: int, limit: int) -> Deferred[list[Event]]:
        answer: Deferred[list[Event]] = Deferred()
        self.questions.append((seq, limit, answer))
        return answer


@pytest.fixture
def hall() -> Hall:
    return Hall()


# -- coming and going -------------------------------------------------------------------------------


def test_somebody_comes_in_and_is_found_whatever_the_case(hall: Hall) -> None:
    member = hall.enter("Alice")
    assert hall.chat.members.nicks.find("aLICE") is member.member
    assert (member.member.nick, member.member.key, member.current_room) == ("Alice", "alice", None)


def test_nobody_is_found_who_is_not_here(hall: Hall) -> None:
    with pytest.raises(NotFound, match=r"Nobody here is called “bob”"):
        hall.chat.members.nicks.find("bob")


@pytest.mark.parametrize("wish", ["alice", "ALICE", "ａlice"])
def test_a_name_that_is_taken_is_refused(hall: Hall, wish: str) -> None:
    hall.enter("alice")
    with pytest.raises(Taken, match=r"is taken. Choose another name"):
        hall.enter(wish)


def test_who_wishes_for_a_taken_name_is_told_how_long_its_owner_is_silent(hall: Hall) -> None:
    alice = hall.enter("alice")
    hall.chat.join(alice, "lobby")
    for seconds, wanted in (
        (9, "“alice” is taken. Choose another name."),
        (1, "“alice” is taken; silent for 10 seconds. Choose another name."),
        (49, "“alice” is taken; silent for 59 seconds. Choose another name."),
        (1, "“alice” is taken; silent for 1 minute. Choose another name."),
        (660, "“alice” is taken; silent for 12 minutes. Choose another name."),
    ):
        hall.clock.advance(seconds)
        with pytest.raises(Taken) as refused:
            hall.enter("alice")
        assert str(refused.value) == wanted
    hall.chat.say(alice, "hello")
    with pytest.raises(Taken, match=r"“alice” is taken. Choose another name."):
        hall.enter("alice")


def test_a_lookalike_is_refused_and_told_whom_it_looks_like(hall: Hall) -> None:
    hall.enter("Alice")
    with pytest.raises(Taken, match="“AIice” looks like “Alice”, who is here"):
        hall.enter("AIice")
    hall.enter("coco")
    with pytest.raises(Taken, match="“сосо” looks like “coco”, who is here"):
        hall.enter("сосо")


@pytest.mark.parametrize("wish", ["alıce", "a̲lice", "ᎪᏞᏆᏟᎬ", "ꓮꓡꓲꓚꓰ"])
def test_a_name_that_looks_like_anothers_is_refused_as_that(hall: Hall, wish: str) -> None:
    (_alice, bob) = hall.come("alice", "bob")
    for ask in (hall.enter, lambda name: hall.rename(bob, name)):
        with pytest.raises(Taken, match=f"“{wish}” looks like “alice”, who is here"):
            ask(wish)


def test_a_lookalike_is_another_name_to_who_looks_for_somebody(hall: Hall) -> None:
    hall.come("сосо")
    with pytest.raises(NotFound, match="Nobody here is called “coco”"):
        hall.chat.members.nicks.find("coco")


def test_ones_own_name_may_be_spelled_otherwise(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.rename(alice, "AIice")
    hall.rename(alice, "ALICE")
    assert hall.chat.members.nicks.find("alice") is alice.member


def test_the_words_of_the_server_are_nobodys_name(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotAllowed, match="“Server” is kept for the server"):
        hall.enter("Server")
    with pytest.raises(NotAllowed, match="“aII” looks like “all”, which is kept for the server"):
        hall.rename(alice, "aII")


def test_no_name_longer_than_any_is_looked_for(hall: Hall) -> None:
    with pytest.raises(NotAllowed, match="has 670 characters; the most is 32"):
        hall.chat.members.nicks.find("\ufdfa" * 670)


# -- rooms that look alike --------------------------------------------------------------------------


def test_a_new_room_that_looks_like_another_is_not_made(hall: Hall) -> None:
    (alice,) = hall.come("alice", room="сор")
    with pytest.raises(Taken, match=r"#cop looks like #сор, which is there. /join #сор brings"):
        hall.chat.join(alice, "#cop")
    assert list(hall.chat.rooms) == ["сор"]
    hall.chat.leave(alice, "")
    hall.wait()
    assert hall.chat.join(alice, "#cop").name == "cop"


def test_nothing_passes_for_the_first_room_and_that_can_always_be_joined(hall: Hall) -> None:
    (alice,) = hall.come("alice", room="garden")
    assert "lobby" not in hall.chat.rooms
    with pytest.raises(Taken, match=r"#ꓡꓳꓐꓐꓬ looks like #lobby, which is there"):
        hall.chat.join(alice, "#ꓡꓳꓐꓐꓬ")
    hall.chat.join(alice, "lobby")
    hall.chat.leave(alice, "lobby")
    hall.wait()
    assert "lobby" not in hall.chat.rooms
    with pytest.raises(Taken):
        hall.chat.join(alice, "#ꓡꓳꓐꓐꓬ")


def test_rooms_of_the_past_that_look_alike_are_both_joined() -> None:
    clock = Clock()
    log = LateArchive(clock, [RoomRecord("cop"), RoomRecord("сор")])
    hall = Hall(log, clock)
    alice = hall.enter("alice")
    assert [hall.chat.join(alice, name).name for name in ("cop", "сор")] == ["cop", "сор"]


def test_a_name_is_free_again_when_its_owner_has_gone(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.seating.quit(alice)
    assert hall.enter("alice").id != alice.id


def test_who_gives_no_name_is_a_guest(hall: Hall) -> None:
    assert [hall.enter(" ").member.nick for _ in range(2)] == ["guest-1", "guest-2"]


def test_a_guest_gets_a_name_that_is_free_and_looks_like_nobodys(hall: Hall) -> None:
    hall.enter("guest-l")  # looks like guest-1
    hall.enter("Guest-2")
    assert hall.enter("").member.nick == "guest-3"


def test_numbers_are_not_used_again_by_the_next_run_of_the_server() -> None:
    clock = Clock()
    first = [Hall(clock=clock).enter("alice").id]
    clock.advance(0.001)
    assert Hall(clock=clock).enter("alice").id > first[0]


def test_joining_is_entering_and_looking(hall: Hall) -> None:
    alice = hall.enter("alice")
    room = hall.chat.join(alice, "#Garden")
    assert alice.current_room is room is hall.chat.rooms["garden"]
    assert hall.audience.noted == [("enter", "alice", "garden"), ("refresh", "alice", "garden")]
    assert hall.told() == [("JOINED", "alice")]


def test_joining_again_is_looking_again(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.join(alice, "garden")
    hall.wait()
    hall.told()
    hall.audience.noted.clear()
    assert hall.chat.join(alice, "lobby").name == "lobby"
    assert hall.audience.noted == [("refresh", "alice", "lobby")]
    assert hall.told() == []


def test_who_leaves_looks_at_the_last_room_left(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.join(alice, "garden")
    hall.chat.join(alice, "pub")
    hall.chat.leave(alice, "")
    assert alice.current_room
    assert alice.current_room.name == "garden"
    hall.chat.leave(alice, "#lobby")
    assert alice.current_room.name == "garden"
    hall.chat.leave(alice, "")
    assert alice.current_room is None


def test_one_leaves_only_where_one_is(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotFound, match=r"You are not in #garden. /join #garden brings you in"):
        hall.chat.leave(alice, "garden")
    hall.chat.leave(alice, "")
    with pytest.raises(NotAllowed, match=r"You are in no room. /join #lobby"):
        hall.chat.leave(alice, "")


@pytest.mark.parametrize(("lost", "change"), [(False, Change.QUIT), (True, Change.LOST)])
def test_who_quits_is_gone_from_every_room(hall: Hall, *, lost: bool, change: Change) -> None:
    alice, _bob = hall.come("alice", "bob")
    hall.chat.join(alice, "garden")
    hall.wait()
    hall.told()
    hall.chat.seating.quit(alice, "tea", lost=lost)
    hall.wait()
    (gone,) = [one for one in hall.audience.heard if isinstance(one, Presence)]
    assert (gone.rooms, gone.change, gone.text) == (("lobby", "garden"), change, "tea")
    assert (gone.nick, gone.origin, gone.here) == ("alice", alice.id, (1, 0))
    assert alice.id not in hall.chat.members
    assert alice.id not in hall.chat.rooms["lobby"].members


def test_each_presence_is_told_at_once_with_its_member(hall: Hall) -> None:
    chat = hall.chat
    alice, bob = (hall.enter(nick) for nick in ("alice", "bob"))
    for seat in (alice, bob):
        chat.join(seat, "lobby")
    chat.say(alice, "hello")
    chat.join(bob, "garden")
    chat.leave(bob, "lobby", "tea")
    chat.seating.quit(bob, lost=True)
    hall.clock.turn()
    heard = [one for one in hall.audience.heard if isinstance(one, Presence)]
    assert [
        (one.change, one.origin, one.rooms, one.here, one.entry, one.text) for one in heard
    ] == [
        (Change.JOINED, alice.id, ("lobby",), (1,), 1, ""),
        (Change.JOINED, bob.id, ("lobby",), (2,), 2, ""),
        (Change.JOINED, bob.id, ("garden",), (1,), 3, ""),
        (Change.LEFT, bob.id, ("lobby",), (1,), 0, "tea"),
        (Change.LOST, bob.id, ("garden",), (0,), 0, ""),
    ]
    assert isinstance(hall.audience.heard[2], Event)  # in its place


def test_who_is_in_no_room_goes_and_is_renamed_without_a_word(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.leave(alice, "")
    hall.told()
    hall.chat.seating.rename(alice, "alicia")
    hall.chat.seating.quit(alice)
    assert hall.told() == []


def test_there_are_only_so_many_rooms_for_one(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    for number in range(ROOMS_PER_MEMBER - 1):
        hall.wait(ROOMS_OPENED_SECONDS / ROOMS_OPENED)
        hall.chat.join(alice, f"room{number}")
    with pytest.raises(NotAllowed, match="You are in 50 rooms, which is the most allowed"):
        hall.chat.join(alice, "onemore")
    assert hall.chat.join(alice, "room0").name == "room0"
    assert "onemore" not in hall.chat.rooms


def test_one_makes_only_so_many_rooms_in_an_hour(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    for number in range(ROOMS_OPENED):
        hall.chat.join(alice, f"room{number}")
        hall.chat.say(alice, "so that it stays")
        hall.clock.turn()
        hall.chat.leave(alice, "")
    with pytest.raises(NotAllowed, match=r"may make 15 rooms in an hour. Try again in 60 minutes"):
        hall.chat.join(alice, "onemore")
    assert hall.chat.join(alice, "room0")  # it is there
    assert hall.chat.join(bob, "onemore")
    hall.wait(ROOMS_OPENED_SECONDS)
    assert hall.chat.join(alice, "yetanother")


def test_all_who_come_from_one_place_make_only_so_many_together(hall: Hall) -> None:
    there = Window(3, ROOMS_OPENED_SECONDS)
    alice, bob = (hall.enter(nick, there) for nick in ("alice", "bob"))
    for number, member in enumerate((alice, bob, alice)):
        hall.chat.join(member, f"room{number}")
    for member in (alice, bob):
        with pytest.raises(
            NotAllowed, match=r"may make 3 rooms in an hour. Try again in 60 minutes"
        ):
            hall.chat.join(member, "onemore")
    hall.chat.seating.quit(bob)
    with pytest.raises(NotAllowed, match="may make 3 rooms"):
        hall.chat.join(hall.enter("bob", there), "onemore")
    (carol,) = hall.come("carol")
    assert hall.chat.join(carol, "onemore")


def test_the_first_room_is_made_by_nobody(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    for _time in range(ROOMS_OPENED + 1):
        hall.chat.leave(alice, "")
        hall.wait()
        hall.chat.join(alice, "lobby")


def test_ten_thousand_rooms_leave_memory_again(hall: Hall) -> None:
    for number in range(IDLE_ROOMS + 500):
        (alice,) = hall.come(f"alice{number}", room=f"room{number}")
        hall.chat.say(alice, "a line")
        hall.chat.seating.quit(alice)
        hall.clock.turn()
    hall.wait()
    assert len(hall.chat.rooms) == IDLE_ROOMS


def test_an_empty_room_in_which_nothing_was_said_is_gone(hall: Hall) -> None:
    (alice,) = hall.come("alice", room="garden")
    hall.chat.leave(alice, "")
    hall.wait()
    assert hall.chat.rooms == {}


def test_an_empty_room_is_gone_whoever_came_and_went(hall: Hall) -> None:
    for nick in ("alice", "bob"):
        hall.chat.join(hall.enter(nick), "garden")
    for member in list(hall.chat.members.values()):
        hall.chat.seating.quit(member.seats[0])
    hall.wait()
    assert hall.chat.rooms == {}


def test_an_empty_room_in_which_something_was_said_stays(hall: Hall) -> None:
    (alice,) = hall.come("alice", room="garden")
    hall.chat.say(alice, "a line")
    hall.chat.seating.quit(alice)  # before the log has answered
    hall.wait()
    assert hall.chat.rooms["garden"].logged


def test_the_audience_is_closed_before_the_log(hall: Hall) -> None:
    hall.come("alice")
    hall.chat.close()
    assert hall.audience.noted[-1] == ("close", "", "")
    assert not hall.clock.getDelayedCalls()


# -- names ------------------------------------------------------------------------------------------


def test_a_new_name_is_told_for_all_rooms_at_once_and_frees_the_old_one(hall: Hall) -> None:
    alice, _bob = hall.come("alice", "bob")
    hall.chat.join(alice, "garden")
    hall.wait()
    hall.told()
    hall.rename(alice, "alicia")
    assert hall.told() == [("RENAMED", "alice", "alicia")]
    assert hall.chat.members.nicks.find("alicia") is alice.member
    assert hall.enter("alice")


def test_one_may_change_the_case_of_ones_own_name(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.rename(alice, "Alice")
    assert alice.member.nick == "Alice"
    assert hall.told() == [("RENAMED", "alice", "Alice")]


def test_taking_the_name_one_has_is_no_news(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.rename(alice, "alice")
    assert hall.told() == []


def test_a_name_that_is_taken_stays_with_its_owner(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    with pytest.raises(Taken):
        hall.rename(bob, "ALICE")
    with pytest.raises(NotAllowed):
        hall.rename(bob, "no good")
    assert bob.member.nick == "bob"
    assert hall.chat.members.nicks.find("alice") is alice.member


# -- talking ----------------------------------------------------------------------------------------


def test_what_is_said_goes_to_the_room_looked_at_or_the_one_named(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.join(alice, "garden")
    hall.chat.say(alice, "here")
    hall.chat.say(alice, "waves", Kind.DID, "#Lobby")
    hall.clock.turn()
    said = [one for one in hall.audience.heard if isinstance(one, Event)]
    assert [(one.seq, one.room, one.kind, one.text) for one in said] == [
        (1, "garden", Kind.SAID, "here"),
        (2, "lobby", Kind.DID, "waves"),
    ]
    assert hall.chat.head == 2


def test_one_cannot_speak_where_one_is_not(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotFound, match="You are not in #garden"):
        hall.chat.say(alice, "hello", name="garden")
    hall.chat.leave(alice, "")
    with pytest.raises(NotAllowed, match=r"You are in no room"):
        hall.chat.say(alice, "hello")


def test_a_private_line_goes_to_one_who_may_then_reply(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    assert hall.chat.say_privately(alice, "BOB", "psst") is bob.member
    assert bob.member.last_sender == 0  # not before it is durable
    hall.clock.turn()
    (event,) = hall.audience.heard
    assert isinstance(event, Event)
    assert (event.kind, event.room, event.to) == (Kind.PRIVATE, "", "bob")
    assert (event.origin, event.target) == (alice.id, bob.id)
    assert bob.member.last_sender == alice.id
    assert hall.chat.reply(bob, "what?") is alice.member


def test_a_private_line_for_nobody_is_refused(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotFound, match=r"Nobody here is called “bob”"):
        hall.chat.say_privately(alice, "bob", "psst")


def test_a_private_line_by_a_name_that_changed_hands_is_held_back_once(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    hall.chat.say_privately(alice, "bob", "psst")
    hall.rename(bob, "rob")
    (other,) = hall.come("bob")
    hall.told()
    with pytest.raises(NotAllowed, match="The “bob” you wrote to is “rob” now"):
        hall.chat.say_privately(alice, "bob", "a secret")
    assert hall.told() == []
    assert hall.chat.say_privately(alice, "bob", "hello, you") is other.member
    assert hall.told() == [("alice", "hello, you")]


def test_a_topic_is_set_when_it_is_durable_and_taken_away_by_none(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    room = hall.chat.rooms["lobby"]
    hall.chat.set_topic(alice, "cats")
    assert room.topic is None
    hall.clock.turn()
    assert room.topic == Topic("cats", "alice", int(hall.clock.seconds() * 1000), alice.id)
    hall.chat.set_topic(alice, "")
    hall.clock.turn()
    assert room.topic is None


def test_a_topic_may_be_so_long_and_no_longer(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.set_topic(alice, "x" * TOPIC_LENGTH)
    with pytest.raises(NotAllowed, match="has 391 characters; the most is 390"):
        hall.chat.set_topic(alice, "x" * (TOPIC_LENGTH + 1))


def test_who_speaks_was_heard_just_now(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    came = alice.member.spoke
    hall.clock.advance(60)
    hall.chat.say(alice, "hello")
    assert alice.member.spoke - came > 60


def test_what_the_log_refuses_is_told_to_whoever_asked(hall: Hall) -> None:
    draft = Draft(0, Kind.SAID, "lobby", "alice", 1, "", 0, "hello")
    error = NotSaid(Sentence("The disk is full."))
    hall.chat.refused([draft], error)
    assert hall.audience.refusals == [(draft, error)]


def refs(hall: Hall) -> list[tuple[str, int]]:
    """Return what the audience was told to be taken already, by its ref and the seq that it has."""
    acknowledged, hall.audience.acknowledged = hall.audience.acknowledged, []
    return [(asked.ref, event.seq) for asked, event in acknowledged]


def test_what_is_said_again_by_the_same_ref_is_heard_once_and_acknowledged_as_what_it_was(
    hall: Hall,
) -> None:
    alice, bob = hall.come("alice", "bob")
    hall.chat.say(alice, "hello", ref="1")
    hall.chat.say(bob, "hello yourself", ref="1")
    hall.chat.say_privately(alice, "bob", "pst", ref="2")
    assert hall.told() == [("alice", "hello"), ("bob", "hello yourself"), ("alice", "pst")]
    assert refs(hall) == []
    hall.chat.say(alice, "something else", ref="3")
    for _ in range(2):
        hall.chat.say(alice, "hello", ref="1")
        hall.chat.say_privately(alice, "bob", "pst", ref="2")
        hall.chat.say(alice, "something else", ref="3")
    assert hall.told() == [("alice", "something else")]
    assert refs(hall) == [("1", 1), ("2", 3), ("3", 4)] * 2
    assert hall.chat.head == 4


def test_a_ref_that_is_too_long_does_nothing(hall: Hall) -> None:
    alice, _bob = hall.come("alice", "bob")
    hall.chat.away.go(alice.member, "")
    ref = "x" * (REF_BYTES + 1)
    with pytest.raises(TooLong):
        hall.chat.say(alice, "hello", ref=ref)
    with pytest.raises(TooLong):
        hall.chat.say_privately(alice, "bob", "hello", ref=ref)
    assert hall.told() == []
    assert alice.member.away


def test_a_line_says_which_one_it_answers(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    hall.chat.say(alice, "who comes?")
    hall.told()
    hall.chat.say(bob, "I do", reply_to=1)
    hall.chat.say(bob, "and so does carol")
    hall.chat.say_privately(bob, "alice", "not you", reply_to=1)
    hall.clock.turn()
    heard = [one for one in hall.audience.heard if isinstance(one, Event)]
    assert [(one.seq, one.reply_to) for one in heard] == [(2, 1), (3, 0), (4, 1)]


def test_what_answers_a_line_that_nobody_has_read_does_nothing(hall: Hall) -> None:
    alice, _bob = hall.come("alice", "bob")
    hall.chat.say(alice, "who comes?")
    hall.told()
    hall.chat.away.go(alice.member, "")
    with pytest.raises(NotFound):
        hall.chat.say(alice, "I do", reply_to=2)
    with pytest.raises(NotFound):
        hall.chat.say_privately(alice, "bob", "I do", reply_to=0)
    assert hall.told() == []
    assert alice.member.away


# -- preferences ------------------------------------------------------------------------------------


def test_ignoring_is_undone_by_itself_and_the_audience_knows(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    hall.audience.noted.clear()
    assert hall.chat.ignore(alice.member, "Bob")
    assert alice.member.ignored.names == {"bob": "Bob"}
    assert hall.audience.noted == [("refresh", "alice", "lobby")]
    assert not hall.chat.ignore(alice.member, "BOB")
    assert not alice.member.ignored


def test_one_cannot_ignore_oneself_nor_everybody(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotAllowed, match="That is you"):
        hall.chat.ignore(alice.member, "ALICE")
    for number in range(IGNORED_PER_MEMBER):
        hall.chat.ignore(alice.member, f"bot{number}")
    with pytest.raises(NotAllowed, match="You are ignoring 100 names"):
        hall.chat.ignore(alice.member, "another")
    assert not hall.chat.ignore(alice.member, "bot7")


def test_nothing_is_kept_of_who_was_away_and_ignored_and_ignoring(hall: Hall) -> None:
    alice, bob = hall.come("alice", "bob")
    hall.chat.ignore(alice.member, "bob")
    hall.chat.away.go(alice.member, "")
    hall.chat.away.go(bob.member, "")
    hall.chat.seating.quit(bob)
    hall.chat.seating.quit(alice)
    assert not hall.chat.ignoring._by_key
    assert not hall.chat.ignoring._by_id
    assert not hall.chat.away.members


# -- the past ---------------------------------------------------------------------------------------


def test_the_chat_takes_up_rooms_and_topics_where_the_log_ended() -> None:
    clock = Clock()
    records = [RoomRecord("garden", Topic("cats", "alice", 5, 9)), RoomRecord("lobby")]
    hall = Hall(LateArchive(clock, records, head=41), clock)
    assert hall.chat.head == 41
    assert hall.chat.rooms["garden"].topic == Topic("cats", "alice", 5, 9)
    assert hall.chat.rooms["lobby"].topic is None
    (alice,) = hall.come("alice")
    hall.chat.say(alice, "hello")
    hall.clock.turn()
    assert hall.chat.head == 42


def test_a_new_room_has_its_last_lines_at_once(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    room = hall.chat.rooms["lobby"]
    ready: list[str] = []
    hall.chat.history.recall(room, lambda: ready.append("now"))
    assert ready == ["now"]
    for number in range(RECENT_LINES + 5):
        hall.chat.say(alice, str(number))
    hall.clock.turn()
    assert room.recent is not None
    assert [event.text for event in room.recent] == [str(n) for n in range(5, RECENT_LINES + 5)]


class Recalling:
    """A room with a past of five lines, in a log that answers late."""

    def __init__(self) -> None:
        clock = Clock()
        self.archive = LateArchive(clock, [RoomRecord("lobby")], head=5)
        self.hall = Hall(self.archive, clock)
        (self.alice,) = self.hall.come("alice")
        self.room = self.hall.chat.rooms["lobby"]
        self.seen: list[list[str]] = []

    def ask(self) -> None:
        self.hall.chat.history.recall(self.room, self._ready)

    def _ready(self) -> None:
        self.seen.append([event.text for event in self.room.recent or ()])

    def say(self, text: str) -> None:
        self.hall.chat.say(self.alice, text)
        self.hall.clock.turn()

    def answer(self) -> None:
        seq, limit, answer = self.archive.questions.pop(0)
        assert (seq, limit) == (6, RECENT_LINES)
        answer.callback(
            [Event(n, 0, Kind.SAID, "lobby", "bob", 9, "", 0, f"old {n}") for n in (4, 5)]
        )


def test_lines_that_come_while_the_log_is_asked_are_there_once() -> None:
    past = Recalling()
    past.ask()
    past.say("new 6")
    past.ask()  # another member, meanwhile
    past.say("new 7")
    assert past.seen == []
    past.answer()
    assert past.seen == [["old 4", "old 5", "new 6", "new 7"]] * 2
    assert past.archive.questions == []  # asked once


def test_what_is_remembered_is_not_asked_for_again() -> None:
    past = Recalling()
    past.ask()
    past.answer()
    past.say("new 6")
    past.ask()
    assert past.seen == [["old 4", "old 5"], ["old 4", "old 5", "new 6"]]
    assert past.archive.questions == []


def test_a_log_that_cannot_be_read_is_asked_again_by_the_next() -> None:
    past = Recalling()
    past.ask()
    past.archive.questions.pop()[2].errback(OSError("the disk is gone"))
    assert past.seen == [[]]
    past.ask()
    past.answer()
    assert past.seen == [[], ["old 4", "old 5"]]


# -- rooms that have left memory --------------------------------------------------------------------


@pytest.fixture
def forgotten() -> Hall:
    """A chat in whose log there is a garden, with a topic and a line, and in whose memory there is none."""
    clock = Clock()
    archive = MemoryArchive(clock)
    archive.store(
        [
            Event(1, 5, Kind.TOPIC, "garden", "bob", 9, "", 0, "roses"),
            Event(2, 6, Kind.SAID, "garden", "bob", 9, "", 0, "a line"),
        ]
    )
    hall = Hall(archive, clock)
    hall.chat.rooms.forget("garden")
    return hall


def come_back(hall: Hall, seat: Seat) -> Room:
    room = hall.chat.join(seat, "garden")
    hall.chat.history.recall(room, lambda: None)
    return room


def test_a_forgotten_room_has_its_topic_and_its_last_lines_again(forgotten: Hall) -> None:
    (alice,) = forgotten.come("alice")
    room = come_back(forgotten, alice)
    assert room.topic == Topic("roses", "bob", 5, 9)
    assert [event.text for event in room.recent or ()] == ["roses", "a line"]
    assert room.logged


def test_to_bring_a_forgotten_room_back_is_not_to_make_one(forgotten: Hall) -> None:
    (alice,) = forgotten.come("alice")
    come_back(forgotten, alice)
    assert not alice.member.opened[0]._times


def test_a_line_of_ones_own_makes_no_forgotten_room(forgotten: Hall) -> None:
    """The log knows the room by the time it answers, because of what was said meanwhile."""
    (alice,) = forgotten.come("alice")
    room = forgotten.chat.join(alice, "attic")
    record, answer = RoomRecord("attic"), Deferred[RoomRecord | None]()
    forgotten.chat.log.archive.room = lambda name: answer  # type: ignore[method-assign]
    forgotten.chat.history.recall(room, lambda: None)
    forgotten.chat.say(alice, "mine")
    forgotten.clock.turn()
    answer.callback(record)
    assert alice.member.opened[0]._times
    assert [event.text for event in room.recent or ()] == ["mine"]


def test_a_topic_set_while_the_log_is_asked_is_the_newer_one(forgotten: Hall) -> None:
    (alice,) = forgotten.come("alice")
    room = forgotten.chat.join(alice, "garden")
    answer: Deferred[RoomRecord | None] = Deferred()
    forgotten.chat.log.archive.room = lambda name: answer  # type: ignore[method-assign]
    forgotten.chat.history.recall(room, lambda: None)
    forgotten.chat.set_topic(alice, "")
    forgotten.clock.turn()
    answer.callback(RoomRecord("garden", Topic("roses", "bob", 5, 9)))
    assert room.topic is None


def test_who_leaves_before_the_answer_leaves_an_idle_room(forgotten: Hall) -> None:
    (alice,) = forgotten.come("alice")
    room = forgotten.chat.join(alice, "garden")
    answer: Deferred[RoomRecord | None] = Deferred()
    forgotten.chat.log.archive.room = lambda name: answer  # type: ignore[method-assign]
    forgotten.chat.history.recall(room, lambda: None)
    forgotten.chat.leave(alice, "garden")
    forgotten.wait()
    assert forgotten.chat.rooms["garden"] is room
    answer.callback(RoomRecord("garden", Topic("roses", "bob", 5, 9)))
    assert room.recent is None
    assert "garden" in forgotten.chat.rooms._idle
