"""What anyone has seen is on disk: killed under load, twenty times, at moments left to chance."""

from __future__ import annotations

import random
import selectors
import socket
import time
from typing import TYPE_CHECKING, Final

import pytest

from guests import history
from running import PATIENCE, Running

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

TALKERS: Final = 50
READERS: Final = 20
KILLS: Final = 20
LONGEST_TALK: Final = 5_000  # lines that one reader has seen before the kill, at the most


class Crowd:
    """Talkers who talk without a pause, and readers who note every line; until the server is gone."""

    def __init__(self, port: int, round_number: int) -> None:
        self.talkers = [self._enter(port, f"t{number}") for number in range(TALKERS)]
        self.readers = [self._enter(port, f"r{number}") for number in range(READERS)]
        self.seen: list[bytes] = [b""] * READERS
        self._lines = [0] * READERS
        self._round = round_number
        self._said = 0

    def _enter(self, port: int, name: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        connection.sendall(f"{name}\n".encode())
        welcome = b""
        while b"/help" not in welcome:
            welcome += connection.recv(65536)
        connection.setblocking(False)
        return connection

    def talk_until_seen(self, count: int) -> None:
        """Talk and read until some reader has seen so many lines, however long that takes."""
        end = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            for place, reader in enumerate(self.readers):
                selector.register(reader, selectors.EVENT_READ, place)
            while max(self._lines) < count:
                assert time.monotonic() < end, f"no reader has seen {count} lines: {self._lines}"
                for talker in self.talkers:
                    self._say(talker)
                for key, _events in selector.select(0.001):
                    self._read(key.data)

    def _say(self, talker: socket.socket) -> None:
        self._said += 1
        try:
            talker.send(b"round %d line %d\n" % (self._round, self._said))
            talker.recv(1 << 20)
        except BlockingIOError:
            pass

    def _read(self, place: int) -> bool:
        try:
            data = self.readers[place].recv(1 << 20)
        except (BlockingIOError, ConnectionResetError):
            return False
        self.seen[place] += data
        self._lines[place] += data.count(b": round ")
        return bool(data)

    def read_to_the_end(self) -> list[list[str]]:
        """Read what was still on its way; return what each reader saw said, whole lines only."""
        for place in range(READERS):
            while self._read(place):
                pass
        for connection in self.talkers + self.readers:
            connection.close()
        return [_said(data) for data in self.seen]


def _said(data: bytes) -> list[str]:
    whole = data[: data.rfind(b"\n") + 1].decode()
    return [line for line in whole.splitlines() if ": round " in line]


def test_every_line_that_anyone_saw_is_in_the_history_once_and_in_order(tmp_path: Path) -> None:
    chance = random.Random(20)
    with Running(tmp_path, "--rate", "off", doors=("plain",)) as server:
        for round_number in range(KILLS):
            crowd = Crowd(server.ports["plain"], round_number)
            crowd.talk_until_seen(chance.randint(1, LONGEST_TALK))
            server.kill()
            seen = crowd.read_to_the_end()
            server.start()
            said = [line for line in history(tmp_path) if f": round {round_number} " in line]
            assert len(set(said)) == len(said)
            for lines in seen:
                # All readers were in before the first word: what they saw is where the history began.
                assert lines == said[: len(lines)]
            assert any(seen)  # else the test shows nothing
