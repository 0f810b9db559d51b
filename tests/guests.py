"""Guests of a real server, by sockets of their own.

Every wait is for what is to come, and bounded; none is for time.
"""

from __future__ import annotations

import select
import socket
import sqlite3
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from running import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTERED: Final = b"/help lists the commands."
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close by RST


class Guest:
    """A peer at a door, by a socket.

    seen      everything that has come
    is_left   the server has closed
    """

    def __init__(self, port: int, name: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.name = name
        self.seen = b""
        self.is_left = False
        self._found = 0  # what `until` waits for is looked for after this
        if name:
            self.say(name)
            self.until(_ENTERED)

    def send(self, data: bytes) -> None:
        """Send it all, and take what comes meanwhile: the server reads nothing from a peer that does not read."""
        end = time.monotonic() + PATIENCE
        while data:
            assert time.monotonic() < end, f"{self.name} is not read from"
            readable, writable, _ = select.select([self.socket], [self.socket], [], PATIENCE)
            if readable:
                self._take()
            if writable:
                data = data[self.socket.send(data[:65536], socket.MSG_DONTWAIT) :]

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.send("".join(f"{line}\n" for line in lines).encode())

    def until(self, *wanted: bytes) -> bytes:
        """Read until one of these has come, after what was waited for before; return which."""
        end = time.monotonic() + PATIENCE
        while not (found := self._first(wanted)):
            assert time.monotonic() < end, f"{self.name} waits for {wanted!r}: {self.seen[-400:]!r}"
            if select.select([self.socket], [], [], PATIENCE)[0]:
                assert self._take(), f"{self.name} waits for {wanted!r} and was left: {self.seen!r}"
        place, what = found
        self._found = place + len(what)
        return what

    def _first(self, wanted: Iterable[bytes]) -> tuple[int, bytes] | None:
        places = [(self.seen.find(one, self._found), one) for one in wanted]
        return min(((place, one) for place, one in places if place >= 0), default=None)

    def until_left(self) -> bytes:
        """Read until the server closes; return all that has come."""
        end = time.monotonic() + PATIENCE
        while self._take():
            assert time.monotonic() < end, f"{self.name} is still here: {self.seen[-400:]!r}"
        return self.seen

    def look(self) -> bytes:
        """Take what has come, without a wait; return all that has."""
        while select.select([self.socket], [], [], 0)[0] and self._take():
            pass
        return self.seen

    def _take(self) -> bool:
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionError:
            data = b""
        self.seen += data
        self.is_left = not data
        return bool(data)

    def lines(self) -> list[str]:
        """Return the lines that have come, whole ones only."""
        return self.seen.decode(errors="backslashreplace").split("\n")[:-1]

    def heard(self, mark: str) -> list[str]:
        """Return the lines with a mark in them, in the order in which they came."""
        return [line.rstrip("\r") for line in self.lines() if mark in line]

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Go as a machine goes that was switched off and on."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.close()


def level(talker: Guest, readers: Iterable[Guest], mark: str) -> None:
    """Wait until all readers have read all that was said before now; the talker is not sent their own lines."""
    talker.say(mark)
    for reader in readers:
        if reader is not talker:
            reader.until(mark.encode())


def history(folder: Path) -> list[str]:
    """Return what is in the log of a server, as `author: text`, in its order."""
    connection = sqlite3.connect(folder / "data" / "chat.sqlite")
    try:
        rows = connection.execute("SELECT author || ': ' || text FROM event ORDER BY seq")
        return [text for (text,) in rows]
    finally:
        connection.close()


def memory(pid: int) -> int:
    """Return the megabytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


def descriptors(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
