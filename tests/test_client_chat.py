"""The line client's chat, with a server in memory: whose turn it is, and coming back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from chatproto import client
from chatproto.client import Chat, Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SOON = 10.0  # seconds within which everything here has ended, or has failed


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
