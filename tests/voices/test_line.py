"""The line voice: what each event reads like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatproto.core import names
from chatproto.core.events import SHOWN, Change, Event, Kind
from chatproto.core.text import clean
from chatproto.errors import NotAllowed
from chatproto.language import Sentence, _
from chatproto.voices.line import WIPE, LineVoice
from chatproto.voices.voice import Crowd
from unknown import UNKNOWN_KINDS

if TYPE_CHECKING:
    from chatproto.core.events import Ids
    from chatproto.voices.voice import Shown

NOON = 1_800_000_000_000  # 2027-01-15 08:00:00 UTC
EN, RU = LineVoice("en", zone="UTC"), LineVoice("ru", zone="UTC")

ANY_TEXT = st.text(max_size=30).map(clean)


def event(kind: Kind, text: str, author: str = "alice", room: str = "lobby") -> Event:
    return Event(7, NOON, kind, room, author, 1, "", 0, text)


def crowd(change: Change, *who: str, size: int = 0, text: str = "") -> Crowd:
    return Crowd(NOON, "lobby", change, who, size or len(who), 1, text)


def read(voice: LineVoice, one: Shown, current: str = "lobby", ids: Ids = ()) -> str:
    """Return the one line that this reads like, without its end."""
    (line,) = voice.render([one], current, ids)
    assert line.endswith(voice.end)
    assert line.count(b"\n") == 1
    return line.removesuffix(voice.end).decode()


@pytest.mark.parametrize(
    ("one", "english", "russian"),
    [
        (event(Kind.SAID, "hello"), "alice: hello", "alice: hello"),
        (event(Kind.DID, "waves"), "* alice waves", "* alice waves"),
        (event(Kind.TOPIC, "cats"), "-- alice sets the topic: cats", "-- alice задаёт тему: cats"),
        (event(Kind.TOPIC, ""), "-- alice removes the topic", "-- alice убирает тему"),
        (crowd(Change.JOINED, "bob"), "-- bob joined", "-- bob входит"),
        (crowd(Change.LEFT, "bob"), "-- bob left", "-- bob уходит"),
        (crowd(Change.QUIT, "bob", text="tea"), "-- bob left: tea", "-- bob уходит: tea"),
        (
            crowd(Change.LOST, "bob"),
            "-- bob left: the connection broke",
            "-- bob уходит: связь прервалась",
        ),
        (
            Crowd(NOON, "lobby", Change.RENAMED, ("bob", "rob"), 1, 2),
            "-- bob is now rob",
            "-- bob теперь rob",
        ),
        (
            crowd(Change.JOINED, "bob", "carol"),
            "-- bob and carol joined",
            "-- входят bob и carol",
        ),
        (
            crowd(Change.JOINED, "bob", "carol", size=96)._replace(here=508),
            "-- 96 people joined, 508 are here",
            "-- вошли 96 человек, здесь 508 человек",
        ),
        (
            crowd(Change.LOST, "bob", "carol"),
            "-- bob and carol left",
            "-- уходят bob и carol",
        ),
    ],
)
def test_each_kind_of_event_has_its_line(one: Shown, english: str, russian: str) -> None:
    assert read(EN, one) == english
    assert read(RU, one) == russian
    assert read(EN, one, current="garden") == f"#lobby {english}"
    assert read(RU, one, current="") == f"#lobby {russian}"


def test_a_private_line_reads_otherwise_on_its_two_sides() -> None:
    secret = Event(7, NOON, Kind.PRIVATE, "", "alice", 1, "bob", 2, "psst")
    assert read(EN, secret, ids=(2,)) == "[alice -> you] psst"
    assert read(EN, secret, ids=(1,)) == "[you -> bob] psst"
    assert read(RU, secret, ids=(2,)) == "[alice -> вам] psst"
    assert read(RU, secret, ids=(1,)) == "[вы -> bob] psst"


def test_lines_come_in_the_order_of_the_events() -> None:
    lines = EN.render([event(Kind.SAID, "one"), crowd(Change.JOINED, "bob")], "lobby")
    assert lines == [b"alice: one\n", b"-- bob joined\n"]


def test_a_telnet_line_ends_in_cr_lf() -> None:
    assert replace(EN, end=b"\r\n").render([event(Kind.SAID, "é")], "lobby") == [
        "alice: é\r\n".encode()
    ]


def test_a_stamp_is_the_time_of_day() -> None:
    stamped = replace(EN, time="HH:MM")
    assert read(stamped, event(Kind.SAID, "hello")) == "08:00 alice: hello"
    assert read(stamped, crowd(Change.JOINED, "bob"), "pub") == "08:00 #lobby -- bob joined"


def test_a_terminals_line_is_wiped_before_something_is_shown() -> None:
    wiping = replace(EN, wipes=True)
    assert wiping.frame(b"alice: hello\r\n") == WIPE + b"alice: hello\r\n"
    assert wiping.frame(b"") == b""
    assert EN.frame(b"alice: hello\n") == b"alice: hello\n"


def test_a_notice_is_marked_on_every_line() -> None:
    assert RU.notice(_("Goodbye.")) == "-- До свидания.\n".encode()
    assert replace(EN, end=b"\r\n").notice(Sentence("one\ntwo")) == b"-- one\r\n-- two\r\n"


@pytest.mark.parametrize(
    ("days", "numbered", "line"),
    [
        (0, False, "08:00 alice: hello\n"),
        (0, True, "#7 08:00 alice: hello\n"),
        (1, False, "2027-01-15 08:00 alice: hello\n"),
        (1, True, "#7 2027-01-15 08:00 alice: hello\n"),
    ],
)
def test_the_past_has_its_time_and_where_wanted_its_number(
    days: int, numbered: bool, line: str
) -> None:
    now = NOON / 1000 + days * 86400
    assert EN.past(event(Kind.SAID, "hello"), now, "lobby", numbered=numbered) == line.encode()


def test_the_past_is_stamped_in_the_readers_time_zone() -> None:
    east = replace(EN, zone="Asia/Kolkata")
    past = east.past(event(Kind.SAID, "hello"), NOON / 1000, "lobby", numbered=False)
    assert past == b"13:30 alice: hello\n"


def test_equal_voices_share_one_rendering() -> None:
    assert len({EN, LineVoice("en", zone="UTC"), replace(EN, time="HH:MM"), RU}) == 3


@given(UNKNOWN_KINDS, ANY_TEXT, st.sampled_from(["lobby", "pub", ""]))
def test_a_kind_without_words_reads_as_nothing(kind: int, text: str, current: str) -> None:
    unknown = Event(7, NOON, kind, "lobby", "alice", 1, "bob", 2, text)
    hello = event(Kind.SAID, "hello", room=current)
    for voice in (EN, RU, replace(EN, time="HH:MM", end=b"\r\n", wipes=True)):
        nothing, line = voice.render([unknown, hello], current, (2,), "bob")
        assert nothing == voice.frame(nothing) == b""
        assert line == voice.render([hello], current)[0]
        for numbered in (True, False):
            assert voice.past(unknown, NOON / 1000, current, (2,), numbered=numbered) == b""


@pytest.mark.parametrize("kind", Kind)
def test_there_are_words_for_every_kind_that_is_shown(kind: Kind) -> None:
    assert bool(EN.render([event(kind, "hello")], "lobby")[0]) is (kind in SHOWN)


# -- no member can say a line that reads like another kind ------------------------------------------


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), max_size=6), ANY_TEXT)
@example("--", "bob joined")
@example("*", "bob waves")
@example("[bob -> you]", "psst")
def test_what_is_said_reads_like_nothing_else(wish: str, text: str) -> None:
    try:
        nick = names.nick(wish)
    except NotAllowed:
        assume(False)
    line = read(EN, event(Kind.SAID, text, nick))
    assert not line.startswith(("-- ", "* ", "[", "#", "/"))
    assert line.split(":")[0] == nick


@given(ANY_TEXT, st.sampled_from([Kind.SAID, Kind.DID, Kind.TOPIC]))
def test_every_line_is_one_line_by_whoever_did_it(text: str, kind: Kind) -> None:
    assert read(EN, event(kind, text)).startswith(("alice: ", "* alice ", "-- alice "))


@given(ANY_TEXT)
def test_no_reason_ends_the_line_it_is_in(text: str) -> None:
    assert read(EN, crowd(Change.QUIT, "bob", text=text)).startswith("-- bob left")
