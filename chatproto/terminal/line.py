"""The line being typed: its clusters, the cursor between them, and what was killed from it.

Must not know keys, screens or history.

Source: the readline manual, 8.4 (moving, killing and yanking, transposing); UAX #29, by
`clusters`. Every edit is one `_splice`, which divides into clusters anew from one cluster before
the edit: a mark joins what stands before it, and two halves of a flag find each other. What
stands further left cannot change, for no rule of UAX #29 looks across a boundary; nor can, for the
same reason, what stands to the right of the first cluster that comes out as it was.
"""

from __future__ import annotations

from typing import Final

from chatproto.limits import LINE_BYTES
from chatproto.terminal.clusters import printable, segmented

# Clusters after an edit that are divided anew: two are enough except in rows of flags, where all may change.
AHEAD: Final = (2, 32, LINE_BYTES)


class Line:
    """A line and its cursor; `changed` is the first cluster that differs from what was shown."""

    def __init__(self, text: str = "") -> None:
        self.clusters: list[str] = []
        self.cursor = 0
        self.changed: int | None = None
        self._size = 0
        # What was typed may have joined what stands after it (R before U and A: a flag and an A).
        # The cursor is then shown after the cluster, but the next letter belongs inside: at this
        # cursor, so many characters back.
        self._inside = 0, 0
        self._killed = ""
        self._killing = False
        self.insert(text)

    @property
    def text(self) -> str:
        """Return the whole line."""
        return "".join(self.clusters)

    @property
    def before(self) -> str:
        """Return what stands before the cursor."""
        return "".join(self.clusters[: self.cursor])

    def last_word(self) -> tuple[int, str]:
        """Return where the word before the cursor begins, and what of it is before the cursor."""
        start = self.cursor
        while start and self.clusters[start - 1][0] != " ":
            start -= 1
        return start, "".join(self.clusters[start : self.cursor])

    # Typing.

    def insert(self, text: str) -> bool:
        """Put text at the cursor, as much as there is room for; return whether it all went in."""
        return self.replace(self.cursor, self.cursor, text)

    def replace(self, start: int, end: int, text: str) -> bool:
        """Put text in place of some clusters, and the cursor after it; return whether it all went in."""
        text = printable(text)
        room = LINE_BYTES - self._size + _size(self.clusters[start:end])
        fitting = text if 4 * len(text) <= room else _fitting(text, room)
        self._splice(start, end, fitting)
        return fitting == text

    def become(self, text: str) -> None:
        """Put another text in place of the whole line."""
        self.replace(0, len(self.clusters), text)

    def backspace(self) -> None:
        """Delete the cluster before the cursor."""
        self._splice(max(self.cursor - 1, 0), self.cursor, "")

    def delete(self) -> None:
        """Delete the cluster under the cursor."""
        self._splice(self.cursor, min(self.cursor + 1, len(self.clusters)), "")

    def transpose(self) -> None:
        """Swap the two clusters around the cursor, or the last two at the end of the line."""
        at = min(self.cursor, len(self.clusters) - 1)
        if at > 0:
            self._splice(at - 1, at + 1, self.clusters[at] + self.clusters[at - 1])

    # Moving.

    def left(self) -> None:
        """Go back one cluster."""
        self.cursor = max(self.cursor - 1, 0)

    def right(self) -> None:
        """Go on one cluster."""
        self.cursor = min(self.cursor + 1, len(self.clusters))

    def home(self) -> None:
        """Go to the start."""
        self.cursor = 0

    def end(self) -> None:
        """Go to the end."""
        self.cursor = len(self.clusters)

    def word_left(self) -> None:
        """Go to the start of this word, or of the one before."""
        at = self._back_over(self.cursor, word=False)
        self.cursor = self._back_over(at, word=True)

    def word_right(self) -> None:
        """Go to the end of this word, or of the next."""
        at = self._on_over(self.cursor, word=False)
        self.cursor = self._on_over(at, word=True)

    # Killing: deleting what can be yanked back.

    def kill_to_start(self) -> None:
        """Kill everything before the cursor."""
        self._kill(0, self.cursor, back=True)

    def kill_to_end(self) -> None:
        """Kill everything from the cursor on."""
        self._kill(self.cursor, len(self.clusters), back=False)

    def kill_big_word(self) -> None:
        """Kill back to a space."""
        at = self.cursor
        while at and self.clusters[at - 1].isspace():
            at -= 1
        while at and not self.clusters[at - 1].isspace():
            at -= 1
        self._kill(at, self.cursor, back=True)

    def kill_word(self) -> None:
        """Kill back to the start of a word."""
        end = self.cursor
        self.word_left()
        self._kill(self.cursor, end, back=True)

    def kill_next_word(self) -> None:
        """Kill to the end of a word."""
        start = self.cursor
        self.word_right()
        self._kill(start, self.cursor, back=False)

    def end_kill(self) -> None:
        """Let the next kill begin afresh: another key came between."""
        self._killing = False

    def yank(self) -> bool:
        """Put what was killed last at the cursor; return whether it all went in."""
        return self.insert(self._killed)

    def _kill(self, start: int, end: int, *, back: bool) -> None:
        killed = "".join(self.clusters[start:end])
        earlier = self._killed if self._killing else ""
        # Kills in a row are one: killed backwards, word by word, the text stays in its order.
        self._killed = _fitting(killed + earlier if back else earlier + killed, LINE_BYTES)
        self._killing = True
        self._splice(start, end, "")

    def _back_over(self, at: int, *, word: bool) -> int:
        while at and _in_word(self.clusters[at - 1]) is word:
            at -= 1
        return at

    def _on_over(self, at: int, *, word: bool) -> int:
        while at < len(self.clusters) and _in_word(self.clusters[at]) is word:
            at += 1
        return at

    def _splice(self, start: int, end: int, text: str) -> None:
        if start == end and not text:
            return
        neighbour = self.clusters[start - 1 : start]
        before, inside = "".join(neighbour), ""
        if start == end and self._inside[0] == start:
            at = len(before) - self._inside[1]
            before, inside = before[:at], before[at:]
        self._size += _size([text]) - _size(self.clusters[start:end])
        fresh, end = self._divided(before + text + inside, end)
        first = start - len(neighbour)
        self.clusters[first:end] = fresh
        self._put_cursor(first, fresh, len(before + text))
        first = start if fresh[:1] == neighbour else first
        self.changed = first if self.changed is None else min(self.changed, first)

    def _divided(self, text: str, end: int) -> tuple[list[str], int]:
        """Divide text and what follows until a cluster comes out as it was; return where that is, too."""
        for reach in AHEAD:
            following = self.clusters[end : end + reach]
            fresh = segmented(text + "".join(following))
            if len(following) < reach or fresh[-1:] == following[-1:]:
                break
        return fresh, end + len(following)

    def _put_cursor(self, first: int, fresh: list[str], characters: int) -> None:
        """Put it after so many characters, or after the cluster that they end in."""
        count = end = 0
        while end < characters:
            end += len(fresh[count])
            count += 1
        self.cursor = first + count
        self._inside = self.cursor, end - characters


def _in_word(cluster: str) -> bool:
    return cluster[0].isalnum() or cluster[0] == "_"


def _size(clusters: list[str]) -> int:
    return len("".join(clusters).encode())


def _fitting(text: str, room: int) -> str:
    """Return the characters that there is room for: the same typed singly or at once."""
    sizes = (len(character.encode()) for character in text)
    if len(text.encode()) <= room:
        return text
    kept = []
    for character, size in zip(text, sizes, strict=True):
        if size <= room:
            kept.append(character)
            room -= size
    return "".join(kept)
