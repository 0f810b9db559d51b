"""The prompt on a real terminal, by the real telnet and the real ssh: what the screen shows."""

from __future__ import annotations

import socket
import unicodedata
from typing import TYPE_CHECKING, Final

import pytest

from running import PATIENCE, Running, Tmux, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

DOORS: Final = ("telnet", "ssh")
SSH: Final = (
    "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    " -o IdentitiesOnly=yes -o IdentityFile=/dev/null"
)


class Bob:
    """A program that says things by the plain door, and sees what is said."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._seen = b""
        self.say("bob")
        self.sees("/help lists the commands.\n")

    def say(self, text: str) -> None:
        self._connection.sendall(f"{text}\n".encode())

    def sees(self, text: str) -> None:
        while text.encode() not in self._seen:
            data = self._connection.recv(65536)
            assert data, self._seen.decode()
            self._seen += data

    def leave(self) -> None:
        self._connection.close()


@pytest.fixture(params=DOORS)
def alice(request: pytest.FixtureRequest, server: Running, tmp_path: Path) -> Iterator[Tmux]:
    """A person typing at a terminal of 60 columns; telnet asks for the name, ssh has it."""
    commands = {
        "telnet": f"{needs('telnet')} 127.0.0.1 {server.ports['telnet']}",
        "ssh": f"{needs('ssh')} {SSH} -p {server.ports['ssh']} alice@127.0.0.1",
    }
    with Tmux(tmp_path, commands[request.param], 60, 16) as terminal:
        if request.param == "telnet":
            terminal.shows("-- Welcome to chat.", "Your name:")
            terminal.type("alice")
            terminal.press("Enter")
        terminal.shows("-- You are alice. /help lists the commands.", ">")
        yield terminal


@pytest.fixture
def bob(server: Running, alice: Tmux) -> Iterator[Bob]:
    somebody = Bob(server.ports["plain"])
    alice.shows("-- bob joined", ">")
    yield somebody
    somebody.leave()


@pytest.mark.parametrize(
    "text",
    ["Привет, мир", "世界 and 你好", "a family: 👨‍👩‍👧 and more", "de\u0301colleté", "naïve é"],
)
def test_any_letters_can_be_typed_and_edited_in_the_middle(
    alice: Tmux, bob: Bob, text: str
) -> None:
    alice.type(f"{text}!?")
    alice.press("Left", "BSpace", "End", "BSpace", "Home")
    alice.type("<")
    alice.press("Right")
    alice.press("Left")
    alice.press("End")
    alice.type(">")
    alice.press("Enter")
    bob.sees(f"alice: <{unicodedata.normalize('NFC', text)}>\n")


def test_a_line_that_comes_stands_above_what_is_typed(alice: Tmux, bob: Bob) -> None:
    stages = ["h", "ha", "half a sentence", "half a sentence, and 世"]
    typed = ""
    for number, stage in enumerate(stages):
        alice.type(stage[len(typed) :])
        typed = stage
        alice.shows(f"> {typed}")
        bob.say(f"line {number}")
        alice.shows(f"bob: line {number}", f"> {typed}")
        alice.stands_at(2 + len(typed) + typed.count("世"))
    alice.press("Home")
    bob.say("once more")
    alice.shows("bob: once more", f"> {typed}")
    alice.stands_at(2)
    alice.type("one ")
    alice.press("Enter")
    bob.sees("alice: one half a sentence, and 世\n")
    alice.shows(f"alice: one {typed}", ">")


def test_a_line_longer_than_the_screen_is_edited_at_its_start(alice: Tmux, bob: Bob) -> None:
    words = " ".join(f"word{number}" for number in range(20))
    alice.type(words)
    alice.press("C-a")
    alice.type("first ")
    whole = f"> first {words}"
    rows = [whole[place : place + 60].rstrip() for place in range(0, len(whole), 60)]
    alice.shows(*rows)
    alice.stands_at(8, 1 - len(rows))
    bob.say("in between")
    alice.shows("bob: in between", *rows)
    alice.stands_at(8, 1 - len(rows))
    alice.press("Enter")
    bob.sees(f"alice: first {words}\n")


def test_a_resize_while_typing_keeps_the_line(alice: Tmux, bob: Bob) -> None:
    alice.type("half of it")
    alice.shows("> half of it")
    alice.resize(40, 12)
    alice.shows("> half of it")
    bob.say("a line that is a little longer than forty columns now")
    alice.shows(
        "bob: a line that is a little longer than", "     forty columns now", "> half of it"
    )
    alice.resize(100, 20)
    alice.type(" and the rest")
    alice.shows("> half of it and the rest")
    alice.press("Enter")
    bob.sees("alice: half of it and the rest\n")


def test_a_resize_erases_all_of_a_long_line_and_nothing_else(alice: Tmux, bob: Bob) -> None:
    """The terminal is tmux, which wraps anew what it has wrapped."""
    bob.say("the last line")
    whole = "> " + " ".join(f"word{number}" for number in range(20))
    alice.type(whole[2:])
    for columns in (60, 40, 30, 100, 60):
        alice.resize(columns, 16)
        rows = [whole[place : place + columns].rstrip() for place in range(0, len(whole), columns)]
        alice.shows("bob: the last line", *rows)
        alice.stands_at(len(whole) % columns)
    alice.press("Enter")
    bob.sees(f"alice: {whole[2:]}\n")


def test_a_resize_to_a_width_that_the_line_fills_leaves_the_row_above(
    alice: Tmux, bob: Bob
) -> None:
    """The terminal is tmux, which leaves its cursor on the last column then."""
    bob.say("the last line")
    typed = "x" * 78
    alice.type(typed)
    for columns in (60, 40, 60, 80, 40, 60, 20):
        alice.resize(columns, 16)
        whole = f"> {typed}"
        rows = [whole[place : place + columns] for place in range(0, len(whole), columns)]
        alice.shows("bob: the last line", *rows)
    alice.press("Enter")
    bob.sees(f"alice: {typed}\n")


def test_a_paste_of_many_lines_asks_first(alice: Tmux, bob: Bob) -> None:
    alice.paste("".join(f"line {number}\n" for number in range(20)))
    alice.shows("Send 20 lines? (y/n)")
    bob.say("what are you up to?")
    alice.shows("bob: what are you up to?", "Send 20 lines? (y/n)")
    alice.type("n")
    alice.shows("bob: what are you up to?", ">")
    alice.paste("one\ntwo\nthree\n")
    bob.sees("alice: one\nalice: two\nalice: three\n")


def test_a_paste_without_marks_asks_before_the_first_line_is_said(alice: Tmux, bob: Bob) -> None:
    alice.paste("".join(f"line {number}\n" for number in range(20)), marked=False)
    alice.shows("-- bob joined", "Send 20 lines? (y/n)")
    alice.type("y")
    bob.sees("".join(f"alice: line {number}\n" for number in range(20)))
    alice.paste("one\ntwo\nthree\n", marked=False)
    bob.sees("alice: one\nalice: two\nalice: three\n")


def test_a_long_link_is_one_word_to_the_terminal(alice: Tmux, bob: Bob) -> None:
    link = "https://example.org/" + "a/long/path/" * 6
    bob.say(f"look at {link} and tell me")
    alice.shows(
        "-- bob joined", f"bob: look at {link}"[:60], f"bob: look at {link} and tell me"[60:], ">"
    )
    assert f"bob: look at {link} and tell me" in alice.joined()


def test_control_l_shows_the_last_lines_again(alice: Tmux, bob: Bob) -> None:
    for number in range(3):
        bob.say(f"line {number}")
    alice.type("half typed")
    alice.shows("bob: line 2", "> half typed")
    alice.press("C-l")
    wait_for(lambda: len(alice.lines()) == 4, alice.lines)
    assert [row.partition(" ")[2] for row in alice.lines()] == [
        "bob: line 0", "bob: line 1", "bob: line 2", "half typed",
    ]  # fmt: skip


def test_tab_completes(alice: Tmux, bob: Bob) -> None:
    alice.type("b")
    alice.press("Tab")
    alice.shows("> bob:")
    alice.type("hi")
    alice.press("Enter")
    bob.sees("alice: bob: hi\n")
    alice.type("/who")
    alice.press("Tab", "Tab")
    alice.shows("> /whois")
    alice.press("C-u")
    alice.type("/set theme l")
    alice.press("Tab")
    alice.shows("> /set theme light")


def test_the_past_is_recalled_and_searched(alice: Tmux, bob: Bob) -> None:
    for line in ("the first", "the second", "another"):
        alice.type(line)
        alice.press("Enter")
        alice.shows(f"alice: {line}", ">")
    alice.press("Up", "Up")
    alice.shows("> the second")
    alice.press("C-u", "C-r")
    alice.type("fir")
    alice.shows("(search) fir: the first")
    alice.press("Enter")
    bob.sees("alice: another\nalice: the first\n")


def test_a_mention_is_marked_and_nicks_have_colours(alice: Tmux, bob: Bob) -> None:
    bob.say("are you there, Alice?")
    alice.shows("bob: are you there, Alice?", ">")
    assert "\x1b[1m\x1b[38;5;16m\x1b[48;5;221mAlice" in alice.colours()
    alice.type("/set theme none")
    alice.press("Enter")
    bob.say("alice!")
    alice.shows("bob: alice!", ">")
    assert "mbob" not in alice.colours().splitlines()[-2]


def test_control_c_clears_and_says_how_to_leave_and_control_d_leaves(alice: Tmux, bob: Bob) -> None:
    alice.type("never mind")
    alice.press("C-c")
    alice.shows("-- bob joined", ">")
    alice.press("C-c")
    alice.shows("-- To leave, press ^D or type /quit.", ">")
    alice.press("C-d")
    bob.sees("-- alice left\n")


@pytest.mark.parametrize("alice", ["telnet"], indirect=True)
def test_the_input_can_be_switched_and_back(alice: Tmux, bob: Bob) -> None:
    alice.type("/set input line")
    alice.press("Enter")
    # Until the answer is on the screen the terminal may still be in the other mode.
    wait_for(lambda: any("-- /set input line" in row for row in alice.lines()), alice.lines)
    alice.type("typed by hand")
    alice.press("Enter")
    bob.sees("alice: typed by hand\n")
    alice.type("/set input char")
    alice.press("Enter")
    wait_for(lambda: alice.lines()[-1] == ">", alice.lines)
    alice.type("and edited")
    alice.press("C-a")
    alice.type("again, ")
    alice.press("Enter")
    bob.sees("alice: again, and edited\n")


ESCAPES: Final = "Нет ❤ ”"
"""In each of these is a byte whose low seven bits are telnet's escape character."""


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"], ids=["line", "character"])
def test_telnet_takes_no_letter_for_its_escape_character(
    server: Running, tmp_path: Path, term: str
) -> None:
    command = f"env TERM={term} {needs('telnet')} 127.0.0.1 {server.ports['telnet']}"
    with Tmux(tmp_path, command, 60, 24) as alice:
        alice.shows("-- Welcome to chat.", "Your name:")
        for name in ("#", ESCAPES):  # when the first is answered, all else has been agreed to
            alice.type(name)
            alice.press("Enter")
            wait_for(lambda: _was_refused(alice.lines(), name), alice.lines)  # noqa: B023
        alice.type("Нина")
        alice.press("Enter")
        wait_for(lambda: "-- You are Нина." in "".join(alice.lines()), alice.lines)
        somebody = Bob(server.ports["plain"])
        alice.type(ESCAPES)
        alice.press("Enter")
        somebody.sees(f"Нина: {ESCAPES}\n")
        # What is typed after it is not torn: no key is lost, no row is left in stairs.
        alice.type("и ещё")
        wait_for(lambda: alice.lines()[-1].removeprefix("> ") == "и ещё", alice.lines)
        alice.press("Enter")
        somebody.sees("Нина: и ещё\n")
        somebody.leave()


def _was_refused(lines: list[str], name: str) -> bool:
    return len(lines) > 2 and (lines[-3], lines[-1]) == (f"Your name: {name}", "Your name:")


@pytest.mark.parametrize("alice", ["telnet"], indirect=True)
def test_telnet_takes_none_for_it_after_the_mode_has_changed(alice: Tmux, bob: Bob) -> None:
    alice.type("/set input line")
    alice.press("Enter")
    wait_for(lambda: any("-- /set input line" in row for row in alice.lines()), alice.lines)
    alice.type(ESCAPES)
    alice.press("Enter")
    bob.sees(f"alice: {ESCAPES}\n")
    alice.type("/set input char")
    alice.press("Enter")
    wait_for(lambda: alice.lines()[-1] == ">", alice.lines)
    alice.type(ESCAPES)
    alice.press("Enter")
    bob.sees(f"alice: {ESCAPES}\nalice: {ESCAPES}\n")


def test_clear_leaves_the_prompt_alone(alice: Tmux, bob: Bob) -> None:
    alice.type("/clear")
    alice.press("Enter")
    alice.shows(">")
    bob.say("hello")
    alice.shows("bob: hello", ">")
