"""The splitter, sans I/O: bytes in, lines out.

Lines that cannot be taken yet are given back, and wait as the bytes they came in: as lines, many short ones would be
twenty times as large.
Must not know sockets or sessions.
"""

from __future__ import annotations

from typing import Final

_END: Final = b"\n"


class Splitter:
    """What came by one connection and was not taken yet.

    waiting   all of it: lines that were given back, and after them what has no end yet
    """

    __slots__ = ("_at_once", "_most", "waiting")

    def __init__(self, most: int, at_once: int) -> None:
        """`most` is how many bytes a line may have; `at_once` how many lines are taken out together."""
        self._most = most
        self._at_once = at_once
        self.waiting = b""

    def add(self, data: bytes) -> None:
        """Take what came, whose lines are not wanted yet."""
        self.waiting += data

    def lines(self, data: bytes = b"") -> list[bytes]:
        """Take what came, and take out the next lines, without their ends.

        Return [] when none is whole, or the next is too long.
        """
        waiting = self.waiting + data
        lines = waiting.split(_END, self._at_once)
        self.waiting = lines.pop()
        if len(waiting) > self._most:
            self._stop_at_too_long(lines)
        return lines

    def _stop_at_too_long(self, lines: list[bytes]) -> None:
        for place, line in enumerate(lines):
            if len(line) > self._most:
                self.give_back(lines[place:])
                del lines[place:]
                return

    def give_back(self, lines: list[bytes]) -> None:
        """Take back the last of the lines that were taken out."""
        self.waiting = _END.join([*lines, self.waiting])

    def take_too_long(self) -> bytes:
        """Take out the line that is too long, ended or not, when there are no other `lines`; return it, or b""."""
        if len(self.waiting) <= self._most:
            return b""
        line, _end, self.waiting = self.waiting.partition(_END)
        return line

    def take(self) -> bytes:
        """Take out and return everything that waits, as it came."""
        waiting, self.waiting = self.waiting, b""
        return waiting

    @property
    def unended(self) -> bytes:
        """Return what has no end yet; the lines before it are whole, and wait for their turn."""
        return self.waiting.rpartition(_END)[2]

    def retype(self, text: bytes) -> None:
        """Put a text in the place of what has no end yet."""
        whole, end, _unended = self.waiting.rpartition(_END)
        self.waiting = whole + end + text
