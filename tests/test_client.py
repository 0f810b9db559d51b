"""The line client: its pure parts, its two pages, and the one file running alone.

Programs are run from a copy outside the tree with `python -I`, as a person would who was sent the
file; the servers are a function each, in a thread, on a loopback port.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto import client, limits
from chatproto.client import Chat, Lines, Pace, Paper, Place, Screen, clean, cursor_after
from chatproto.commands.every import COMMANDS
from chatproto.core import text as server_text
from chatproto.language import LANGUAGES, _, language
from chatproto.voices.line import LineVoice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SOON = 10.0  # seconds within which everything here has ended, or has failed

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


# -- a chat, in memory ----------------------------------------------------------------------------


class Notebook(Paper):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, lines: Sequence[str]) -> None:
        self.lines.extend(lines)

    def tell(self, sentence: str) -> None:
        self.lines.append(f"({sentence})")


class Line:
    """A chat in memory, and the server's ends of its connections, one after the other."""

    def __init__(
        self, name: str | None = None, *, connections: int = 1, returns: bool = False
    ) -> None:
        self.page = Notebook()
        pairs = [socket.socketpair() for _each in range(connections)]
        self._ours = [here for here, _there in pairs]
        self._theirs = [there for _here, there in pairs]
        for end in (*self._ours, *self._theirs):
            end.settimeout(SOON)
        self._waiting = self._ours[:]
        self.lost = threading.Event()
        self.chat = Chat(self._connect, self.page, name, returns=returns)
        self.server = self._theirs[0]

    def _connect(self) -> socket.socket:
        if not self._waiting:
            raise client.NoAnswer("No answer.")
        return self._waiting.pop(0)

    def serve(self, *lines: str) -> None:
        self.server.sendall("".join(lines).encode())

    def hears(self, *lines: str) -> None:
        """Wait for these lines from the client, and nothing between them."""
        wanted, got = "".join(f"{line}\n" for line in lines).encode(), b""
        while len(got) < len(wanted) and (data := self.server.recv(1000)):
            got += data
        assert got == wanted

    def hang_up(self, *lines: str) -> None:
        """Say a last word; what comes is then heard by the next connection."""
        self.serve(*lines)
        self._theirs.pop(0).close()
        if self._theirs:
            self.server = self._theirs[0]

    def shows(self, *lines: str) -> None:
        """Wait until these have been shown last."""
        end = time.monotonic() + SOON
        while self.page.lines[-len(lines) :] != list(lines):
            assert time.monotonic() < end, self.page.lines
            time.sleep(0.005)

    def begin(self, greeting: str = "Your name: ") -> str:
        self.serve(greeting)
        return self.chat.begin()

    def close(self) -> None:
        for end in self._theirs:
            end.close()
        self.chat.leave()
        for end in self._ours:
            end.close()


@pytest.fixture
def make_line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Line]]:
    made: list[Line] = []

    def make(name: str | None = None, *, connections: int = 1, returns: bool = False) -> Line:
        made.append(line := Line(name, connections=connections, returns=returns))
        monkeypatch.setattr(client, "interrupt_main", line.lost.set)
        return line

    monkeypatch.setattr(client, "WAITS", (0.02,) * 4)
    yield make
    for line in made:
        line.close()


WELCOME = "-- You are in #lobby.\n-- You are bob. /help lists the commands.\n"
GOODBYE = "-- The server is going down. Goodbye.\n"
CLOSED = "(The server closed the connection. Trying again in 1 s; ^C leaves.)"


def test_a_line_that_waited_for_its_turn_goes_to_no_other_server(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the next one, which still asks for the name."""
    line = make_line(connections=2)
    line.begin()
    chat, ours, (_server, next_server) = line.chat, line.chat._connection, line._theirs
    following = client.Connection(line._connect(), line.page, chat._news)
    with monkeypatch.context() as patch:
        patch.setattr(time, "sleep", lambda _pause: setattr(chat, "_connection", following))
        assert chat._send("hello")
    chat._connection = ours
    line.hears("hello")
    next_server.setblocking(False)
    with pytest.raises(BlockingIOError):
        next_server.recv(100)


def test_a_question_is_not_waited_for_longer_than_it_takes(make_line: Callable[..., Line]) -> None:
    line = make_line()
    assert line.begin("Hello!\nYour name: ") == "Your name: "
    assert line.page.lines == ["Hello!"]


def test_what_has_no_newline_is_shown_soon_and_once(make_line: Callable[..., Line]) -> None:
    line = make_line()
    line.server.sendall("Прив".encode()[:-1])
    line.server.sendall("Прив".encode()[-1:] + "ет".encode())
    assert line.chat.begin() == ""
    line.shows("Привет")
    line.server.sendall(b"second\r\nthird")
    line.shows("Привет", "second", "third")
    assert len(line.page.lines) == 3


def test_messages_without_ends_are_not_one(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SETTLED", SOON)
    line = make_line()
    line.begin("")
    for text in ("one", "two", "three"):
        line.serve(text)
        line.shows(text)


def test_where_lines_have_ends_the_rest_of_one_is_waited_for(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SETTLED", SOON)
    line = make_line()
    line.begin("one\n")
    line.serve("half of ")
    time.sleep(client.APIECE * 5)
    line.serve("a line\n")
    line.shows("one", "half of a line")


def test_leaving_is_bounded_while_the_server_talks_on(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "GOODBYE", 0.4)
    line = make_line()
    line.begin("")
    stop = threading.Event()

    def babble() -> None:
        with contextlib.suppress(OSError):
            while not stop.wait(0.05):
                line.serve("and another thing\n")

    babbler = threading.Thread(target=babble)
    babbler.start()
    line.chat.leave(quiet=0.3)  # would not end by itself
    stop.set()
    babbler.join(SOON)
    assert not babbler.is_alive()


@pytest.mark.parametrize("word", ["/quit", "/quit good night", "exit", ""])
def test_a_server_that_is_not_ours_is_never_told_a_command(
    make_line: Callable[..., Line], word: str
) -> None:
    line = make_line("bob")
    line.begin("Welcome! Commands begin with /, see /help\nname? ")
    line.hears("bob")
    line.chat.leave(word)
    assert line.server.recv(1000) == b""


@pytest.mark.parametrize(
    ("word", "told"), [("/quit", b"/quit\n"), ("/bye all", b"/bye all\n"), ("exit", b""), ("", b"")]
)
def test_ours_is_told_what_was_typed_for_it(
    make_line: Callable[..., Line], word: str, told: bytes
) -> None:
    line = make_line("bob")
    line.begin()
    line.hears("bob")
    line.serve(WELCOME)
    line.shows("-- You are bob. /help lists the commands.")
    line.chat.leave(word)
    assert line.server.recv(1000) == told


def introduced(line: Line) -> None:
    line.begin()
    line.hears("bob")
    line.serve(WELCOME)
    line.shows("-- You are bob. /help lists the commands.")


def test_it_comes_back_to_a_server_that_said_it_would_go(make_line: Callable[..., Line]) -> None:
    line = make_line("bob", connections=2)
    introduced(line)
    line.chat.say("/join #a")
    line.chat.say("/nick bobby")
    line.hears("/join #a", "/nick bobby")
    line.hang_up(GOODBYE)
    line.shows("-- The server is going down. Goodbye.", CLOSED)
    line.serve("Your name: ")
    line.hears("bobby")
    line.serve(WELCOME)
    line.hears("/join #a")
    line.shows(
        "Your name: bobby", "-- You are in #lobby.", "-- You are bob. /help lists the commands.",
        "(Connected again.)",
    )  # fmt: skip
    assert line.chat.loss == ""


@pytest.mark.parametrize(
    "last",
    [
        "",
        "bob: " + GOODBYE,
        "The server is going down. Goodbye.\n",
        "[bob -> you] " + GOODBYE,
        GOODBYE + "bob: just joking\n",
        "* -- The server is going down. Goodbye.\n",
    ],
)
def test_nobody_but_the_server_can_send_it_away(make_line: Callable[..., Line], last: str) -> None:
    line = make_line("bob", connections=2)
    introduced(line)
    line.hang_up(last)
    assert line.lost.wait(SOON)
    assert line.chat.loss == "The server closed the connection."


def test_it_always_comes_back_when_it_was_told_to(make_line: Callable[..., Line]) -> None:
    line = make_line("bob", connections=3, returns=True)
    introduced(line)
    for _time in range(2):
        line.hang_up()
        line.shows(CLOSED)
        line.serve("Your name: ")
        line.hears("bob")
        line.serve(WELCOME)
        line.shows("(Connected again.)")


def test_it_gives_up_in_the_end(make_line: Callable[..., Line]) -> None:
    line = make_line("bob", returns=True)
    introduced(line)
    line.hang_up()
    assert line.lost.wait(SOON)
    tries = ["(No answer. Trying again in 1 s; ^C leaves.)"] * (len(client.WAITS) - 1)
    line.shows(CLOSED, *tries)
    assert line.chat.loss == "No answer."


def test_a_name_that_is_still_held_is_tried_again(make_line: Callable[..., Line]) -> None:
    line = make_line("bob", connections=4, returns=True)
    introduced(line)
    line.hang_up()
    for _time in range(2):
        line.serve("Your name: ")
        line.hears("bob")
        line.serve("-- “bob” is taken. Choose another name.\nYour name: ")
        line.shows("(The server does not take the name bob now. Trying again in 1 s; ^C leaves.)")
        line.hang_up()
    line.serve("Your name: ")
    line.hears("bob")
    line.serve(WELCOME)
    line.shows("(Connected again.)")


def test_what_is_said_meanwhile_is_said_on_return_and_after_the_rooms(
    make_line: Callable[..., Line],
) -> None:
    line = make_line("bob", connections=2)
    introduced(line)
    line.chat.say("/join #a")
    line.hears("/join #a")
    line.hang_up(GOODBYE)
    line.shows(CLOSED)
    speaker = threading.Thread(target=line.chat.say, args=["hello again"])
    speaker.start()
    line.serve("Your name: ")
    line.hears("bob")
    line.serve(WELCOME)
    line.hears("/join #a", "hello again")
    speaker.join(SOON)
    assert not speaker.is_alive()


def test_the_name_that_was_typed_is_given_again(make_line: Callable[..., Line]) -> None:
    line = make_line(connections=2)
    assert line.begin() == "Your name: "
    line.chat.say("eve")
    line.hears("eve")
    line.serve("-- “eve” is taken. Choose another name.\nYour name: ")
    line.shows("Your name: ")
    line.chat.say("bob")
    line.hears("bob")
    line.serve(WELCOME)
    line.hang_up(GOODBYE)
    line.serve("Your name: ")
    line.hears("bob")


def test_who_had_no_name_yet_is_asked_again(make_line: Callable[..., Line]) -> None:
    line = make_line(connections=2, returns=True)
    assert line.begin() == "Your name: "
    line.hang_up()
    line.serve("Your name: ")
    line.shows("Your name: ", "(Connected again.)")
    line.chat.say("bob")
    line.hears("bob")


def test_a_room_is_not_asked_for_where_it_would_be_said(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER", 0.05)
    line = make_line("bob", connections=2, returns=True)
    line.begin("name? ")
    line.hears("bob")
    line.chat.say("/join #a")
    line.hears("/join #a")
    line.hang_up()
    line.serve("name? ")
    line.hears("bob")
    line.shows("(Connected again.)")
    line.chat.say("hi")
    line.hears("hi")


def test_leaving_does_not_wait_for_the_next_try(
    make_line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WAITS", (1000.0,))
    line = make_line("bob", returns=True)
    introduced(line)
    line.hang_up()
    while "Trying again" not in line.page.lines[-1]:
        time.sleep(0.005)
    line.chat.leave("/quit", client.QUIET)
    assert not line.chat._reader.is_alive()
    assert line.chat.loss == ""


# -- the program ----------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    copy = shutil.copy(client.__file__, tmp_path / "client.py")
    return [sys.executable, "-I", str(copy), "127.0.0.1"]


@contextlib.contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection in a thread; return the port; what the thread raised is raised here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with listening.accept()[0] as connection:
                connection.settimeout(SOON)
                serve(connection)
        except BaseException as error:  # noqa: BLE001 - all of it
            failed.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(SOON)
        thread = threading.Thread(target=run)
        thread.start()
        yield str(listening.getsockname()[1])
        thread.join(2 * SOON)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


def run(command: list[str], typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=typed, capture_output=True, timeout=SOON, check=False, encoding="utf-8"
    )


def silence(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def polite(connection: socket.socket, welcome: str = "Welcome, {}!\n") -> None:
    """Ask for a name, say every line with it before it; `/quit` is for ours to know."""
    connection.sendall(b"Your name: ")
    with connection.makefile("r", encoding="utf-8", newline="\n") as lines:
        name = lines.readline().strip()
        connection.sendall(welcome.format(name).encode())
        for line in lines:
            if line.startswith("/quit") and "/help" in welcome:
                connection.sendall("-- До свидания!\n".encode())
                return
            connection.sendall(f"{name}: {line}".encode())


def ours(connection: socket.socket) -> None:
    """The plain door, as far as the client can tell."""
    polite(connection, "-- You are {}. /help lists the commands.\n")


def test_a_pipe_is_sent_whole_and_answered(program: list[str]) -> None:
    with server(polite) as port:
        done = run([*program, port, "--name", "боб"], "hi\n\nлюди")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Your name: боб\nWelcome, боб!\nбоб: hi\nбоб: \nбоб: люди\n"


def test_without_a_name_the_first_line_is_it(program: list[str]) -> None:
    with server(polite) as port:
        done = run([*program, port], "bob\nhi\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Your name: \nWelcome, bob!\nbob: hi\n"


@pytest.mark.parametrize("word", ["/quit", " /quit", "/quit good night"])
def test_leaving_with_a_word_that_ours_knows_waits_for_the_goodbye(
    program: list[str], word: str
) -> None:
    with server(ours) as port:
        done = run([*program, port, "--name", "bob"], f"{word}\nnot sent\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == "Your name: bob\n-- You are bob. /help lists the commands.\n-- До свидания!\n"
    )


@pytest.mark.parametrize("word", ["exit", "/quit", "/quit good night", " exit "])
def test_any_other_server_is_left_without_a_word(program: list[str], word: str) -> None:
    with server(polite) as port:
        done = run([*program, port, "--name", "bob"], f"hi\n{word}\nnot sent\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Your name: bob\nWelcome, bob!\nbob: hi\n"


def test_every_line_is_a_message_to_a_server_that_knows_no_newlines(program: list[str]) -> None:
    got: list[bytes] = []

    def naive(connection: socket.socket) -> None:
        while message := connection.recv(1024):
            got.append(message)
            connection.sendall(b"got it")

    with server(naive) as port:
        done = run([*program, port, "--name", "bob"], "one\nдва\nthree\n")
    assert got == [b"bob\n", b"one\n", "два\n".encode(), b"three\n"]
    assert (done.returncode, done.stdout) == (0, "got it\n" * 4)


def test_a_silent_server_is_not_waited_for(program: list[str]) -> None:
    start = time.monotonic()
    with server(silence) as port:
        done = run([*program, port], "hi\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - start < client.GREETING + client.QUIET + 1.5


def test_a_hostile_server_does_not_reach_the_terminal(program: list[str]) -> None:
    def hostile(connection: socket.socket) -> None:
        connection.sendall(b"\x1b]0;owned\x07\x1b[2Jhi\x00 there\x9b1m\n")
        connection.sendall(("z" + "\u0301" * 900 + "\u200b" * 900 + "algo\n").encode())
        connection.sendall(("\u200d\u2060\u034f" * 900 + "\n").encode())
        connection.sendall("\u202eright to left\x9b1m \x1b[31m".encode())
        silence(connection)

    with server(hostile) as port:
        done = run([*program, port], "")
    assert done.returncode == 0
    pile = "z" + "\u0301" * client.MARKS + "algo"
    assert done.stdout == f"hi there\ufffd1m\n{pile}\nright to left \n"


def test_the_client_is_told_to_come_back_on_stderr_and_then_does(program: list[str]) -> None:
    came: list[str] = []

    def restarts(connection: socket.socket) -> None:
        talks(connection)
        connection.sendall(b"-- The server is going down. Goodbye.\n")
        connection.close()
        with again() as another:
            talks(another)
            silence(another)

    def talks(connection: socket.socket) -> None:
        connection.sendall(b"Your name: ")
        came.append(connection.recv(100).decode())
        connection.sendall(b"-- You are bob. /help lists the commands.\n")
        came.append(connection.recv(100).decode())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(SOON)

        def again() -> socket.socket:
            connection = listening.accept()[0]
            connection.settimeout(SOON)
            return connection

        thread = threading.Thread(target=lambda: restarts(again()))
        thread.start()
        command = [*program, str(listening.getsockname()[1]), "--name", "bob"]
        with waiting(command) as running:
            assert running.stdin
            running.stdin.write("one\n")
            running.stdin.flush()
            assert running.stderr
            assert "Trying again in" in running.stderr.readline()
            running.stdin.write("two\n")
            running.stdin.close()
            assert running.wait(SOON) == 0
            assert running.stdout
            told = running.stdout.read()
        thread.join(SOON)
    assert came == ["bob\n", "one\n", "bob\n", "two\n"]
    assert told.count("Your name: bob\n-- You are bob.") == 2


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1
    return done.stderr.strip()


def test_a_server_that_is_not_there(program: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    said = sentence(run([*program, port]))
    assert said == f"No answer from 127.0.0.1, port {port}: Connection refused."


def test_a_host_that_is_none(program: list[str]) -> None:
    assert sentence(run([*program[:-1], "no..host"])) == "There is no host called no..host."


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "²", "1e3"])
def test_a_port_that_is_none(program: list[str], port: str) -> None:
    done = run([*program, "--", port])
    assert done.returncode == 2
    assert "a port is a number from 1 to 65535" in done.stderr


@contextlib.contextmanager
def waiting(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a client that has nothing to read and waits."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8"
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def goes(connection: socket.socket) -> None:
    connection.sendall(b"I am going\nlast word")


def resets(connection: socket.socket) -> None:
    connection.recv(1)  # and leave the rest of the name unread


@pytest.mark.parametrize("ignored", [False, True])
def test_a_server_that_goes_is_noticed_while_waiting_for_the_keyboard(
    program: list[str], *, ignored: bool
) -> None:
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *program] if ignored else program
    with server(goes) as port, waiting([*command, port]) as running:
        status = running.wait(SOON)
        assert running.stdout
        assert running.stderr
        assert running.stdout.read() == "I am going\nlast word\n"
        assert running.stderr.read() == "The server closed the connection.\n"
    assert status == 1


def test_a_connection_that_breaks_is_one_sentence(program: list[str]) -> None:
    with server(resets) as port, waiting([*program, port, "--name", "bob"]) as running:
        assert running.wait(SOON) == 1
        assert running.stderr
        assert running.stderr.read() == "The connection was lost: Connection reset by peer.\n"


def test_ctrl_c_leaves_cleanly(program: list[str]) -> None:
    there = threading.Event()

    def notice(connection: socket.socket) -> None:
        connection.recv(1000)
        there.set()
        silence(connection)

    with server(notice) as port, waiting([*program, port, "--name", "bob"]) as running:
        assert there.wait(SOON)
        for _time in range(
            10
        ):  # Python misses one that comes just before it waits for the keyboard
            running.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(SOON / 10)
        assert running.wait(SOON) == 0
        assert running.stderr
        assert running.stderr.read() == ""


def test_nobody_reading_the_output_is_no_crash(program: list[str]) -> None:
    closed = threading.Event()

    def speaks(connection: socket.socket) -> None:
        assert closed.wait(SOON)
        connection.sendall(b"is there anybody\n")
        silence(connection)

    with server(speaks) as port, waiting([*program, port]) as running:
        assert running.stdout
        running.stdout.close()
        closed.set()
        assert running.wait(SOON) == 0
        assert running.stderr
        assert running.stderr.read() == ""


# -- on a screen ----------------------------------------------------------------------------------


class Terminal:
    """The client in a pseudo-terminal of 12 rows by 40 columns, what it shows, and its server."""

    def __init__(self, program: list[str]) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        self._screen = pyte.Screen(40, 12)
        self._stream = pyte.ByteStream(self._screen)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self._address = listening.getsockname()
            command = [*program, str(self._address[1])]
            self.client = pexpect.spawn(
                command[0], command[1:], dimensions=(12, 40), env=environment, timeout=SOON
            )
            self._accept(listening)

    def _accept(self, listening: socket.socket) -> None:
        listening.settimeout(SOON)
        self._server = listening.accept()[0]
        self._server.settimeout(SOON)

    def answer(self) -> None:
        """Let the client in again."""
        with socket.create_server(self._address) as listening:
            self._accept(listening)

    def type(self, keys: str) -> None:
        self.client.send(keys.encode())

    def serve(self, text: str) -> None:
        self._server.sendall(text.encode())

    def hears(self, line: str) -> None:
        assert self._server.recv(1000).decode() == line

    def hang_up(self) -> None:
        self._server.close()

    def shows(self, *rows: str, cursor: int | None = None, up: int | None = None) -> None:
        """Wait until these are the last rows on the screen, and the cursor in that column, so many rows up."""
        end = time.monotonic() + SOON
        while (
            self._last(len(rows)) != list(rows)
            or cursor not in {None, self._screen.cursor.x}
            or up not in {None, self._up()}
        ):
            assert time.monotonic() < end, (self._last(12), self._screen.cursor.x)
            self._look()

    def _up(self) -> int:
        """Return how many rows the cursor is above the last one that is not empty."""
        written = [y for y, row in enumerate(self._screen.display) if row.strip()]
        return max(written, default=0) - self._screen.cursor.y

    def says(self, text: str) -> None:
        """Wait until this is on the screen, in one row."""
        end = time.monotonic() + SOON
        while not any(text in row for row in self._screen.display):
            assert time.monotonic() < end, self._last(12)
            self._look()

    def _look(self) -> None:
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            self._stream.feed(self.client.read_nonblocking(4096, 0.05))

    def _last(self, count: int) -> list[str]:
        return [row.rstrip() for row in self._screen.display if row.strip()][-count:]

    def ends(self) -> int:
        self.client.expect(pexpect.EOF)
        self._stream.feed(self.client.before)
        self.close()
        assert self.client.signalstatus is None
        return int(self.client.exitstatus)

    def close(self) -> None:
        self.client.close(force=True)
        self._server.close()


@pytest.fixture
def terminal(program: list[str]) -> Iterator[Terminal]:
    terminal = Terminal(program)
    yield terminal
    terminal.close()


def asked(terminal: Terminal) -> None:
    """Answer the question for the name."""
    terminal.serve("Your name: ")
    terminal.shows("Your name:", cursor=11)
    terminal.type("боб\r")
    terminal.hears("боб\n")
    terminal.shows("Your name: боб", ">", cursor=2)


def test_a_question_stays_in_front_of_the_answer(terminal: Terminal) -> None:
    terminal.serve("Your name: ")
    terminal.shows("Your name:", cursor=11)
    terminal.type("бо")
    terminal.shows("Your name: бо", cursor=13)
    terminal.serve("Be quick!\n")
    terminal.shows("Be quick!", "Your name: бо", cursor=13)
    terminal.type("б\r")
    terminal.hears("боб\n")


def test_a_half_typed_line_survives_and_so_does_the_place_in_it(terminal: Terminal) -> None:
    asked(terminal)
    terminal.type("при вет\x1b[D\x1b[D\x1b[D")
    terminal.shows("> при вет", cursor=6)
    terminal.serve("Аня: ау\nАня: где ты?\n")
    terminal.shows("Аня: ау", "Аня: где ты?", "> при вет", cursor=6)
    terminal.type("X\x7fё")
    terminal.shows("Аня: где ты?", "> при ёвет", cursor=7)
    terminal.type("\r")
    terminal.hears("при ёвет\n")


@pytest.mark.parametrize("length", [37, 38, 39, 77, 78, 79])
def test_a_line_of_several_rows_survives(terminal: Terminal, length: int) -> None:
    asked(terminal)
    typed = "я" * length
    rows = [f"> {typed}"[start : start + 40] for start in range(0, length + 2, 40)]
    terminal.type(typed)
    terminal.shows("Your name: боб", *rows, cursor=(length + 2) % 40)
    for number in range(3):
        terminal.serve(f"line {number}\n")
        terminal.shows(f"line {number}", *rows, cursor=(length + 2) % 40)
    terminal.shows("line 0", "line 1", "line 2", *rows)
    terminal.type("\x7f\x7f!\r")
    terminal.hears(typed[:-2] + "!\n")


def test_a_late_question_is_shown_at_once(terminal: Terminal) -> None:
    asked(terminal)
    terminal.type("ab")
    terminal.shows("> ab")
    terminal.serve("Password: ")
    terminal.shows("Password:", "> ab", cursor=4)


@pytest.mark.parametrize("keys", ["\x04", "half\x03"])
def test_leaving_a_terminal_by_a_key(terminal: Terminal, keys: str) -> None:
    asked(terminal)
    terminal.type(keys)
    assert terminal.ends() == 0


def test_leaving_a_terminal_by_a_word(terminal: Terminal) -> None:
    asked(terminal)
    terminal.type("/quit\r")
    terminal.hears("")  # it stops sending: to this server the word would be something said
    terminal.serve("боб left.\n")
    terminal.hang_up()
    assert terminal.ends() == 0
    terminal.shows("> /quit", "боб left.", cursor=0)


@pytest.mark.parametrize("place", [0, 1, 37, 38, 39, 60, 77, 78, 79])
def test_the_place_in_a_line_of_several_rows_survives(terminal: Terminal, place: int) -> None:
    asked(terminal)
    typed = "абвгде" * 15
    rows = [f"> {typed}"[start : start + 40] for start in range(0, 92, 40)]
    terminal.type(typed + "\x01" + "\x06" * place)  # ^A, ^F
    row, column = divmod(place + 2, 40)  # on its way the cursor is in that column of other rows too
    terminal.shows("Your name: боб", *rows, cursor=column, up=2 - row)
    for number in range(3):
        terminal.serve(f"line {number}\n")
        terminal.shows(f"line {number}", *rows, cursor=column, up=2 - row)
    terminal.shows("line 0", "line 1", "line 2", *rows)
    terminal.type("世")
    longer = typed[:place] + "世" + typed[place:]
    terminal.type("\r")
    terminal.hears(longer + "\n")


def test_a_lost_server_ends_the_line_being_typed(terminal: Terminal) -> None:
    asked(terminal)
    terminal.type("half")
    terminal.shows("> half")
    terminal.hang_up()
    assert terminal.ends() == 1
    terminal.shows("> half", "The server closed the connection.", cursor=0)


def test_a_half_typed_line_is_still_there_when_the_server_is(terminal: Terminal) -> None:
    asked(terminal)
    terminal.type("привет\x1b[D\x1b[D")
    terminal.serve("-- Сервер останавливается. До свидания.\n")
    terminal.hang_up()
    terminal.says("^C leaves.")
    terminal.shows("> привет", cursor=6)
    terminal.type("X")
    terminal.shows("> привXет", cursor=7)
    terminal.answer()
    terminal.serve("Your name: ")
    terminal.hears("боб\n")
    terminal.serve("-- You are боб. /help lists.\n")
    terminal.shows(
        "Your name: боб", "-- You are боб. /help lists.", "Connected again.", "> привXет", cursor=7
    )
    terminal.type("\r")
    terminal.hears("привXет\n")


def test_one_may_leave_while_the_server_is_away(terminal: Terminal) -> None:
    asked(terminal)
    terminal.serve("-- The server is going down. Goodbye.\n")
    terminal.hang_up()
    terminal.says("^C leaves.")
    terminal.type("said later\r")  # waits for the server, and so does the prompt
    terminal.says("> said later")
    terminal.says("No answer")
    terminal.type("\x03")
    assert terminal.ends() == 0
