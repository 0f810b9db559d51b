"""Real clients in line mode, and what their screens show.  Character mode is in test_prompt."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from running import PATIENCE, Running, Terminal, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e


@pytest.fixture
def alice(server: Running) -> Iterator[Terminal]:
    """A person with the real telnet, which edits the lines itself."""
    with Terminal(needs("telnet"), "127.0.0.1", str(server.ports["telnet"])) as terminal:
        enter(terminal, "alice")
        terminal.type("/set input line\r")
        wait_for(lambda: any("-- /set input line" in row for row in terminal.lines()))
        yield terminal


@pytest.fixture
def boris(server: Running, alice: Terminal) -> Iterator[Terminal]:
    """A person with the real nc, on the telnet door."""
    with Terminal(needs("nc"), "127.0.0.1", str(server.ports["telnet"])) as terminal:
        enter(terminal, "Борис")
        alice.shows("-- Борис joined")
        yield terminal


def enter(terminal: Terminal, name: str) -> None:
    wait_for(lambda: "Your name:" in terminal.lines(), terminal.lines)
    terminal.type(f"{name}\r")
    terminal.shows(f"-- You are {name}. /help lists the commands.")


def test_telnet_and_nc_talk(alice: Terminal, boris: Terminal) -> None:
    alice.type("привет, мир\r")
    boris.shows("alice: привет, мир")
    boris.type("hello to you\r")
    alice.shows("привет, мир", "Борис: hello to you")


def test_nc_sees_no_telnet_bytes(boris: Terminal) -> None:
    # The one probe leaves no mark on the screen.
    assert boris.lines()[0] == "-- Welcome to chat."


def test_a_line_that_comes_leaves_the_half_typed_one_whole(
    alice: Terminal, boris: Terminal
) -> None:
    alice.type("half a sen")
    wait_for(lambda: alice.lines()[-1] == "half a sen")
    boris.type("here I come\r")
    alice.shows("-- Борис joined", "Борис: here I come")
    assert not any("half a sen" in line for line in alice.lines())
    alice.type("tence\r")
    boris.shows("here I come", "alice: half a sentence")


def test_control_c_drops_the_line_and_what_comes_is_still_shown(
    alice: Terminal, boris: Terminal
) -> None:
    alice.type("never mind")
    alice.key("c")
    alice.shows("-- To leave, type /quit.")
    alice.type("this one\r")
    boris.shows("alice: this one")
    boris.type("I see it\r")
    alice.shows("Борис: I see it")


def test_control_z_stops_nothing(alice: Terminal, boris: Terminal) -> None:
    alice.key("z")
    alice.type("still here\r")
    boris.shows("alice: still here")
    boris.type("so am I\r")
    alice.shows("Борис: so am I")


def test_control_d_on_an_empty_line_leaves(alice: Terminal, boris: Terminal) -> None:
    alice.key("d")
    alice.shows("-- Goodbye.")
    alice.ends()
    boris.shows("-- alice left")


def test_quit_says_why(alice: Terminal, boris: Terminal) -> None:
    alice.type("/quit lunch\r")
    alice.ends()
    boris.shows("-- alice left: lunch")


def test_a_killed_client_is_missed(alice: Terminal, boris: Terminal) -> None:
    alice.child.close(force=True)
    boris.shows("-- alice left")


def test_a_connection_that_breaks_is_told(server: Running, alice: Terminal) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as dave:
        dave.sendall(b"dave\n")
        alice.shows("-- dave joined")
        # Closing with this option resets the connection instead of ending it.
        dave.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    alice.shows("-- dave left: the connection broke")


def test_our_client_talks_with_telnet(server: Running, alice: Terminal) -> None:
    arguments = [
        "-m",
        "chatproto.client",
        "127.0.0.1",
        str(server.ports["plain"]),
        "--name",
        "carol",
    ]
    with Terminal(sys.executable, *arguments) as carol:
        alice.shows("-- carol joined")
        alice.type("hello carol\r")
        carol.shows("alice: hello carol")
        carol.type("hello alice\r")
        alice.shows("hello carol", "carol: hello alice")
        carol.type("/quit\r")
        carol.ends()


def test_piped_words_arrive(server: Running, alice: Terminal) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatproto.client", "127.0.0.1", str(server.ports["plain"]),
         "--name", "pipe"],
        input=b"one\ntwo\n", capture_output=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    alice.shows("-- pipe joined", "pipe: one", "pipe: two")
    assert b"You are in #lobby with alice." in done.stdout


def test_a_file_sent_by_nc_is_said_whole(server: Running, alice: Terminal) -> None:
    lines = "".join(f"line {number}\n" for number in range(8))
    subprocess.run(
        [needs("nc"), "-N", "127.0.0.1", str(server.ports["plain"])],
        input=b"pasted\n" + lines.encode(), capture_output=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    alice.shows("-- pasted joined", *(f"pasted: line {number}" for number in range(8)))


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"not a web server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"not an SSH server"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"without TLS"),
    ],
)
@pytest.mark.parametrize("door", ["telnet", "plain"])
def test_a_stranger_is_told_where_they_are(
    server: Running, door: str, first: bytes, answer: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.ports[door]), PATIENCE) as stranger:
        stranger.sendall(first)
        seen = b""
        while data := stranger.recv(4096):
            seen += data
    assert answer in seen
    assert seen.count(b"\n") == (2 if door == "telnet" else 1)  # the greeting, and one line
