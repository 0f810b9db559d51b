"""/nick, /who, /whois, /ignore and /away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asking import ask, told
from fakes import enter

if TYPE_CHECKING:
    from fakes import InMemoryServer, Peer


def test_nick_takes_another_name(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/nick Alicia") == ["-- You are Alicia now."]
    assert told(bob) == ["-- alice is now Alicia"]
    ask(alice, "hello")
    assert told(bob) == ["Alicia: hello"]


def test_nick_says_why_not(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/nick BOB") == ["-- “BOB” is taken. Choose another name."]
    assert ask(alice, "/nick mary ann") == ["-- A name is one word: try mary_ann."]
    assert ask(alice, "/nick") == ["-- Usage: /nick NAME"]
    assert told(bob) == []


def test_who_lists_the_room_with_who_is_away(alice: Peer, bob: Peer) -> None:
    ask(bob, "/away")
    assert ask(alice, "/who") == ["-- 2 people in #lobby: alice, bob*"]
    ask(bob, "/join garden")
    assert ask(bob, "/who") == ["-- 1 person in #garden: bob*"]
    assert ask(bob, "/who #lobby") == ["-- 2 people in #lobby: alice, bob*"]


def test_who_takes_a_room_with_or_without_its_sign(alice: Peer) -> None:
    ask(alice, "/join garden")
    assert ask(alice, "/who Lobby") == ask(alice, "/who #lobby") == ["-- 1 person in #lobby: alice"]


def test_who_lists_only_rooms_one_is_in(alice: Peer) -> None:
    assert ask(alice, "/who #garden") == ["-- You are not in #garden. /join #garden brings you in."]


@pytest.fixture
def crowd(server: InMemoryServer, alice: Peer) -> Peer:
    for number in range(249):
        server.chat.join(enter(server.chat, f"n{number:03}"), "lobby")
    server.clock.turn()
    server.clock.advance(2)  # they have been told
    server.clock.turn()
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


@pytest.mark.parametrize("page", ["0", "4", "-1", "²", "two", "9" * 40])
def test_who_has_no_other_pages(crowd: Peer, page: str) -> None:
    assert ask(crowd, f"/who {page}") == [f"-- There is no page “{page}”; there are 1 to 3."]


def test_whois_tells_what_is_known(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    server.clock.advance(1)
    ask(bob, "hello")
    assert ask(alice, "/whois bob")[1] == "-- Here for 3 seconds; spoke just now."
    server.clock.advance(3 * 3600)
    assert ask(alice, "/whois Bob") == [
        "-- bob is in #lobby, #garden.",
        "-- Here for 3 hours; spoke 3 hours ago.",
    ]
    ask(bob, "/away fishing")
    assert ask(alice, "/whois bob")[2:] == ["-- bob is away: fishing"]


def test_whois_tells_of_oneself_and_of_nobody_else(alice: Peer) -> None:
    assert ask(alice, "/whois") == [
        "-- alice is in #lobby.",
        "-- Here for 2 seconds; has said nothing yet.",
    ]
    assert ask(alice, "/whois carol") == [
        "-- Nobody here is called “carol”. /who lists who is here."
    ]
    ask(alice, "/leave")
    assert ask(alice, "/whois")[0].startswith("-- alice is in no room.")


def test_ignore_stops_what_somebody_says_and_does(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/ignore Bob") == [
        "-- You are ignoring Bob now; /ignore Bob again undoes it."
    ]
    for line in ("hello", "/me waves", "/msg alice psst"):
        ask(bob, line)
    assert told(alice) == []
    ask(bob, "/topic cats")
    assert told(alice) == []


@pytest.mark.parametrize("name", ["bob", "rob"])
def test_the_topic_of_whom_one_ignores_is_there_without_its_text(
    alice: Peer, bob: Peer, name: str
) -> None:
    ask(alice, "/ignore bob")
    ask(bob, f"/nick {name}")  # which is no way round it
    ask(bob, "/join garden")
    ask(bob, "/topic cats")
    hidden = f"(set by {name}, whom you ignore)"
    assert ask(alice, "/rooms")[-1] == f"-- #garden: 1 person. {hidden}"
    assert ask(alice, "/join garden") == [
        f"-- You are in #garden with {name}.",
        f"-- Topic: {hidden}",
    ]
    assert ask(alice, "/topic") == [f"-- Topic: {hidden}"]
    assert ask(bob, "/topic") == [f"-- Topic: cats (by {name})"]
    ask(alice, "/ignore bob")
    assert ask(alice, "/topic") == [f"-- Topic: cats (by {name})"]


def test_ignore_follows_who_takes_another_name(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    for line in ("/nick rob", "hello", "/topic mice", "/quit and you cannot stop me"):
        ask(bob, line)
    assert told(alice) == []
    assert not any("rob" in line for line in ask(alice, "/history"))


def test_ignore_lists_under_which_names_its_people_go_now(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    ask(bob, "/nick rob")
    assert ask(alice, "/ignore") == ["-- You are ignoring: bob (rob)"]
    assert ask(alice, "/ignore rob") == ["-- You are not ignoring rob any more."]
    ask(bob, "hello")
    assert told(alice) == ["rob: hello"]


def test_a_reply_goes_to_nobody_who_is_ignored(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    ask(bob, "/msg alice psst")
    assert ask(alice, "/reply what?") == ["-- Nobody has sent you a private message yet."]


def test_ignore_is_undone_by_itself(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    assert ask(alice, "/ignore") == ["-- You are ignoring: bob"]
    assert ask(alice, "/ignore BOB") == ["-- You are not ignoring BOB any more."]
    assert ask(alice, "/ignore") == ["-- You are not ignoring anybody."]
    ask(bob, "hello")
    assert told(alice) == ["bob: hello"]


def test_ignore_takes_one_name_and_says_so(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/ignore bob carol") == [
        "-- That is more than /ignore takes: “carol”. Usage: /ignore [NICK]"
    ]
    assert ask(alice, "/ignore") == ["-- You are not ignoring anybody."]


def test_ignore_is_not_for_oneself(alice: Peer) -> None:
    assert ask(alice, "/ignore alice") == ["-- That is you."]


def test_away_is_undone_by_itself_or_given_another_reason(alice: Peer) -> None:
    gone = ["-- You are away. Anything you say, or /away again, brings you back."]
    assert ask(alice, "/away lunch") == gone
    assert ask(alice, "/away dinner") == gone
    assert ask(alice, "/whois")[2:] == ["-- alice is away: dinner"]
    assert ask(alice, "/away") == ["-- You are back."]
    assert len(ask(alice, "/whois")) == 2


@pytest.mark.parametrize("line", ["hello", "/me waves", "/msg bob hi", "/topic tea"])
def test_whoever_speaks_is_back_and_told_so(alice: Peer, bob: Peer, line: str) -> None:
    ask(alice, "/away")
    assert "-- You are back." in ask(alice, line)
    assert ask(bob, "/who") == ["-- 2 people in #lobby: alice, bob"]
    assert "-- You are back." not in ask(alice, line)


@pytest.mark.parametrize("line", ["/who", "/join garden", "/nick ann", "/away lunch", "exit"])
def test_whoever_does_not_speak_stays_away(alice: Peer, bob: Peer, line: str) -> None:
    ask(alice, "/away")
    assert "-- You are back." not in ask(alice, line)
    assert "alice*" in ask(bob, "/who")[0] or "ann*" in ask(bob, "/who")[0]


def test_coming_back_tells_what_was_missed_and_where(alice: Peer, bob: Peer) -> None:
    ask(alice, "/join garden")
    ask(bob, "/join garden")
    ask(bob, "before")
    alice.send("my own line, on its way while I go\n/away")
    for line in (
        "one",
        "Alice, are you here?",
        "/me looks for alice.",
        "malice",
        "/msg alice psst",
    ):
        ask(bob, line)
    ask(bob, "/msg #lobby two")
    told(alice)
    assert ask(alice, "/back") == [
        "-- You are back.",
        "-- You missed: 4 lines in #garden, 1 line in #lobby.",
        "-- 2 of them name you; for the first one, see /history #4.",
        "-- You got 1 private message.",
    ]


def test_what_is_missed_leaves_out_who_is_ignored(alice: Peer, bob: Peer) -> None:
    ask(alice, "/ignore bob")
    ask(alice, "/away")
    for line in ("one", "alice!", "/msg alice psst"):
        ask(bob, line)
    assert ask(alice, "/back") == ["-- You are back."]


def test_of_many_rooms_the_fullest_are_told(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    rooms = [f"room{number}" for number in range(1, 8)]
    for room in rooms:
        ask(alice, f"/join {room}")
        ask(bob, f"/join {room}")
    ask(alice, "/away")
    for number, room in enumerate(rooms, 1):
        for _line in range(number):
            ask(bob, f"/msg #{room} hello")
    told(alice)
    assert ask(alice, "/back")[1] == (
        "-- You missed: 7 lines in #room7, 6 lines in #room6, 5 lines in #room5, 4 lines in #room4,"
        " 3 lines in #room3, 3 lines elsewhere."
    )


def test_a_name_taken_while_away_is_looked_for(alice: Peer, bob: Peer) -> None:
    ask(alice, "/away")
    ask(alice, "/nick ann")
    ask(bob, "alice?")
    ask(bob, "ann?")
    told(alice)
    assert ask(alice, "/back")[2] == "-- 1 of them names you: see /history #2."


def test_a_room_joined_while_away_counts_too(alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    ask(bob, "too early")
    ask(alice, "/away")
    ask(alice, "/join garden")
    ask(bob, "alice?")
    told(alice)
    assert ask(alice, "/back")[1:] == [
        "-- You missed: 1 line in #garden.",
        "-- 1 of them names you: see /history #2.",
    ]
