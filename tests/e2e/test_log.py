"""The log under a running server: its files taken away, and its writer killed."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import sys
from typing import TYPE_CHECKING, Final, Self

import pytest

from running import PATIENCE, Running, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

# twistd, with a writer that dies of what is not caught when it is to store the word `die`.
DYING: Final = """
import chatproto.log.database as database
from twisted.scripts.twistd import run
store = database.store
def die(connection, events, known):
    if any(event.text == "die" for event in events):
        raise KeyboardInterrupt
    store(connection, events, known)
database.store = die
run()
"""


class Person:
    """A program at the plain door."""

    def __init__(self, server: Running, name: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE)
        self._seen = ""
        self.say(name)
        self.sees("/help")

    def say(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode())

    def sees(self, text: str) -> str:
        """Read until this has come, or the connection ends; return all that has."""
        while text not in self._seen:
            data = self._socket.recv(65536)
            assert data, self._seen
            self._seen += data.decode()
        return self._seen

    def sees_at_last(self) -> str:
        """Read until the connection ends; return all that has come."""
        while data := self._socket.recv(65536):
            self._seen += data.decode()
        return self._seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self._socket.close()


def stored(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "chat.sqlite") as other:
        rows = other.execute("SELECT text FROM event ORDER BY seq").fetchall()
    other.close()
    return [text for (text,) in rows]


def test_what_cannot_be_kept_is_not_said_when_the_data_directory_is_gone(tmp_path: Path) -> None:
    with (
        Running(tmp_path, doors=("plain",)) as server,
        Person(server, "alice") as alice,
        Person(server, "bob") as bob,
    ):
        alice.say("kept")
        bob.sees("alice: kept")
        data = tmp_path / "data"
        shutil.copytree(data, tmp_path / "backup")
        shutil.rmtree(data)
        alice.say("not kept")
        alice.sees("was removed, replaced or overwritten while the server runs")
        alice.sees("Not sent: not kept")
        (tmp_path / "backup").rename(data)
        alice.say("not kept either")
        alice.sees("Not sent: not kept either")
        assert server.log.read_text().count("was removed, replaced or overwritten") == 1
        server.stop()
        assert "not kept" not in bob.sees_at_last()
        server.start()  # which is what helps
        with Person(server, "carol") as carol:
            assert "alice: kept" in carol.sees("alice: kept")
            carol.say("once more")
            wait_for(lambda: stored(data) == ["kept", "once more"], lambda: stored(data))


def test_a_server_whose_writer_dies_refuses_and_ends_with_a_sentence(tmp_path: Path) -> None:
    class Dying(Running):
        def start(self) -> None:
            self.command[:1] = [sys.executable, "-c", DYING]
            super().start()

    with Dying(tmp_path, doors=("plain",)) as server, Person(server, "alice") as alice:
        alice.say("die")
        alice.sees("Not sent: die")
        alice.sees("The server is going down. Goodbye.")
        assert server.process.wait(PATIENCE) == 1
        told = server.log.read_text()
        assert "The log's writer has died (KeyboardInterrupt())" in told
        assert "Traceback" not in told
