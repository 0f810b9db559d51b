"""/join, /leave, /rooms and /topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asking import ask, told
from chatproto.commands.rooms import ROOMS_LISTED
from chatproto.limits import EXCERPT_LENGTH
from fakes import enter

if TYPE_CHECKING:
    from fakes import InMemoryServer, Peer


def test_join_goes_into_a_room_and_shows_it(alice: Peer, bob: Peer) -> None:
    assert ask(bob, "/join #Garden") == ["-- You are in #garden. Nobody else is here yet."]
    ask(bob, "/topic roses")
    ask(bob, "first!")
    shown = ask(alice, "/join garden")
    assert shown[:2] == ["-- You are in #garden with bob.", "-- Topic: roses (by bob)"]
    assert [line.split(" ", 1)[1] for line in shown[2:]] == [
        "-- bob sets the topic: roses",
        "bob: first!",
    ]


def test_join_looks_at_a_room_one_is_in(alice: Peer) -> None:
    ask(alice, "/join garden")
    assert ask(alice, "/join lobby") == ["-- You are talking in #lobby now."]
    assert ask(alice, "/join lobby") == ["-- You are in #lobby already."]


def test_join_says_what_a_room_may_be_called(alice: Peer) -> None:
    assert ask(alice, "/join") == ["-- Usage: /join #ROOM"]
    assert ask(alice, "/join #a:b") == [
        "-- A room's name has letters, digits and any of _ . - but no “:”."
    ]


WRONG_ROOMS = {
    "#a!b": "A room's name has letters, digits and any of _ . - but no “!”.",
    "#-ab": "A room's name begins with a letter, a digit or _, not with “-”.",
    "#" + "x" * 65: "That room's name has 65 characters; the most is 64.",
    "#sаd": "A room's name keeps to one alphabet; “sаd” mixes Cyrillic and Latin.",
    "#": "A room's name has at least one letter.",
}


@pytest.mark.parametrize("command", ["join", "leave", "who", "msg", "search"])
@pytest.mark.parametrize(("name", "sentence"), WRONG_ROOMS.items())
def test_wherever_a_room_is_named_it_is_called_a_room(
    alice: Peer, command: str, name: str, sentence: str
) -> None:
    if (command, name) != ("search", "#"):  # which has no letter to search for
        words = " hello" if command in ("msg", "search") else ""
        assert ask(alice, f"/{command} {name}{words}") == [f"-- {sentence}"]


def test_a_room_is_called_so_in_russian_too(alice: Peer) -> None:
    ask(alice, "/language ru")
    for name in WRONG_ROOMS:
        (told,) = ask(alice, f"/join {name}")
        assert "комнаты" in told
        assert "имени" not in told.casefold()


def test_join_takes_one_word_and_says_what_is_wrong_with_more(
    server: InMemoryServer, alice: Peer
) -> None:
    assert ask(alice, "/join #bad room!") == [
        "-- A room's name has letters, digits and any of _ . - but no “!”."
    ]
    assert ask(alice, "/join #tea  room") == ["-- A room's name is one word: try #tea-room."]
    assert "bad" not in server.chat.rooms


def test_join_of_a_forgotten_room_shows_it_as_any_other(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(bob, "/join garden")
    ask(bob, "/topic roses")
    ask(bob, "/leave")
    server.clock.advance(2)
    server.chat.rooms.forget("garden")
    assert ask(alice, "/join garden")[:2] == [
        "-- You are in #garden. Nobody else is here yet.",
        "-- Topic: roses (by bob)",
    ]


def test_leave_goes_out_of_the_room_looked_at(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(alice, "/join garden")
    assert ask(alice, "/leave") == ["-- You left #garden. You are talking in #lobby now."]
    assert ask(alice, "/leave tea time") == ["-- You left #lobby. You are in no room now."]
    server.clock.advance(2)
    server.clock.turn()
    assert told(bob) == ["-- alice left: tea time"]


def test_leave_goes_out_of_the_room_named(alice: Peer) -> None:
    ask(alice, "/join garden")
    assert ask(alice, "/leave #lobby bye all") == [
        "-- You left #lobby. You are talking in #garden now."
    ]
    assert ask(alice, "/leave #lobby") == ["-- You are not in #lobby. /join #lobby brings you in."]


def test_who_is_in_no_room_is_told_how_to_get_into_one(alice: Peer) -> None:
    ask(alice, "/leave")
    nowhere = ["-- You are in no room. /join #lobby brings you into one."]
    for line in ("hello", "/me waves", "/leave", "/topic", "/who", "/history"):
        assert ask(alice, line) == nowhere


def test_rooms_lists_the_fullest_first(alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    ask(bob, "/topic roses")
    assert ask(alice, "/rooms") == ["-- #lobby: 2 people.", "-- #garden: 1 person. roses"]
    ask(bob, "/leave")
    assert ask(alice, "/rooms") == ["-- #lobby: 2 people.", "-- #garden: empty. roses"]


def test_rooms_shows_a_row_of_a_long_topic(alice: Peer) -> None:
    alice.send("/topic " + "roses " * 60)
    alice.read()
    shown = ("roses " * 60)[:EXCERPT_LENGTH]
    assert ask(alice, "/rooms") == [f"-- #lobby: 1 person. {shown}…"]


def test_rooms_lists_so_many_and_counts_the_rest(server: InMemoryServer, alice: Peer) -> None:
    for number in range(ROOMS_LISTED + 1):
        server.chat.join(enter(server.chat, ""), f"room{number:02}")
    listed = ask(alice, "/rooms")
    assert len(listed) == ROOMS_LISTED + 1
    assert listed[-1] == "-- ... and 2 more rooms."


def test_rooms_says_when_there_are_none(alice: Peer) -> None:
    ask(alice, "/leave")
    assert ask(alice, "/rooms") == ["-- There are no rooms. /join makes one."]


def test_topic_is_asked_set_and_taken_away(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/topic") == ["-- #lobby has no topic. /topic TEXT gives it one."]
    assert ask(alice, "/topic cats and dogs") == ["-- alice sets the topic: cats and dogs"]
    assert told(bob) == ["-- alice sets the topic: cats and dogs"]
    assert ask(bob, "/topic") == ["-- Topic: cats and dogs (by alice)"]
    assert ask(bob, "/topic -") == ["-- bob removes the topic"]
    assert ask(alice, "/topic") == ["-- #lobby has no topic. /topic TEXT gives it one."]


def test_topic_may_be_only_so_long(alice: Peer) -> None:
    assert ask(alice, "/topic " + "x" * 391) == [
        "-- That topic has 391 characters; the most is 390."
    ]


def test_leave_takes_the_name_of_a_room_with_or_without_its_sign(alice: Peer) -> None:
    ask(alice, "/join garden")
    ask(alice, "/join lobby")
    assert ask(alice, "/leave garden") == ["-- You left #garden. You are talking in #lobby now."]
