"""Starting and stopping: one clear sentence and exit status 1, or a goodbye and exit status 0."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from running import PATIENCE, TWISTD, Running, limited, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e


def fail(folder: Path, *options: str, files: int = 1024) -> str:
    """Start a server that cannot start; give what it said, beside twistd's own lines."""
    done = subprocess.run(
        limited(files, TWISTD, "-n", "chat", "--language", "en", *options),
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not (folder / "twistd.pid").exists()
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = fail(tmp_path, "--plain", str(port))
    assert sentence == (
        f"chat: --plain: tcp:{port}:interface=127.0.0.1:backlog=1024 cannot be opened:"
        " Address already in use."
    )


@pytest.mark.parametrize("seen", ["nonsense", "tcp:no", "ssl:9", "99999", "udp:9", ""])
def test_a_bad_endpoint(tmp_path: Path, seen: str) -> None:
    assert fail(tmp_path, "--telnet", seen).startswith("chat: --telnet: ")


def test_too_few_descriptors(tmp_path: Path) -> None:
    sentence = fail(tmp_path, files=64)
    assert sentence == (
        "chat: This process may open 64 files and connections (ulimit -n); it needs 128 at the least."
    )
    assert not (tmp_path / "chat-data").exists()


def test_with_few_descriptors_few_come_in_and_the_rest_are_told(tmp_path: Path) -> None:
    """The descriptors that are kept back are enough for the server itself, and for saying so."""
    with Running(tmp_path, doors=("plain",), files=128) as server:
        address = ("127.0.0.1", server.ports["plain"])
        peers = [socket.create_connection(address, PATIENCE) for _ in range(70)]
        first = [peer.recv(100) for peer in peers]
        assert first[:64] == [b"Your name: "] * 64
        assert first[64:] == [b"-- The server is full. Try again later.\n"] * 6
        peers[0].sendall(b"boris\n")
        seen = b""
        while b"/help" not in seen:
            seen += peers[0].recv(1000)
        peers[1].sendall(b"anna\nhello\n")
        while b"anna: hello" not in seen:
            seen += peers[0].recv(1000)
        for peer in peers:
            peer.close()


def test_an_unwritable_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = fail(tmp_path, "--data", "file/below")
    assert sentence == "chat: The data directory file/below cannot be written to: Not a directory."


def test_a_directory_in_use(server: Running, tmp_path: Path) -> None:
    data = tmp_path / "data"
    sentence = fail(tmp_path, "--plain", "0", "--data", str(data))
    assert sentence == f"chat: The data directory {data} is in use by another server."


def test_a_database_from_a_newer_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "chat.sqlite") as connection:
        connection.execute("PRAGMA user_version = 1000")
    connection.close()
    assert "was written by a newer version" in fail(tmp_path, "--plain", "0", "--data", ".")


def test_no_database_at_all(tmp_path: Path) -> None:
    (tmp_path / "chat.sqlite").write_text("This is my shopping list. " * 100)
    assert "cannot be used as a chat database" in fail(tmp_path, "--plain", "0", "--data", ".")


@pytest.mark.parametrize(
    "options", [("--rate", "fast"), ("--rate", "0/1"), ("--rate", "5/nan"), ("--language", "xx"),
                ("--motd", "missing")],
)  # fmt: skip
def test_an_option_that_will_not_do(tmp_path: Path, options: tuple[str, str]) -> None:
    assert options[0] in fail(tmp_path, *options)


def test_without_options_all_doors_are_open_on_loopback(tmp_path: Path) -> None:
    for port in (8023, 8080, 8022):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port} is in use here")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([TWISTD, "-n", "chat"], cwd=tmp_path, stdout=log, stderr=log)
    read = (tmp_path / "log").read_text
    ways = ("telnet 127.0.0.1 8023", "nc 127.0.0.1 8080", "ssh -p 8022 NAME@127.0.0.1")
    wait_for(lambda: all(way in read() for way in ways), read)
    assert (tmp_path / "chat-data" / "chat.sqlite").exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == -signal.SIGTERM  # as twistd ends: it says which signal it was


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_goodbye_and_commits(
    server: Running, tmp_path: Path, ending: signal.Signals
) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as guest:
        guest.sendall(b"alice\n")
        while b"/help" not in guest.recv(65536):
            pass
        guest.sendall(b"my last words\n")
        wait_for(lambda: bool(words(tmp_path)))
        server.process.send_signal(ending)
        assert b"-- The server is going down. Goodbye.\n" in b"".join(
            iter(lambda: guest.recv(999), b"")
        )
    server.process.wait(PATIENCE)
    assert server.process.returncode in (0, -ending)
    assert words(tmp_path) == ["my last words"]


def words(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "data" / "chat.sqlite")
    try:
        return [text for (text,) in connection.execute("SELECT text FROM event")]
    finally:
        connection.close()


def test_a_peer_that_does_not_read_does_not_keep_it_from_stopping(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as deaf:
        deaf.sendall(b"deaf\n")
        assert server.stop() in (0, -signal.SIGTERM)
