"""What a screen of 24 rows shows to a member who has just come in."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import pytest

from running import PATIENCE, Running, Tmux, needs, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

SSH: Final = (
    "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    " -o IdentitiesOnly=yes -o IdentityFile=/dev/null"
)
LAST: Final = "-- You are alice. /help lists the commands."


def talk(port: int) -> None:
    """Say more than a screen holds, with lines that wrap, and set a topic; stay until it is all said."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as bob:
        lines = [f"line {n} {'and more ' * (20 if n % 4 else 1)}" for n in range(25)]
        bob.sendall("\n".join(["bob", *lines, "/topic tea and cake", ""]).encode())
        seen = b""
        while b"bob sets the topic" not in seen:
            data = bob.recv(65536)
            assert data, seen
            seen += data


@pytest.mark.parametrize("door", ["telnet", "ssh"])
def test_the_greeting_the_topic_and_the_way_to_help_are_on_the_screen(
    tmp_path: Path, door: str
) -> None:
    commands = {
        "telnet": f"{needs('telnet')} 127.0.0.1",
        "ssh": f"{needs('ssh')} {SSH} alice@127.0.0.1 -p",
    }
    with Running(tmp_path, "--rate", "off") as server:
        talk(server.ports["plain"])
        with Tmux(tmp_path, f"{commands[door]} {server.ports[door]}", 80, 24) as terminal:
            if door == "telnet":
                terminal.shows("-- Welcome to chat.", "Your name:")
                terminal.type("alice")
                terminal.press("Enter")
            wait_for(lambda: terminal.lines()[-2:] == [LAST, ">"], terminal.lines)
            shown = terminal.lines()
            assert "-- Welcome to chat." in shown
            assert "-- Topic: tea and cake (by bob)" in shown
            assert any(row.startswith("-- You are in #lobby") for row in shown)
            assert len(shown) > 20, "the past takes the rest of the screen"


def test_help_leaves_what_was_asked_on_the_screen(server: Running, tmp_path: Path) -> None:
    command = f"{needs('ssh')} {SSH} alice@127.0.0.1 -p {server.ports['ssh']}"
    with Tmux(tmp_path, command, 80, 24) as terminal:
        terminal.shows(LAST, ">")
        terminal.type("/help")
        terminal.press("Enter")
        wait_for(lambda: "To say a line that begins with /, type //." in terminal.lines()[-2])
        assert "> /help" in terminal.lines()
