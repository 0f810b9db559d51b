"""The line client as the one file that it is, running alone, in a pipe and on a screen.

Programs are run from a copy outside the tree with `python -I`, as a person would who was sent the
file; the servers are a function each, in a thread, on a loopback port.
"""

from __future__ import annotations

import contextlib
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

from chatproto import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOON = 10.0  # seconds within which everything here has ended, or has failed

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
