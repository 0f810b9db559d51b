"""Crowds: members who come and go, what is told of them, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hall import Audience, Hall

from chatproto.core.events import Change, Presence
from chatproto.delivery.crowds import Crowds, Gathering
from chatproto.limits import CROWD_SECONDS
from chatproto.voices.voice import Crowd
from fakes import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Happened
    from chatproto.core.rooms import Member, Room, Seat
    from chatproto.voices.voice import Shown

NOON = 1_000.0


def passes(number: int, change: Change = Change.JOINED, nick: str = "", text: str = "") -> Presence:
    entry = number if change is Change.JOINED else 0
    return Presence(0, ("lobby",), change, nick or f"m{number}", number, text, "", (3,), entry)


# -- one room ---------------------------------------------------------------------------------------


@pytest.fixture
def gathering() -> Gathering:
    return Gathering("lobby")


def test_nobody_waits_at_first(gathering: Gathering) -> None:
    assert gathering.wait(NOON) == 0.0


def test_one_person_is_told_by_number_and_name(gathering: Gathering) -> None:
    gathering.here = 3
    gathering.entered = {7: 7}
    gathering.note(passes(7, nick="alice"))
    assert gathering.tell(NOON) == [
        Crowd(1_000_000, "lobby", Change.JOINED, ("alice",), 1, 7, "", 3, (7,), (7,))
    ]


def test_who_comes_next_waits_for_the_rest_of_the_second(gathering: Gathering) -> None:
    gathering.note(passes(1))
    gathering.tell(NOON)
    assert gathering.wait(NOON + 0.25) == CROWD_SECONDS - 0.25
    assert gathering.wait(NOON + CROWD_SECONDS) == 0.0


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_jumps_keeps_nobody_waiting(gathering: Gathering, jump: float) -> None:
    gathering.note(passes(1))
    gathering.tell(NOON)
    assert gathering.wait(NOON + jump) <= CROWD_SECONDS


def test_a_crowd_is_told_together_in_the_order_of_their_coming(gathering: Gathering) -> None:
    for number in range(1, 101):
        gathering.note(passes(number))
    gathering.here = 508
    (told,) = gathering.tell(NOON)
    assert told.names == tuple(f"m{number}" for number in range(1, 101))
    assert told.entries == tuple(range(1, 101))
    assert (told.size, told.origin, told.here) == (100, 0, 508)


def test_it_is_partly_news_to_those_who_came_since_the_first_of_them(gathering: Gathering) -> None:
    gathering.entered = {2: 2, 3: 3, 4: 4, 5: 5}
    gathering.note(passes(2))
    gathering.tell(NOON)
    gathering.note(passes(3))
    gathering.note(passes(4))
    (told,) = gathering.tell(NOON)
    assert told.after == (3, 4, 5)  # not 2: all of it is news to them
    assert gathering.entered == {5: 5}


def test_who_left_and_came_again_stays_one_who_was_shown_the_others(gathering: Gathering) -> None:
    gathering.entered = {1: 5}  # again; their first coming is known only now
    gathering.note(passes(1))
    assert gathering.entered == {1: 5}


def test_who_is_forgotten_was_never_here(gathering: Gathering) -> None:
    gathering.note(passes(1))
    assert gathering.forget(1)
    assert not gathering.forget(1)
    assert gathering.tell(NOON) == []
    assert gathering.wait(NOON) == 0.0  # nothing was told, so nothing waits


def test_who_left_is_told_before_who_came(gathering: Gathering) -> None:
    gathering.note(passes(2, nick="alice"))
    gathering.note(passes(1, Change.QUIT, "alice"), ("lobby",))
    assert [told.change for told in gathering.tell(NOON)] == [Change.QUIT, Change.JOINED]


def test_each_way_of_leaving_is_told_for_itself_with_its_reason(gathering: Gathering) -> None:
    gathering.note(passes(1, Change.LEFT, text="tea"))
    gathering.note(passes(2, Change.QUIT, text="bed"))
    gathering.note(passes(3, Change.LOST))
    assert [(one.change, one.text) for one in gathering.tell(NOON)] == [
        (Change.LEFT, "tea"),
        (Change.QUIT, "bed"),
        (Change.LOST, ""),
    ]


def test_a_crowd_gives_no_reason(gathering: Gathering) -> None:
    gathering.note(passes(1, Change.LEFT, text="tea"))
    gathering.note(passes(2, Change.LEFT, text="bed"))
    (told,) = gathering.tell(NOON)
    assert (told.size, told.text) == (2, "")


def test_who_is_renamed_untold_comes_by_the_new_name(gathering: Gathering) -> None:
    gathering.note(passes(1, nick="alice"))
    assert gathering.rename(1, "alicia")
    assert gathering.tell(NOON)[0].names == ("alicia",)


def test_who_was_told_is_renamed_aloud(gathering: Gathering) -> None:
    gathering.note(passes(1))
    assert gathering.is_pending(1)
    gathering.tell(NOON)
    assert not gathering.is_pending(1)
    assert not gathering.rename(1, "alicia")


def test_what_was_told_is_not_told_again(gathering: Gathering) -> None:
    gathering.note(passes(1))
    gathering.tell(NOON)
    assert gathering.tell(NOON) == []


# -- all rooms, with a chat -------------------------------------------------------------------------


class Crowded(Audience):
    """An audience that is told of crowds: notes what is shown, and when."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.raw = False
        self.shown: list[Shown] = []
        self.crowds = Crowds(clock, int, self.shown.extend)

    def enter(self, member: Member, room: Room) -> None:
        self.crowds.enter(member.id, room.name, member.entries[room.name])

    def leave(self, member: Member, room: Room) -> None:
        self.crowds.leave(member.id, room.name)

    def refresh(self, member: Member) -> None:
        pass

    def deliver(self, batch: Sequence[Happened]) -> None:
        self.shown += self.crowds.among(batch, raw=self.raw)

    def close(self) -> None:
        self.crowds.close()


class CrowdedHall(Hall):
    """A chat with a clock, whose crowds are looked at."""

    audience: Crowded

    def __init__(self) -> None:
        clock = Clock()
        super().__init__(clock=clock, audience=Crowded(clock))
        self.crowds = self.audience.crowds

    def let_in(self, nick: str, *rooms: str) -> Seat:
        """Return the seat of a new member, who has just come into these rooms."""
        seat = self.enter(nick)
        for room in rooms or ("lobby",):
            self.chat.join(seat, room)
        return seat

    def told(self) -> list[tuple[Any, ...]]:
        """Return what was shown since the last time, in short."""
        self.clock.turn()
        shown = [*self.audience.shown]
        self.audience.shown.clear()
        return [_in_short(one) for one in shown]


def _in_short(shown: Shown) -> tuple[Any, ...]:
    if isinstance(shown, Crowd):
        return (shown.room, shown.change.name, *shown.names)
    if isinstance(shown, Presence):
        return ("raw", shown.change.name, shown.nick)
    return (shown.author, shown.text)


@pytest.fixture
def hall() -> CrowdedHall:
    return CrowdedHall()


def test_the_first_of_a_crowd_is_told_at_once_and_the_others_together(hall: CrowdedHall) -> None:
    for nick in ("alice", "bob", "carol", "dave"):
        hall.let_in(nick)
    assert hall.told() == [("lobby", "JOINED", "alice")]
    hall.wait()
    assert hall.told() == [("lobby", "JOINED", "bob", "carol", "dave")]


def test_each_presence_keeps_its_place_before_what_is_told_of_it(hall: CrowdedHall) -> None:
    hall.audience.raw = True
    hall.let_in("alice")
    bob = hall.let_in("bob")
    hall.chat.say(bob, "hello")
    assert hall.told() == [
        ("raw", "JOINED", "alice"),
        ("lobby", "JOINED", "alice"),
        ("raw", "JOINED", "bob"),
        ("lobby", "JOINED", "bob"),
        ("bob", "hello"),
    ]


def test_who_came_and_went_untold_is_never_told(hall: CrowdedHall) -> None:
    hall.come("alice")
    for _ in range(2):
        hall.chat.seating.quit(hall.let_in("bob"))
    hall.wait()
    assert hall.told() == [("lobby", "JOINED", "bob"), ("lobby", "QUIT", "bob")]  # the first one


@pytest.mark.parametrize("change", [0, 77])
def test_a_change_that_is_not_known_is_not_told_and_hides_no_coming(
    hall: CrowdedHall, change: Any
) -> None:
    hall.come("alice")
    hall.let_in("bob")
    carol = hall.let_in("carol")
    unknown = Presence(5, ("lobby",), change, "carol", carol.member.id, here=(9,))
    hall.chat.log.order.append(unknown)
    assert hall.told() == [("lobby", "JOINED", "bob")]
    hall.wait()
    assert hall.told() == [("lobby", "JOINED", "carol")]
    hall.let_in("dave")
    hall.audience.raw = True
    hall.chat.log.order.append(unknown)
    hall.clock.turn()
    assert unknown in hall.audience.shown


def test_who_comes_unannounced_is_announced_before_they_speak(hall: CrowdedHall) -> None:
    hall.let_in("alice")
    bob = hall.let_in("bob")
    hall.let_in("carol")
    hall.told()
    hall.chat.say(bob, "hello")
    assert hall.told() == [("lobby", "JOINED", "bob", "carol"), ("bob", "hello")]
    hall.wait()
    assert hall.told() == []


def test_who_speaks_elsewhere_stays_unannounced(hall: CrowdedHall) -> None:
    hall.come("alice", room="garden")
    hall.let_in("zoe", "garden")
    bob = hall.let_in("bob", "lobby", "garden")
    hall.told()
    hall.chat.say(bob, "hello", name="lobby")
    assert hall.told() == [("bob", "hello")]
    hall.wait()
    assert hall.told() == [("garden", "JOINED", "bob")]


def test_who_is_renamed_before_they_were_told_comes_by_the_new_name(hall: CrowdedHall) -> None:
    hall.let_in("alice")
    hall.chat.seating.rename(hall.let_in("bob"), "robert")
    hall.wait()
    assert hall.told() == [("lobby", "JOINED", "alice"), ("lobby", "JOINED", "robert")]


def test_who_is_pending_in_one_room_is_renamed_aloud_in_the_other(hall: CrowdedHall) -> None:
    (alice,) = hall.come("alice")
    hall.let_in("zoe", "garden")
    hall.chat.join(alice, "garden")
    hall.chat.seating.rename(alice, "ann")
    hall.clock.turn()
    (renamed,) = [
        one for one in hall.audience.shown if isinstance(one, Crowd) and "ann" in one.names
    ]
    assert (renamed.room, renamed.told_in) == ("lobby", {("lobby",): (0, 1)})
    hall.told()
    hall.wait()
    assert hall.told() == [("garden", "JOINED", "ann")]


def test_whose_name_is_taken_over_has_left_before(hall: CrowdedHall) -> None:
    alice, bob, carol = hall.come("alice", "bob", "carol")
    hall.chat.leave(carol, "lobby")
    hall.chat.seating.quit(alice)  # to be told in a crowd, later
    hall.chat.seating.rename(bob, "alice")
    assert hall.told() == [
        ("lobby", "LEFT", "carol"), ("lobby", "QUIT", "alice"), ("lobby", "RENAMED", "bob", "alice"),
    ]  # fmt: skip


def test_who_quits_is_told_in_each_room_with_all_of_them(hall: CrowdedHall) -> None:
    (alice,) = hall.come("alice")
    hall.chat.join(alice, "garden")
    hall.wait()
    hall.told()
    hall.chat.seating.quit(alice)
    hall.clock.turn()
    assert [(one.room, one.told_in) for one in hall.audience.shown if isinstance(one, Crowd)] == [
        ("lobby", {("lobby", "garden"): [0]}),
        ("garden", {("lobby", "garden"): [0]}),
    ]


def test_who_quits_is_not_told_where_they_were_pending(hall: CrowdedHall) -> None:
    (alice,) = hall.come("alice")
    hall.let_in("zoe", "garden")
    hall.chat.join(alice, "garden")
    hall.told()
    hall.chat.seating.quit(alice)
    hall.clock.turn()
    (told,) = hall.audience.shown
    assert isinstance(told, Crowd)
    assert (told.room, told.told_in) == ("lobby", {("lobby",): [0]})
    hall.wait()
    assert hall.told() == [("lobby", "QUIT", "alice")]


def test_a_room_is_kept_no_longer_than_it_must(hall: CrowdedHall) -> None:
    for number in range(20):
        (seat,) = hall.come(f"alice{number}", room=f"room{number}")
        hall.chat.seating.quit(seat)
        hall.wait()
    assert len(hall.crowds._rooms) <= 1
    hall.let_in("bob")
    hall.let_in("carol")
    hall.clock.turn()
    assert list(hall.crowds._rooms) == ["lobby"]  # where one is pending


def test_nothing_is_left_arranged_when_it_is_closed(hall: CrowdedHall) -> None:
    alice, _bob, _carol = (hall.let_in(nick) for nick in ("alice", "bob", "carol"))
    hall.clock.turn()
    assert hall.clock.getDelayedCalls()
    hall.chat.seating.quit(alice)  # on its way
    hall.chat.close()
    hall.clock.turn()
    assert not hall.clock.getDelayedCalls()
