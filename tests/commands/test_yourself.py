"""/language, /time and /quit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from asking import ask, told
from chatproto.core.preferences import OPTIONS
from chatproto.doors.plain import PlainProtocol
from fakes import InMemoryServer

if TYPE_CHECKING:
    from fakes import Peer


def test_language_changes_everything_that_is_read(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/language ru") == ["-- Теперь ваш язык — русский."]
    assert ask(alice, "/who") == ["-- 2 человека в #lobby: alice, bob"]
    ask(bob, "/nick robert")
    assert told(alice) == ["-- bob теперь robert"]
    assert ask(alice, "/join") == ["-- Использование: /join #КОМНАТА"]
    assert ask(bob, "/who") == ["-- 2 people in #lobby: alice, robert"]


def test_language_is_known_by_its_own_name(alice: Peer) -> None:
    assert ask(alice, "/language русский") == ["-- Теперь ваш язык — русский."]
    assert ask(alice, "/language English") == ["-- Your language is English now."]


def test_language_says_which_there_are(alice: Peer) -> None:
    known = "en (English), ru (Русский)"
    assert ask(alice, "/language") == [f"-- /language takes one of: {known}"]
    assert ask(alice, "/language tlh") == ["-- language is one of en, ru, not “tlh”."]


def test_the_house_speaks_russian_to_those_who_have_not_chosen() -> None:
    alice = InMemoryServer(language="ru").knock(PlainProtocol)
    assert alice.read() == "Ваше имя: "


def test_time_tells_the_time_and_the_zone(alice: Peer) -> None:
    (line,) = ask(alice, "/time")
    assert re.fullmatch(r"-- It is 2027-01-1\d \d\d:\d\d:\d\d here \(UTC[+-]\d{4}\)\.", line)


def test_time_goes_before_each_line_until_it_is_off(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/time on")[0] == "-- Times are on: each line shows when it was said."
    ask(bob, "hello")
    assert re.fullmatch(r"\d\d:\d\d bob: hello", told(alice)[0])
    assert ask(alice, "/time off")[0] == "-- Times are off."
    ask(bob, "hello")
    assert told(alice) == ["bob: hello"]


def test_time_takes_nothing_else(alice: Peer) -> None:
    assert ask(alice, "/time maybe") == [
        "-- time is one of off, HH:MM, HH:MM:SS, date, not “maybe”."
    ]


def test_quit_leaves_with_a_reason(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/quit see you") == ["-- Goodbye."]
    assert alice.transport.disconnecting
    server.clock.advance(1)
    server.clock.turn()
    assert told(bob) == ["-- alice left: see you"]
    assert [member.nick for member in server.chat.members.values()] == ["bob"]


def test_set_shows_what_one_prefers(alice: Peer) -> None:
    lines = ask(alice, "/set")
    assert lines[0] == "-- /set language en - your language: en, ru"
    assert {line.split()[2] for line in lines} == {option.name for option in OPTIONS}


def test_set_changes_one_thing(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/set time hh:mm:ss") == [
        "-- /set time HH:MM:SS - a time before each line: off, HH:MM, HH:MM:SS, date"
    ]
    ask(bob, "hello")
    assert re.fullmatch(r"\d\d:\d\d:\d\d bob: hello", told(alice)[-1])


def test_set_knows_a_time_zone_by_the_end_of_its_name(alice: Peer) -> None:
    assert ask(alice, "/set zone tokyo")[0].startswith("-- /set zone Asia/Tokyo")
    assert ask(alice, "/time")[0].endswith("(Asia/Tokyo).")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/set sound on", "-- There is no option “sound”; there are: language, input, theme,"),
        ("/set theme pink", "-- theme is one of auto, none, dark, light, clear, not “pink”."),
        ("/set zone Mars/Olympus", "-- zone is one of server, UTC, Europe/Berlin, Asia/Tokyo,"),
    ],
)
def test_set_says_what_may_be_set(alice: Peer, line: str, answer: str) -> None:
    assert ask(alice, line)[0].startswith(answer)


def test_clear_does_nothing_where_there_is_no_screen(alice: Peer) -> None:
    assert ask(alice, "/clear") == []
