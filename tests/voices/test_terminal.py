"""The terminal voice: what each event looks like on a screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.events import SHOWN, Change, Event, Kind
from chatproto.core.preferences import Preferences
from chatproto.language import Sentence, _
from chatproto.limits import MENTIONS_MARKED
from chatproto.terminal import above
from chatproto.voices.screen import Screen, clamped, voice
from chatproto.voices.terminal import INDENT_MOST, TerminalVoice
from chatproto.voices.themes import THEMES
from chatproto.voices.voice import Crowd
from terminal_emulator import TerminalEmulator
from unknown import UNKNOWN_KINDS

if TYPE_CHECKING:
    from chatproto.core.events import Ids
    from chatproto.voices.voice import Shown

NOON = 1_800_000_000_000  # 2027-01-15 08:00:00 UTC
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
EN = TerminalVoice("en", 40, zone="UTC")
RU = replace(EN, language="ru")
DARK = replace(EN, theme="dark")
MARK = f"\x1b[{THEMES['dark'].mention}m"


def event(kind: Kind = Kind.SAID, text: str = "hello", author: str = "alice") -> Event:
    return Event(7, NOON, kind, "lobby", author, 1, "", 0, text)


def crowd(change: Change = Change.JOINED, *who: str) -> Crowd:
    return Crowd(NOON, "lobby", change, who or ("bob",), len(who) or 1, 1, "")


def secret() -> Event:
    return Event(7, NOON, Kind.PRIVATE, "", "alice", 1, "bob", 2, "psst")


def read(
    voice: TerminalVoice, one: Shown, current: str = "lobby", ids: Ids = (), nick: str = ""
) -> str:
    """Return what one event reads like, as it is sent."""
    (rows,) = voice.render([one], current, ids, nick)
    assert rows.rstrip(b"\a").endswith(b"\r\n")
    return rows.decode()


def plain(text: str) -> str:
    return COLOUR.sub("", text).removesuffix("\r\n")


@pytest.mark.parametrize(
    ("one", "english", "russian"),
    [
        (event(), "alice: hello", "alice: hello"),
        (event(Kind.DID, "waves"), "* alice waves", "* alice waves"),
        (event(Kind.TOPIC, "cats"), "-- alice sets the topic: cats", "-- alice задаёт тему: cats"),
        (crowd(), "-- bob joined", "-- bob входит"),
        (crowd(Change.LEFT), "-- bob left", "-- bob уходит"),
    ],
)
@pytest.mark.parametrize("theme", THEMES)
def test_it_says_what_the_line_voice_says_in_colours(
    one: Shown, english: str, russian: str, theme: str
) -> None:
    assert plain(read(replace(EN, theme=theme), one)) == english
    assert plain(read(replace(RU, theme=theme), one)) == russian
    assert plain(read(replace(EN, theme=theme), one, current="pub")) == f"#lobby {english}"


@pytest.mark.parametrize("one", [event(), event(Kind.DID), crowd(), secret()])
def test_without_a_theme_nothing_is_coloured(one: Shown) -> None:
    assert "\x1b" not in read(EN, one)
    assert "\x1b" in read(DARK, one)


def test_a_nick_has_its_colour_however_it_is_written() -> None:
    colour = THEMES["dark"].nick("alice")
    assert read(DARK, event()).startswith(f"\x1b[{colour}malice\x1b[0m: ")
    assert read(DARK, event(author="ALICE")).startswith(f"\x1b[{colour}mALICE\x1b[0m: ")


def test_a_private_line_reads_otherwise_on_its_two_sides_and_rings_on_one() -> None:
    assert read(EN, secret(), ids=(2,)) == "[alice -> you] psst\r\n\a"
    assert read(EN, secret(), ids=(1,)) == "[you -> bob] psst\r\n"
    assert plain(read(DARK, secret(), ids=(1,))) == "[you -> bob] psst"


@given(UNKNOWN_KINDS, st.sampled_from(["bob", "", "wide " * 30]), st.sampled_from(["lobby", "pub"]))
def test_a_kind_without_words_reads_as_nothing_and_rings_no_bell(
    kind: int, text: str, current: str
) -> None:
    unknown = Event(7, NOON, kind, "lobby", "alice", 1, "bob", 2, text)
    for each in (EN, replace(DARK, bell="all", time="HH:MM")):
        nothing, line = each.render([unknown, event()], current, (2,), "bob")
        assert nothing == each.frame(nothing) == b""
        assert line == each.render([event()], current, (2,), "bob")[0]
        assert each.width([unknown], current) == 0
        for numbered in (True, False):
            assert each.past(unknown, NOON / 1000, current, (2,), numbered=numbered) == b""


@pytest.mark.parametrize("kind", Kind)
def test_there_are_words_for_every_kind_that_is_shown(kind: Kind) -> None:
    assert bool(EN.render([event(kind)], "lobby")[0]) is (kind in SHOWN)


@pytest.mark.parametrize("nick", ["bob", "BOB"])
@pytest.mark.parametrize("text", ["bob!", "hi Bob", "(bob)", "bob, bob"])
def test_a_mention_is_marked_and_rings(text: str, nick: str) -> None:
    line = read(DARK, event(text=text), ids=(2,), nick=nick)
    assert line.count(MARK) == text.lower().count("bob")
    assert line.endswith("\a")
    assert plain(line.rstrip("\a")) == f"alice: {text}"


@pytest.mark.parametrize("text", ["bobby", "kebob", "bob-cat", "x.bob", "nobody"])
def test_a_part_of_a_word_is_no_mention(text: str) -> None:
    assert read(DARK, event(text=text), ids=(2,), nick="bob").count("\a") == 0
    assert MARK not in read(DARK, event(text=text), ids=(2,), nick="bob")


def test_what_one_says_oneself_is_no_mention() -> None:
    line = read(DARK, event(text="I am alice"), ids=(1,), nick="alice")
    assert MARK not in line
    assert "\a" not in line


def test_a_name_that_is_repeated_is_marked_so_often_and_no_more() -> None:
    line = read(replace(DARK, columns=500), event(text="bob " * 100), ids=(2,), nick="bob")
    assert line.count(MARK) == MENTIONS_MARKED


@pytest.mark.parametrize(
    ("bell", "at_a_mention", "else_"),
    [("on", True, False), ("off", False, False), ("all", True, True)],
)
def test_when_it_rings(bell: str, at_a_mention: bool, else_: bool) -> None:
    voice = replace(EN, bell=bell)
    assert read(voice, event(text="bob"), ids=(2,), nick="bob").endswith("\a") is at_a_mention
    assert read(voice, event(), ids=(2,)).endswith("\a") is else_
    assert read(voice, crowd()).endswith("\a") is else_


def test_a_stamp_is_the_time_of_day_and_the_rows_are_indented_after_it() -> None:
    rows = read(replace(EN, time="HH:MM"), event(text="one two three four five six seven eight"))
    assert rows == "08:00 alice: one two three four five six\r\n             seven eight\r\n"


def test_rows_are_indented_behind_the_nick_but_not_too_far() -> None:
    words = "word " * 30
    assert read(EN, event(text=words), "lobby").split("\r\n")[1].startswith(" " * 7 + "word")
    for columns, indent in ((30, 10), (60, 20), (200, INDENT_MOST)):
        voice = replace(EN, columns=columns)
        second = read(voice, event(text=words * 4, author="n" * 32)).split("\r\n")[1]
        assert second.startswith(" " * indent + "word"), columns


def test_what_nobody_said_is_indented_after_its_mark() -> None:
    one = crowd(Change.JOINED, "a" * 15, "b" * 15, "c" * 15)
    assert read(EN, one).startswith("-- ")
    assert read(EN, one).split("\r\n")[1].startswith("   ")


def test_a_notice_is_marked_on_every_line() -> None:
    assert RU.notice(_("Goodbye.")) == "-- До свидания.\r\n".encode()
    assert EN.notice(Sentence("one\ntwo")) == b"-- one\r\n-- two\r\n"


def test_a_command_stays_as_it_was_typed() -> None:
    assert EN.typed("/who") == b"> /who\r\n"
    assert plain(DARK.typed("/who").decode()) == "> /who"


@pytest.mark.parametrize(
    ("days", "numbered", "line"),
    [
        (0, False, "08:00 alice: hello"),
        (0, True, "#7 08:00 alice: hello"),
        (1, True, "#7 2027-01-15 08:00 alice: hello"),
    ],
)
def test_the_past_has_its_time_and_where_wanted_its_number(
    days: int, numbered: bool, line: str
) -> None:
    past = DARK.past(event(), NOON / 1000 + days * 86400, "lobby", numbered=numbered)
    assert plain(past.decode()) == line


def test_lines_are_framed_by_the_prompt() -> None:
    assert EN.frame(b"alice: hello\r\n") == above(b"alice: hello\r\n", b"> ")
    assert EN.frame(b"") == b""


def test_a_link_that_is_longer_than_a_row_can_be_clicked() -> None:
    link = "https://example.org/" + "a" * 60
    rows = read(DARK, event(text=f"look at {link} and tell me")).split("\r\n")
    assert link in rows[0]
    emulator = TerminalEmulator(40, 10)
    emulator.feed(DARK.frame(read(DARK, event(text=f"look at {link} and tell me")).encode()))
    assert [row for row in emulator.lines if row] == [
        "alice: look at https://example.org/aaaaa", "a" * 40, "a" * 15 + " and tell me", ">",
    ]  # fmt: skip


def test_equal_voices_share_one_rendering() -> None:
    assert len({EN, TerminalVoice("en", 40, zone="UTC"), RU, DARK, replace(EN, columns=41)}) == 4


# -- which voice suits a screen ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theme", "colour", "chosen"),
    [("auto", True, "dark"), ("auto", False, "none"), ("light", False, "light")],
)
def test_the_theme_is_as_wished_or_as_the_screen_can(theme: str, colour: bool, chosen: str) -> None:
    suits = voice(Preferences(theme=theme), Screen(columns=33, edits=True, colour=colour))
    assert isinstance(suits, TerminalVoice)
    assert (suits.theme, suits.columns) == (chosen, 33)


@pytest.mark.parametrize(
    ("told", "taken"),
    [((0, 0), (80, 24)), ((1, 1), (20, 5)), ((65535, 65535), (500, 200)), ((132, 43), (132, 43))],
)
def test_a_size_is_one_that_can_be_true(told: tuple[int, int], taken: tuple[int, int]) -> None:
    assert clamped(*told) == taken
