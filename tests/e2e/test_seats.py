"""One member at several screens, and after a connection that broke: with the real OpenSSH."""

from __future__ import annotations

import socket
import struct
import subprocess
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Self

import pytest

from running import PATIENCE, Running, Terminal, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no goodbye, a reset


class Relay:
    """A network between a client and the door, which can break."""

    def __init__(self, port: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._door = port
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                door = socket.create_connection(("127.0.0.1", self._door), PATIENCE)
                self._ends += [client, door]
                for here, there in ((client, door), (door, client)):
                    Thread(target=self._carry, args=(here, there), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(1 << 16):
                there.sendall(data)

    def break_off(self) -> None:
        """Let both ends learn that the connection is no more, by a reset."""
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RD)  # a thread reads from it
            end.close()
        self._ends.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.break_off()
        self._listening.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, "--rate", "off", doors=("ssh", "plain")) as running:
        yield running
        running.stop()
        assert "Traceback" not in running.log.read_text()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run([needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def words(key: Path, port: int, name: str, *more: str) -> list[str]:
    return [
        "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        "-o", "IdentitiesOnly=yes", "-i", str(key), "-p", str(port), *more, f"{name}@127.0.0.1",
    ]  # fmt: skip


def sees(terminal: Terminal, text: str) -> None:
    wait_for(lambda: text in "\n".join(terminal.lines()), lambda: "\n".join(terminal.lines()))


def test_two_screens_and_a_pipe_are_one_member(server: Running, key: Path) -> None:
    port, ssh = server.ports["ssh"], needs("ssh")
    with Terminal(ssh, *words(key, port, "anna")) as first:
        sees(first, "You are anna. ")
        with Terminal(ssh, *words(key, port, "anna")) as second:
            sees(second, "You are anna, who is here 2 times now.")
            second.type("half a line")
            first.type("typed at the first\r")
            sees(second, "anna: typed at the first")
            sees(second, "> half a line")
            said = subprocess.run(
                [ssh, *words(key, port, "anna", "-T")], input=b"built\n", capture_output=True,
                timeout=6 * PATIENCE, check=True,
            )  # fmt: skip
            assert b"who is here 3 times now" in said.stdout
            sees(first, "anna: built")
            sees(second, "anna: built")
        first.type("/who\r")
        sees(first, "1 person in #lobby: anna")


def test_a_connection_that_broke_is_taken_up(server: Running, key: Path) -> None:
    ssh = needs("ssh")
    bob = socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE)
    bob.sendall(b"bob\n")
    with Relay(server.ports["ssh"]) as relay:
        with Terminal(ssh, *words(key, relay.port, "anna")) as anna:
            sees(anna, "You are anna. ")
            bob.sendall(b"before\n")
            sees(anna, "bob: before")
            relay.break_off()
            anna.ends()
        wait_for(lambda: "anna left " in server.log.read_text(), server.log.read_text)
        bob.sendall(b"meanwhile\n")
        with Terminal(ssh, *words(key, relay.port, "anna")) as anna:
            sees(anna, "Welcome back, anna.")
            sees(anna, "bob: meanwhile")
            lines = "\n".join(anna.lines())
            assert lines.count("bob: before") == lines.count("bob: meanwhile") == 1
            anna.type("here again\r")
            seen = b""
            while b"anna: here again" not in seen:
                seen += bob.recv(1 << 16)
            assert b"anna left" not in seen
            assert seen.count(b"anna joined") <= 1
    bob.close()
