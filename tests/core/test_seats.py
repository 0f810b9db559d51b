"""One member at several seats, seats that are kept for a moment, and names that others have a say in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hall import Audience, Hall
from twisted.internet.defer import CancelledError, Deferred

from chatproto.core import seating
from chatproto.core.chat import Chat
from chatproto.core.events import Change, Event, Kind
from chatproto.core.identity import NOBODY, Identity
from chatproto.core.ports import Log
from chatproto.errors import NotAllowed, NotFound, Taken
from chatproto.language import Sentence
from chatproto.limits import SEAT_KEPT_SECONDS
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from fakes import Clock, LateClaims, answer_of, enter

if TYPE_CHECKING:
    from chatproto.core.rooms import Seat

ANNA = Identity(key="SHA256:anna", door="ssh")


@pytest.fixture
def hall() -> Hall:
    return Hall()


def pair(hall: Hall) -> tuple[Seat, Seat]:
    """Let one member sit down twice, in the lobby."""
    first, second = (enter(hall.chat, "anna", ANNA) for _ in range(2))
    for seat in (first, second):
        hall.chat.join(seat, "lobby")
    hall.wait()
    hall.audience.heard.clear()
    return first, second


# -- several seats ----------------------------------------------------------------------------------


def test_who_proves_to_be_a_member_sits_down_beside_them(hall: Hall) -> None:
    first, second = pair(hall)
    assert first is not second
    assert first.member is second.member
    assert len(hall.chat.members) == 1
    assert list(hall.chat.rooms["lobby"].members.values()) == [first.member]


@pytest.mark.parametrize("other", [NOBODY, Identity(key="SHA256:mallory"), Identity(door="ssh")])
def test_nobody_else_does(hall: Hall, other: Identity) -> None:
    enter(hall.chat, "anna", ANNA)
    with pytest.raises(Taken, match="“anna” is taken"):
        enter(hall.chat, "anna", other)


def test_a_guest_is_one_with_nobody(hall: Hall) -> None:
    enter(hall.chat, "guest")
    with pytest.raises(Taken):
        enter(hall.chat, "guest")


def test_what_is_said_has_the_seat_for_its_origin(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.say(first, "here")
    hall.chat.say(second, "there")
    hall.clock.turn()
    assert [event.origin for event in hall.audience.heard] == [first.id, second.id]
    assert [event.author for event in hall.audience.heard if isinstance(event, Event)] == [
        "anna"
    ] * 2


def test_what_is_said_bears_the_account_that_was_proved(hall: Hall) -> None:
    anna = enter(hall.chat, "anna", Identity(account="anna@here"))
    (bob,) = hall.come("bob")
    hall.chat.join(anna, "lobby")
    hall.chat.say(anna, "hello")
    hall.chat.say_privately(anna, "bob", "psst", ref="7")
    hall.chat.say(bob, "hi")
    hall.clock.turn()
    events = [event for event in hall.audience.heard if isinstance(event, Event)]
    assert [(event.account, event.ref) for event in events] == [
        ("anna@here", ""), ("anna@here", "7"), ("", ""),
    ]  # fmt: skip


def test_each_seat_has_a_current_room_of_its_own(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.join(second, "garden")
    hall.chat.say(first, "in the lobby")
    hall.chat.say(second, "in the garden")
    hall.clock.turn()
    events = [event for event in hall.audience.heard if isinstance(event, Event)]
    assert [(event.room, event.text) for event in events] == [
        ("lobby", "in the lobby"),
        ("garden", "in the garden"),
    ]


def test_a_room_that_is_left_is_the_current_one_of_no_seat(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.join(second, "garden")
    hall.chat.leave(first, "garden")
    assert [seat.current_room and seat.current_room.name for seat in (first, second)] == [
        "lobby"
    ] * 2
    hall.chat.leave(second, "lobby")
    assert first.current_room is second.current_room is None


def test_a_member_goes_with_the_last_seat(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.seating.quit(first, "bye")
    hall.wait()
    assert hall.told() == []
    hall.chat.say(second, "still here")
    hall.chat.seating.quit(second, "bye")
    hall.wait()
    assert hall.told() == [("anna", "still here"), ("QUIT", "anna")]
    assert not hall.chat.members


def test_who_is_ignored_is_so_at_each_seat(hall: Hall) -> None:
    first = enter(hall.chat, "anna", ANNA)
    (bob,) = hall.come("bob")
    hall.chat.ignore(bob.member, "anna")
    second = enter(hall.chat, "anna", ANNA)  # after that
    answer_of(hall.chat.seating.rename(second, "annie"))
    for seat in (first, second):
        assert not bob.member.reads(seat.id, "annie")
    hall.chat.ignore(bob.member, "annie")
    for seat in (first, second):
        assert bob.member.reads(seat.id, "annie")


def test_an_answer_reaches_whichever_seat_wrote(hall: Hall) -> None:
    _first, second = pair(hall)
    (bob,) = hall.come("bob")
    hall.chat.say_privately(second, "bob", "psst")
    hall.clock.turn()
    assert hall.chat.reply(bob, "what?") is second.member
    hall.clock.turn()
    last = hall.audience.heard[-1]
    assert isinstance(last, Event)
    assert (last.kind, last.to, last.target) == (Kind.PRIVATE, "anna", second.member.id)


def test_who_is_back_at_one_seat_is_back(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.away.go(first.member, "lunch")
    hall.chat.say(second, "back")
    assert first.member.away is None


def test_their_own_lines_at_another_seat_are_nothing_that_they_miss(hall: Hall) -> None:
    first, second = pair(hall)
    (bob,) = hall.come("bob")
    hall.chat.say(second, "a line that is on its way as they go")
    hall.chat.away.go(first.member, "lunch")
    hall.chat.say(bob, "a line")
    hall.clock.turn()
    assert first.member.away
    assert first.member.away.missed(first.member.lines).rooms == {"lobby": 1}


# -- seats that are kept ----------------------------------------------------------------------------


def test_a_seat_whose_connection_broke_is_taken_again(hall: Hall) -> None:
    anna = enter(hall.chat, "anna", ANNA)
    hall.chat.join(anna, "lobby")
    hall.chat.join(anna, "garden")
    hall.wait()
    hall.chat.seating.keep(anna, 7)
    hall.wait(SEAT_KEPT_SECONDS - 10)
    hall.audience.heard.clear()
    again = enter(hall.chat, "anna", ANNA._replace(address="192.0.2.1"))
    assert again is anna
    assert (again.seen, again.identity.address) == (7, "192.0.2.1")
    assert again.current_room is hall.chat.rooms["garden"]
    hall.wait(2 * SEAT_KEPT_SECONDS)
    assert hall.told() == []  # no member learnt of it
    assert again.member.seats == (again,)


def test_one_that_nobody_takes_again_is_lost(hall: Hall) -> None:
    anna = enter(hall.chat, "anna", ANNA)
    hall.chat.join(anna, "lobby")
    hall.wait()
    hall.audience.heard.clear()
    hall.chat.seating.keep(anna, 0)
    hall.wait(SEAT_KEPT_SECONDS - 10)
    assert hall.told() == []
    with pytest.raises(Taken):
        enter(hall.chat, "anna")
    hall.wait(20)
    assert hall.told() == [("LOST", "anna")]
    assert not hall.chat.members
    assert enter(hall.chat, "anna").id != anna.id


def test_a_guests_is_lost_at_once(hall: Hall) -> None:
    """Else they would find their own nick taken as they come again, by themselves."""
    (guest,) = hall.come("guest")
    hall.chat.seating.keep(guest, 0)
    hall.wait()
    assert hall.told() == [("LOST", "guest")]
    assert enter(hall.chat, "guest")


def test_a_line_in_private_waits_for_whoever_is_kept(hall: Hall) -> None:
    anna = enter(hall.chat, "anna", ANNA)
    (bob,) = hall.come("bob")
    hall.chat.seating.keep(anna, 0)
    assert hall.chat.say_privately(bob, "anna", "are you there?") is anna.member


def test_a_seat_that_is_sat_at_is_nobodys_to_take(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.seating.keep(first, 0)
    assert enter(hall.chat, "anna", ANNA) is first
    third = enter(hall.chat, "anna", ANNA)
    assert third not in (first, second)


def test_a_chat_that_closes_waits_for_nobody(hall: Hall) -> None:
    hall.chat.seating.keep(enter(hall.chat, "anna", ANNA), 0)
    hall.chat.close()
    hall.wait(2 * SEAT_KEPT_SECONDS)
    assert hall.told() == []
    assert not [call for call in hall.clock.getDelayedCalls() if call.active()]


def test_only_so_many_are_kept_in_all_and_from_one_address(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "SEATS_KEPT", 3)
    monkeypatch.setattr(seating, "SEATS_KEPT_PER_ADDRESS", 2)
    for number, address in enumerate(["192.0.2.1"] * 3 + ["192.0.2.2"] * 2):
        who = Identity(key=f"key {number}", address=address)
        hall.chat.seating.keep(enter(hall.chat, f"n{number}", who), 0)
    assert [member.nick for member in hall.chat.members.values()] == ["n0", "n1", "n3"]


def test_the_seat_that_broke_last_is_taken_up_first(hall: Hall) -> None:
    first, second = pair(hall)
    hall.chat.seating.keep(second, 0)
    hall.chat.seating.keep(first, 0)
    assert enter(hall.chat, "anna", ANNA) is first
    assert enter(hall.chat, "anna", ANNA) is second


def test_two_names_asked_for_at_once_are_both_let_go(chat: Chat, claims: LateClaims) -> None:
    (seat,) = _let_in(chat, claims, "bob")
    for nick in ("rob", "robert"):
        chat.seating.rename(seat, nick)
    claims.answer()
    claims.answer()
    assert seat.member.nick == "robert"
    assert claims.released == ["bob", "rob"]


def test_nothing_is_no_line(hall: Hall) -> None:
    (alice,) = hall.come("alice")
    with pytest.raises(NotAllowed, match="nothing in that line"):
        hall.chat.say(alice, "")
    hall.chat.set_topic(alice, "")  # which takes it away
    assert hall.told() == [("alice", "")]


# -- names that others have a say in ----------------------------------------------------------------


@pytest.fixture
def claims() -> LateClaims:
    return LateClaims()


@pytest.fixture
def chat(claims: LateClaims) -> Chat:
    clock = Clock()
    archive = MemoryArchive(clock)
    chat = Chat(Log(EmbeddedOrder(archive, clock), archive), Audience(), clock, claims)
    chat.open()
    return chat


def ask(chat: Chat, nick: str) -> tuple[Deferred[Seat], list[Any]]:
    """Wish to come in; the answer, when there is one, stands in the list."""
    answers: list[Any] = []
    asked = chat.seating.enter(NOBODY, nick)
    asked.addBoth(answers.append)
    return asked, answers


def test_nobody_is_here_before_the_answer(chat: Chat, claims: LateClaims) -> None:
    _asked, answers = ask(chat, "anna")
    assert claims.asked[0][0] == "anna"
    assert not chat.members
    with pytest.raises(NotFound):
        chat.members.nicks.find("anna")
    claims.answer()
    (seat,) = answers
    assert chat.members.nicks.find("anna") is seat.member


@pytest.mark.parametrize("nick", ["coco", "COCO", "сосо"])
def test_meanwhile_it_is_taken(chat: Chat, claims: LateClaims, nick: str) -> None:
    ask(chat, "coco")
    (failure,) = ask(chat, nick)[1]
    assert failure.check(Taken)
    assert len(claims.asked) == 1


@pytest.mark.parametrize("way", ["refused", "cancelled"])
def test_then_it_is_free_again(chat: Chat, claims: LateClaims, way: str) -> None:
    asked, answers = ask(chat, "anna")
    if way == "refused":
        claims.answer(NotAllowed(Sentence("This name is another's.")))
    else:
        asked.cancel()
        claims.asked.clear()
    assert answers[0].check(NotAllowed, CancelledError)
    _asked, answers = ask(chat, "anna")
    claims.answer()
    assert answers[0].member.nick == "anna"


def test_a_member_bears_the_old_nick_until_the_answer(chat: Chat, claims: LateClaims) -> None:
    (seat,) = _let_in(chat, claims, "bob")
    renamed = chat.seating.rename(seat, "rob")
    assert seat.member.nick == "bob"
    claims.answer()
    answer_of(renamed)
    assert seat.member.nick == "rob"
    assert claims.released == ["bob"]


def _let_in(chat: Chat, claims: LateClaims, nick: str) -> list[Seat]:
    _asked, answers = ask(chat, nick)
    claims.answer()
    return answers


def test_or_keeps_it_when_that_is_no(chat: Chat, claims: LateClaims) -> None:
    (seat,) = _let_in(chat, claims, "bob")
    renamed = chat.seating.rename(seat, "rob")
    claims.answer(Taken(Sentence("This name is another's.")))
    with pytest.raises(Taken):
        answer_of(renamed)
    assert chat.members.nicks.find("bob") is seat.member
    assert claims.released == []


def test_who_leaves_before_the_answer_bears_neither(chat: Chat, claims: LateClaims) -> None:
    (seat,) = _let_in(chat, claims, "bob")
    chat.seating.rename(seat, "rob")
    chat.seating.quit(seat)
    claims.answer()
    assert claims.released == ["bob", "rob"]
    for nick in ("bob", "rob"):
        assert chat.members.nicks.bearer(nick) is None


def test_ones_own_nick_in_another_case_is_asked_of_nobody(chat: Chat, claims: LateClaims) -> None:
    (seat,) = _let_in(chat, claims, "bob")
    answer_of(chat.seating.rename(seat, "Bob"))
    assert seat.member.nick == "Bob"
    assert (claims.asked, claims.released) == ([], [])


def test_change_of_seats_is_no_change_of_who_is_here(hall: Hall) -> None:
    pair(hall)
    assert Change.JOINED not in [getattr(one, "change", None) for one in hall.audience.heard]
