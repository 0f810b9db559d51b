"""The line client: its pure parts, its two pages, and the one file running alone.

Programs are run from a copy outside the tree with `python -I`, as somebody would who was sent the
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
import unicodedata
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto import client
from chatproto.client import Chat, Lines, Pace, Paper, Screen, clean, cursor_after

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
    assert lines.feed(b"one\n\ntwo") == ["one", ""]
    assert (lines.rest, lines.take_rest(), lines.rest) == ("two", "two", "")
    assert lines.feed(b"three\n") == ["three"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    lines = Lines()
    seen = [line for _ in range(3) for line in lines.feed(b"x" * client.LONGEST)]
    assert "".join(seen) + lines.rest == "x" * 3 * client.LONGEST
    assert len(lines.rest) < client.LONGEST


@given(st.text())
def test_clean_leaves_nothing_that_steers_a_terminal_and_all_that_is_read(text: str) -> None:
    left = clean(text)
    assert not [c for c in left if unicodedata.category(c) == "Cc" and c not in "\t\n"]
    assert not set(left) & client.BIDI_OVERRIDES
    readable = [c for c in text if unicodedata.category(c)[0] in "LMNPSZ"]
    assert [c for c in left if unicodedata.category(c)[0] in "LMNPSZ"] == readable


def test_clean_takes_the_sting_out_of_an_escape() -> None:
    assert clean("a\x1b[2J\x9b31m\x07\r\u202eb\tпривет") == "a[2J31mb\tпривет"


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
    """Somebody has typed `before` and `behind` the cursor when `meanwhile` happens."""

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
        ("a\x1b[1m", "", "", "\r\033[Jone\ntwo\n> a[1m\033[7G"),
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


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("exit", "/quit"),
        (" exit ", "/quit"),
        ("/quit", "/quit"),
        ("/quit good night", "/quit good night"),
        ("exit the room", ""),
        ("quit", ""),
        ("/quitter", ""),
        ("", ""),
    ],
)
def test_last_word(line: str, word: str) -> None:
    assert client.last_word(line) == word


# -- a chat, in memory ----------------------------------------------------------------------------


class Notebook(Paper):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, lines: Sequence[str]) -> None:
        self.lines.extend(lines)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    here.settimeout(SOON)
    there.settimeout(SOON)
    with here, there:
        yield here, there


Ends = tuple[socket.socket, socket.socket]


def test_a_question_is_not_waited_for_longer_than_it_takes(ends: Ends) -> None:
    here, there = ends
    chat = Chat(here, page := Notebook())
    chat.listen()
    there.sendall(b"Hello!\nYour name: ")
    assert chat.greeting() == "Your name: "
    chat.leave(quiet=0.0)
    chat.close()
    assert page.lines == ["Hello!"]


def test_what_has_no_newline_is_shown_soon_and_once(ends: Ends) -> None:
    here, there = ends
    chat = Chat(here, page := Notebook())
    chat.listen()
    there.sendall("Прив".encode()[:-1])
    there.sendall("Прив".encode()[-1:] + "ет".encode())
    assert chat.greeting() == ""
    there.sendall(b"second\r\nthird")
    chat.leave(quiet=client.SETTLED * 3)
    chat.close()
    assert page.lines == ["Привет", "second", "third"]


def test_leaving_is_bounded_while_the_server_talks_on(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "GOODBYE", 0.4)
    here, there = ends
    chat = Chat(here, Notebook())
    chat.listen()
    stop = threading.Event()

    def babble() -> None:
        with contextlib.suppress(OSError):
            while not stop.wait(0.05):
                there.sendall(b"and another thing\n")

    babbler = threading.Thread(target=babble)
    babbler.start()
    start = time.monotonic()
    chat.leave(quiet=0.3)
    took = time.monotonic() - start
    stop.set()
    babbler.join(SOON)
    chat.close()
    assert 0.4 <= took < 0.7


# -- the program ----------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    copy = shutil.copy(client.__file__, tmp_path / "client.py")
    return [sys.executable, "-I", str(copy), "127.0.0.1"]


@contextlib.contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection in a thread; gives the port; what the thread raised is raised here."""
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


def polite(connection: socket.socket) -> None:
    """The plain door, as far as the client can tell."""
    connection.sendall(b"Your name: ")
    with connection.makefile("r", encoding="utf-8", newline="\n") as lines:
        name = lines.readline().strip()
        connection.sendall(f"Welcome, {name}!\n".encode())
        for line in lines:
            if line == "/quit\n":
                connection.sendall("До свидания!\n".encode())
                return
            connection.sendall(f"{name}: {line}".encode())


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


@pytest.mark.parametrize("word", ["exit", "/quit", " exit "])
def test_leaving_with_a_word_waits_for_the_goodbye(program: list[str], word: str) -> None:
    with server(polite) as port:
        done = run([*program, port, "--name", "bob"], f"{word}\nnot sent\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Your name: bob\nWelcome, bob!\nДо свидания!\n"


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
        connection.sendall("\u202eright to left\x9b \x1b[31m".encode())
        silence(connection)

    with server(hostile) as port:
        done = run([*program, port], "")
    assert done.returncode == 0
    assert done.stdout == "]0;owned[2Jhi there\ufffd1m\nright to left [31m\n"


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
        running.send_signal(signal.SIGINT)
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
            listening.settimeout(SOON)
            command = [*program, str(listening.getsockname()[1])]
            self.client = pexpect.spawn(
                command[0], command[1:], dimensions=(12, 40), env=environment, timeout=SOON
            )
            self._server = listening.accept()[0]
        self._server.settimeout(SOON)

    def type(self, keys: str) -> None:
        self.client.send(keys.encode())

    def serve(self, text: str) -> None:
        self._server.sendall(text.encode())

    def hears(self, line: str) -> None:
        assert self._server.recv(1000).decode() == line

    def hang_up(self) -> None:
        self._server.close()

    def shows(self, *rows: str, cursor: int | None = None) -> None:
        """Wait until these are the last rows on the screen, and the cursor in that column."""
        end = time.monotonic() + SOON
        while self._last(len(rows)) != list(rows) or cursor not in {None, self._screen.cursor.x}:
            assert time.monotonic() < end, (self._last(12), self._screen.cursor.x)
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
    terminal.type("exit\r")
    terminal.hears("/quit\n")
    terminal.serve("Goodbye.\n")
    terminal.hang_up()
    assert terminal.ends() == 0
    terminal.shows("> exit", "Goodbye.", cursor=0)


@pytest.mark.parametrize("place", [0, 1, 37, 38, 39, 60, 77, 78, 79])
def test_the_place_in_a_line_of_several_rows_survives(terminal: Terminal, place: int) -> None:
    asked(terminal)
    typed = "абвгде" * 15
    rows = [f"> {typed}"[start : start + 40] for start in range(0, 92, 40)]
    terminal.type(typed + "\x01" + "\x06" * place)  # ^A, ^F
    terminal.shows("Your name: боб", *rows, cursor=(place + 2) % 40)
    for number in range(3):
        terminal.serve(f"line {number}\n")
        terminal.shows(f"line {number}", *rows, cursor=(place + 2) % 40)
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
