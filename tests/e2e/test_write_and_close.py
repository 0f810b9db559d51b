"""What was sent is said, also when the peer has closed before it read an answer."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from running import Running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, "--rate", "5/20", doors=("telnet", "plain")) as server:
        yield server


def stored(server: Running) -> list[str]:
    path = server.folder / "data" / "chat.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM event ORDER BY seq")]


@pytest.mark.parametrize("door", ["plain", "telnet"])
@pytest.mark.parametrize("last", [b"\n", b""], ids=["ended", "without an end"])
def test_who_connects_writes_and_closes_is_heard(server: Running, door: str, last: bytes) -> None:
    said = [f"line {number}" for number in range(30)]
    for number, line in enumerate(said):
        with socket.create_connection(("127.0.0.1", server.ports[door])) as peer:
            peer.sendall(f"n{number}\n{line}".encode() + last)
    wait_for(lambda: sorted(stored(server)) == sorted(said), lambda: stored(server))


@pytest.mark.parametrize("door", ["plain", "telnet"])
def test_the_shell_can_do_it(server: Running, door: str) -> None:
    script = f"printf 'anna\\nhello\\n' > /dev/tcp/127.0.0.1/{server.ports[door]}"
    subprocess.run(["bash", "-c", script], check=True, timeout=10)
    wait_for(lambda: stored(server) == ["hello"], lambda: stored(server))


@pytest.mark.parametrize("door", ["plain", "telnet"])
def test_twenty_lines_and_a_close_are_twenty_lines(server: Running, door: str) -> None:
    """The peer has not read what it was sent, so its close is a reset, and every send fails."""
    peers = [socket.create_connection(("127.0.0.1", server.ports[door])) for _ in range(10)]
    for number, peer in enumerate(peers):
        peer.sendall(f"n{number}\n".encode())
    for peer in peers:
        while b"/help" not in peer.recv(65536):
            pass
    for number, peer in enumerate(peers):
        peer.sendall("".join(f"{number}: line {n}\n" for n in range(20)).encode())
        peer.close()
    wait_for(lambda: len(stored(server)) == 200, lambda: len(stored(server)))
    for number in range(10):
        own = [text for text in stored(server) if text.startswith(f"{number}: ")]
        assert own == [f"{number}: line {n}" for n in range(20)]
