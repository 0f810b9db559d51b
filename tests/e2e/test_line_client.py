"""The line client with the real server: through a restart, beside others, and away without a word too many."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Final

import pytest

import chatproto.client
from running import PATIENCE, Running, Terminal, Tmux, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

CLIENT: Final = (sys.executable, "-I", chatproto.client.__file__, "127.0.0.1")


class Bystander:
    """A program in the first room that notes what it is sent."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._file = self._socket.makefile("r", encoding="utf-8")
        self.says("bystander")
        self.reads("You are bystander.")

    def says(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode())

    def reads(self, text: str) -> str:
        """Read up to a line that has this in it."""
        for line in self._file:
            if text in line:
                return line.rstrip("\n")
        pytest.fail(f"the connection ended before {text!r} came")

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def is_in_garden(row: str) -> bool:
    return row.startswith("-- ") and "#garden" in row


@pytest.fixture
def fixed(tmp_path: Path) -> Iterator[tuple[Running, int]]:
    """A server that is found at the same port when it is started again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Running(tmp_path, "--plain", f"tcp:{port}:interface=127.0.0.1", doors=()) as server:
        yield server, port


@pytest.mark.parametrize("code", ["en", "ru"])
def test_through_a_restart_with_name_room_and_half_typed_line(
    fixed: tuple[Running, int], tmp_path: Path, code: str
) -> None:
    server, port = fixed
    with Tmux(tmp_path, " ".join((*CLIENT, str(port))), columns=70) as screen:
        screen.shows("Your name:")
        screen.type("анна\r")
        wait_for(lambda: "You are анна" in "\n".join(screen.lines()))
        screen.type(f"/language {code}\r/join #garden\r")
        wait_for(lambda: any(is_in_garden(row) for row in screen.lines()), screen.lines)
        screen.type("half typed")
        screen.press("Left", "Left", "Left")
        screen.shows("> half typed")
        server.stop()
        wait_for(lambda: "^C leaves" in "\n".join(screen.lines()), screen.lines)
        screen.resize(60, 20)
        screen.type("XY")
        wait_for(lambda: screen.lines()[-1] == "> half tyXYped", screen.lines)
        server.start()
        wait_for(lambda: is_in_garden(screen.lines()[-2]), screen.lines)
        assert "Your name: анна" in screen.lines()
        assert screen.lines()[-1] == "> half tyXYped"
        screen.stands_at(11)
        bystander = Bystander(port)
        screen.press("Enter")
        bystander.says("/join #garden")
        assert bystander.reads("half").endswith("анна: half tyXYped")
        bystander.close()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/quit good night\r", "-- ann left: good night"),
        ("/quit\r", "-- ann left"),
        ("exit\r", "-- ann left"),
        ("\x04", "-- ann left"),
        ("half\x03", "-- ann left"),
    ],
)
def test_however_one_leaves_nobody_reads_of_a_broken_connection(
    server: Running, typed: str, told: str
) -> None:
    port = server.ports["plain"]
    bystander = Bystander(port)
    with Terminal(CLIENT[0], *CLIENT[1:], str(port), "--name", "ann") as client:
        wait_for(
            lambda: "-- You are ann. /help lists the commands." in client.lines(), client.lines
        )
        bystander.reads("joined")
        client.type(typed)
        client.ends()
        assert bystander.reads("left") == told
    bystander.close()
