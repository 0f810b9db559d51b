"""/nick, /who, /whois, /ignore and /away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asking import ask, told

if TYPE_CHECKING:
    from fakes import House, Peer


def test_nick_takes_another_name(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/nick Alicia") == ["-- You are Alicia now."]
    assert told(bob) == ["-- alice is now Alicia"]
    ask(alice, "hello")
    assert told(bob) == ["Alicia: hello"]


def test_nick_says_why_not(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/nick BOB") == ["-- “BOB” is taken. Choose another name."]
    assert ask(alice, "/nick mary ann") == ["-- A name is one word: try mary_ann."]
    assert ask(alice, "/nick") == ["-- It is used so: /nick NAME"]
    assert told(bob) == []


def test_who_lists_the_room_with_who_is_away(alice: Peer, bob: Peer) -> None:
    ask(bob, "/away")
    assert ask(alice, "/who") == ["-- 2 people in #lobby: alice, bob*"]
    ask(bob, "/join garden")
    assert ask(bob, "/who") == ["-- 1 person in #garden: bob*"]
    assert ask(bob, "/who #lobby") == ["-- 2 people in #lobby: alice, bob*"]


def test_who_lists_only_rooms_one_is_in(alice: Peer) -> None:
    assert ask(alice, "/who #garden") == ["-- You are not in #garden. /join #garden brings you in."]


@pytest.fixture
def crowd(house: House, alice: Peer) -> Peer:
    for number in range(249):
        house.chat.join(house.chat.enter(f"n{number:03}"), "lobby")
    house.clock.turn()
    house.clock.advance(2)  # they have been told
    house.clock.turn()
    return alice


def test_who_lists_a_full_room_in_pages(crowd: Peer) -> None:
    names = ["alice", *(f"n{number:03}" for number in range(249))]
    for line, number, first, following in (
        ("/who", 1, 0, 2),
        ("/who 2", 2, 100, 3),
        ("/who #lobby 3", 3, 200, 1),
    ):
        assert ask(crowd, line) == [
            f"-- 250 people in #lobby: {', '.join(names[first : first + 100])}",
            f"-- Page {number} of 3: /who #lobby {following} shows another.",
        ]


@pytest.mark.parametrize("page", ["0", "4", "-1", "²", "two", "9" * 400])
def test_who_has_no_other_pages(crowd: Peer, page: str) -> None:
    assert ask(crowd, f"/who {page}") == [f"-- There is no page “{page}”; there are 1 to 3."]


def test_whois_tells_what_is_known(house: House, alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    ask(bob, "hello")
    house.clock.advance(3 * 3600)
    assert ask(alice, "/whois Bob") == [
        "-- bob is in #lobby, #garden; here for 3 hours, last heard 3 hours ago."
    ]
    ask(bob, "/away fishing")
    assert ask(alice, "/whois bob")[1:] == ["-- bob is away: fishing"]


def test_whois_tells_of_oneself_and_of_nobody_else(alice: Peer) -> None:
    assert ask(alice, "/whois")[0].startswith("-- alice is in #lobby; here for ")
    assert ask(alice, "/whois carol") == ["-- Nobody here is called “carol”. /who lists who is."]
    ask(alice, "/leave")
    assert ask(alice, "/whois")[0].startswith("-- alice is in -; ")


def test_ignore_stops_what_somebody_says_and_does(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/ignore Bob") == [
        "-- You do not read Bob any more; /ignore Bob again undoes it."
    ]
    for line in ("hello", "/me waves", "/msg alice psst"):
        ask(bob, line)
    assert told(alice) == []
    ask(bob, "/topic cats")
    assert told(alice) == ["-- bob sets the topic: cats"]


def test_ignore_is_undone_by_itself(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    assert ask(alice, "/ignore") == ["-- You ignore: bob"]
    assert ask(alice, "/ignore BOB") == ["-- You read BOB again."]
    assert ask(alice, "/ignore") == ["-- You ignore nobody."]
    ask(bob, "hello")
    assert told(alice) == ["bob: hello"]


def test_ignore_is_not_for_oneself(alice: Peer) -> None:
    assert ask(alice, "/ignore alice") == ["-- That is you."]


def test_away_is_undone_by_itself_or_given_another_reason(alice: Peer) -> None:
    gone = ["-- You are away. /away again says that you are back."]
    assert ask(alice, "/away lunch") == gone
    assert ask(alice, "/away dinner") == gone
    assert ask(alice, "/whois")[1:] == ["-- alice is away: dinner"]
    assert ask(alice, "/away") == ["-- You are back."]
    assert len(ask(alice, "/whois")) == 1


def test_coming_back_tells_how_much_was_missed(alice: Peer, bob: Peer) -> None:
    ask(alice, "/away")
    for word in ("one", "two"):
        ask(bob, word)
    told(alice)
    assert ask(alice, "/back") == [
        "-- You are back.",
        "-- 2 lines were said while you were away; /history shows the last ones.",
    ]
