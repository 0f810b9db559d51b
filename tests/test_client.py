"""The line client: its pure parts, its two pages, and what it knows of our server."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto import client, limits
from chatproto.client import Lines, Pace, Paper, Place, Screen, clean, cursor_after
from chatproto.commands.every import COMMANDS
from chatproto.core import text as server_text
from chatproto.language import LANGUAGES, _, language
from chatproto.voices.line import LineVoice

if TYPE_CHECKING:
    from collections.abc import Callable

# -- pure ---------------------------------------------------------------------------------------


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


texts = st.text("абв\n\r世é\U0001f600 ", max_size=40).map(str.encode)


@given(texts | st.binary(max_size=40), st.lists(st.integers(0, 1000), max_size=8))
def test_lines_do_not_depend_on_how_the_network_cut_them(data: bytes, places: list[int]) -> None:
    whole, pieces = Lines(), Lines()
    expected = whole.feed(data)
    assert [line for piece in cut(data, places) for line in pieces.feed(piece)] == expected
    assert pieces.rest == whole.rest


def test_lines_keep_what_has_no_newline_until_it_is_taken() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntwo") == ["one"]
    assert (lines.rest, lines.take_rest(), lines.rest) == ("two", "two", "")
    assert lines.feed(b"three\n") == ["three"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    lines = Lines()
    seen = [line for _ in range(3) for line in lines.feed(b"x" * client.LONGEST)]
    assert "".join(seen) + lines.rest == "x" * 3 * client.LONGEST
    assert len(lines.rest) < client.LONGEST


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\n\n"])
def test_however_a_server_ends_its_lines_they_are_lines_and_none_is_empty(end: str) -> None:
    lines = Lines()
    data = "".join(f"{line}{end}" for line in ("one", "два", " ", "three")).encode()
    seen = [line for piece in cut(data, list(range(len(data)))) for line in lines.feed(piece)]
    assert [*seen, *filter(None, [lines.take_rest()])] == ["one", "два", " ", "three"]


# What hides, reorders, steers, and what it could hide in.
nasty = st.text(
    st.sampled_from("aя\t世❤👩é\u0915\u094d\u0301\u0489\u200c\u200d\ufe0f\ufe01\u20e31\u0627\u034f\x1b[]m;\x07\x9b")
    | st.characters(),
    max_size=40,
)  # fmt: skip


def without_width(text: str) -> int:
    """Count the most characters in a row that the client gives no width, joiners included."""
    longest = run = 0
    for char in text:
        run = run + 1 if client.cells(char) == 0 else 0
        longest = max(longest, run)
    return longest


@given(nasty)
def test_clean_leaves_what_the_servers_own_cleaning_leaves(text: str) -> None:
    left = server_text.clean(text)
    if without_width(left) <= client.MARKS:
        assert clean(left) == left


@given(nasty)
def test_clean_is_no_kinder_than_the_servers_own(text: str) -> None:
    left = clean(text)
    assert not server_text._DROPPED.search(left)
    assert without_width(left) <= client.MARKS == limits.MARKS_PER_BASE
    assert clean(left) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\x1b[2J\x9b31m\x07\r\u202eb\tпривет", "ab\tпривет"),
        ("\x1b]0;owned\x07hi\x1b[1;31m red\x1b[0m", "hi red"),
        ("p\u200bay\ufeffpal\u2060\u00ad", "paypal"),
        ("z" + "\u0301" * 50 + "!", "z" + "\u0301" * 8 + "!"),
        ("\u0301\u0301x", "x"),
        ("x\u200d\u200c\u200d", "x"),
        ("я" + "\u200d" * 50, "я\u200d"),
        ("👩\u200d❤\ufe0f\u200d👨 می\u200cخواهم क्\u200dष", "👩\u200d❤\ufe0f\u200d👨 می\u200cخواهم क्\u200dष"),
        ("\U000e0041\U000e0042", ""),
    ],
)  # fmt: skip
def test_clean(text: str, left: str) -> None:
    assert clean(text) == left


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (0, 0)),
        ("> ab", (0, 4)),
        ("123456789", (0, 9)),
        ("1234567890", (1, 0)),  # readline wraps at once
        ("12345678901", (1, 1)),
        ("世世世世世", (1, 0)),
        ("123456789世", (1, 2)),  # does not fit into the last column
        ("e\u0301" * 9, (0, 9)),  # combining
        ("привет", (0, 6)),
    ],
)
def test_cursor_after(text: str, place: tuple[int, int]) -> None:
    assert cursor_after(text, 10) == place


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_pace_lets_nobody_be_faster_than_a_server_allows(gaps: list[float]) -> None:
    pace, now, sent = Pace(), 1000.0, list[float]()
    for gap in gaps:
        now += gap
        now += pace.pause(now)
        sent.append(now)
    for first, start in enumerate(sent):
        for count, end in enumerate(sent[first:], 1):
            assert count <= client.BURST + (end - start) / client.PAUSE + 1e-6
    assert all(b - a >= client.APART - 1e-6 for a, b in itertools.pairwise(sent))


def test_pace_does_not_hold_up_a_person() -> None:
    pace = Pace()
    assert [pace.pause(1000.0 + second) for second in range(10)] == [0.0] * 10


# -- pages --------------------------------------------------------------------------------------


def test_paper_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    Paper().show(["one", "два"])
    assert capsys.readouterr().out == "one\nдва\n"


class FakeKeyboard(client.Keyboard):
    """A person has typed `before` and `behind` the cursor when `meanwhile` happens."""

    def __init__(self, before: str, behind: str = "") -> None:
        self._line = before, behind
        self.meanwhile: Callable[[], None] = lambda: None

    def line(self, prompt: str, ready: Callable[[], None]) -> str:
        ready()
        self.meanwhile()
        return "".join(self._line)

    def typed(self) -> tuple[str, str]:
        return self._line


@pytest.mark.parametrize(
    ("before", "behind", "question", "written"),
    [
        ("half", "", "", "\r\033[Jone\ntwo\n> half\033[7G"),
        ("ha", "lf", "", "\r\033[Jone\ntwo\n> half\033[5G"),
        ("ha", "lf", "Hm? ", "\r\033[Jone\ntwo\nHm? half\033[7G"),
        ("x" * 14, "", "Name: ", "\033[A\033[A\r\033[Jone\ntwo\nName: " + "x" * 14 + " \033[1G"),
        ("", "x" * 24, "", "\r\033[Jone\ntwo\n> " + "x" * 24 + "\033[A\033[A\033[3G"),
        ("a\x1b[1m", "", "", "\r\033[Jone\ntwo\n> a\033[4G"),
    ],
)
def test_screen_shows_above_what_is_typed(  # noqa: PLR0917 - a table
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    behind: str,
    question: str,
    written: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    keyboard = FakeKeyboard(before, behind)
    screen = Screen(keyboard)
    keyboard.meanwhile = lambda: screen.show(["one", "two"])
    assert screen.read(question) == before + behind
    assert capsys.readouterr().out == written
    screen.show(["after"])
    assert capsys.readouterr().out == "after\n"


@pytest.mark.parametrize("line", ["exit", " exit ", "/quit", "/quit good night", " /bye", "/q"])
def test_leaving(line: str) -> None:
    assert client.is_leaving(line)


@pytest.mark.parametrize("line", ["exit the room", "quit", "/quitter", "", "say /quit"])
def test_not_leaving(line: str) -> None:
    assert not client.is_leaving(line)


# -- what the client knows of our server ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name"),
    [(client.QUITTING, "quit"), (client.NAMING, "nick"), (client.JOINING, "join"), (client.PARTING, "leave")],
)  # fmt: skip
def test_it_knows_the_commands_by_all_their_names(words: frozenset[str], name: str) -> None:
    command = COMMANDS.commands[name]
    assert words == {f"/{each}" for each in (command.name, *command.aliases)}


def test_it_knows_the_servers_goodbye_in_every_language() -> None:
    goodbye = _("The server is going down. Goodbye.")
    assert {
        LineVoice(code).notice(goodbye).decode().strip() for code in LANGUAGES
    } == client.GOING_DOWN


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_knows_our_server_by_its_welcome_and_by_nothing_else(code: str) -> None:
    welcome = _("You are {nick}. /help lists the commands.", nick="bob")
    assert client.OURS.match(LineVoice(code).notice(welcome).decode())
    taken = _("“{nick}” is taken. Choose another name.", nick="bob")
    assert not client.OURS.match(LineVoice(code).notice(taken).decode())
    assert not client.OURS.match("bob: -- try /help")
    assert language(code).read(_("Your name: ")).endswith(" ")  # how the question is told


def there(*lines: str, name: str | None = "bob") -> tuple[str | None, list[str]]:
    place = Place(name)
    for line in lines:
        place.note(line)
    return place.name, place.way_back()


@pytest.mark.parametrize(
    ("lines", "name", "way"),
    [
        ((), "bob", []),
        (("hello", "", "  ", "join #a"), "bob", []),
        (("/join #a", "/j B", "/join #A"), "bob", ["/join #b", "/join #a"]),
        (("/join #a", "/join #b", "/leave"), "bob", ["/join #a"]),
        (("/join #a", "/join #b", "/part #a enough"), "bob", ["/join #b"]),
        (("/join #a", "/l good night"), "bob", []),
        (("/leave", "/leave #x", "/join", "/nick"), "bob", []),
        (("/nick ann", "/name  anna "), "anna", []),
    ],
)
def test_place(lines: tuple[str, ...], name: str, way: list[str]) -> None:
    assert there(*lines) == (name, way)


def test_a_place_has_no_more_rooms_than_one_may_be_in() -> None:
    _name, way = there(*(f"/join #{number}" for number in range(200)))
    assert way == [f"/join #{number}" for number in range(150, 200)]
    assert client.ROOMS == limits.ROOMS_PER_MEMBER


@pytest.mark.parametrize(
    ("said", "name"), [("bob", "bob"), ("bob: hi", "bob"), (" bob ", "bob"), ("", "")]
)
def test_the_answer_to_the_question_is_the_name(said: str, name: str) -> None:
    place = Place(None)
    place.answer(said)
    assert place.name == name
