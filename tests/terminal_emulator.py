"""A terminal in memory, to hold the editor against: rows of cells, a cursor, a scrollback.

Why not pyte 0.8.2, which this is held against where it is right (see `test_terminal_emulator`):
- its `draw` stops at the first character that has no width and no combining class (ZWJ,
  U+FE0F), and loses all that stands after it;
- a wide character on the last column is drawn there by half instead of wrapping, and a combining
  mark after a full row wraps before it combines;
- its `resize` cuts rows off the top wherever the cursor is, and leaves the cursor behind.

Terminals are not of one mind about clusters, so this one can be of any `kind`: "joining" (kitty,
iTerm2, Windows Terminal) gives a cluster the width that wcwidth has for it, "apart" (xterm, VTE,
PuTTY) measures each character alone, and "old" knows nothing of emoji either.

It is strict. A sequence that the editor has no business sending is an error, and so is any but
CR or a printed character while a wrap is pending: there terminals differ.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from typing import Final, Literal, TypeAlias
from unicodedata import category

from wcwidth import iter_graphemes, wcswidth, wcwidth

Kind: TypeAlias = Literal["joining", "apart", "old"]
Row: TypeAlias = list[str]  # one string a cell; "" is the right half of a wide character

TOKEN: Final = re.compile(
    r"\x1b\[(?P<private>\??)(?P<number>\d*(?:;\d*)*)(?P<final>[@-~])|.", re.DOTALL
)
BLANK: Final = " "


class TerminalEmulator:
    """What a person would see of the bytes that a terminal was sent."""

    def __init__(self, columns: int, rows: int, kind: Kind = "joining") -> None:
        self.columns, self.kind = columns, kind
        self.rows: list[Row] = [self._blank() for _ in range(rows)]
        self.scrollback: list[Row] = []
        self.x = self.y = 0
        self.pending = False  # the last column is filled, and the wrap is still to come
        self.bells = 0
        self.marks_pastes = False
        self._last: tuple[int, int] | None = None  # the cell printed to, if nothing came since
        self._decoder = getincrementaldecoder("utf-8")()

    def feed(self, data: bytes) -> None:
        for token in TOKEN.finditer(self._decoder.decode(data)):
            if token["final"]:
                self._sequence(token["private"], token["number"], token["final"])
            elif (text := token.group()) >= " ":
                self._print(text)
            else:
                self._control(text)

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]

    def resize(self, columns: int, rows: int) -> None:
        """Cut, as xterm does: nothing reflows, and the row with the cursor stays."""
        self.columns = columns
        self.rows = [cropped(row, columns) for row in self.rows]
        while len(self.rows) > rows and self.y < len(self.rows) - 1:
            self.rows.pop()
        while len(self.rows) > rows:
            self.scrollback.append(self.rows.pop(0))
            self.y -= 1
        self.rows += [self._blank() for _ in range(rows - len(self.rows))]
        self.x, self.pending, self._last = min(self.x, columns - 1), False, None

    def _blank(self) -> Row:
        return [BLANK] * self.columns

    # Printing.

    def _print(self, character: str) -> None:
        if self._joined(character):
            return
        width = self._width(character)
        if width == 0:
            self._combine(character)
            return
        if self.pending or self.x + width > self.columns:
            self._wrap()
        self._put(character, width)

    def _width(self, character: str) -> int:
        if self.kind == "joining":
            return wcwidth(character)
        if self.kind == "old" and character >= "\U0001f000":
            return min(wcwidth(character), 1)
        return max(wcwidth(character), int(category(character) == "Mc"))

    def _put(self, text: str, width: int) -> None:
        for x in range(self.x, self.x + width):
            self._sever(x)
        row = self.rows[self.y]
        row[self.x : self.x + width] = [text] + [""] * (width - 1)
        self._last = self.y, self.x
        self._advance(width)

    def _advance(self, width: int) -> None:
        self.pending = self.x + width == self.columns
        self.x += width - self.pending

    def _sever(self, x: int) -> None:
        """Overwrite half of a wide character, and the other half is blank."""
        row = self.rows[self.y]
        start = x
        while start and not row[start]:
            start -= 1
        end = x + 1
        while end < self.columns and not row[end]:
            end += 1
        if end - start > 1:
            row[start:end] = [BLANK] * (end - start)

    def _joined(self, character: str) -> bool:
        """Add to the cluster that was printed just now."""
        if self.kind != "joining" or self._last is None:
            return False
        y, x = self._last
        before = self.rows[y][x]
        cluster = before + character
        if len(list(iter_graphemes(cluster))) > 1:
            return False
        self.rows[y][x] = cluster
        wider = wcswidth(cluster) - wcswidth(before)
        if wider > 0:
            assert not self.pending, "widened beyond the last column"
            self.rows[y][self.x : self.x + wider] = [""] * wider
            self._advance(wider)
        if wider < 0:
            self.pending, self.x = False, x + wcswidth(cluster)
            self.rows[y][self.x : self.x - wider] = [BLANK] * -wider
        return True

    def _combine(self, mark: str) -> None:
        x = self.x if self.pending else self.x - 1
        row = self.rows[self.y]
        while x > 0 and not row[x]:
            x -= 1
        if x >= 0:
            row[x] += mark

    # Moving and erasing.

    def _wrap(self) -> None:
        self.x = 0
        self._feed_line()

    def _feed_line(self) -> None:
        self.pending, self._last = False, None
        if self.y < len(self.rows) - 1:
            self.y += 1
            return
        self.scrollback.append(self.rows.pop(0))
        self.rows.append(self._blank())

    def _control(self, text: str) -> None:
        if text == "\a":
            self.bells += 1
            return
        self._last = None
        match text:
            case "\r":
                self.x, self.pending = 0, False
            case "\n":
                self._feed_line()
            case "\b":
                assert not self.pending
                self.x = max(self.x - 1, 0)
            case _:
                raise AssertionError(text)

    def _sequence(self, private: str, number: str, final: str) -> None:
        if private:
            assert (number, final) in {("2004", "h"), ("2004", "l")}
            self.marks_pastes = final == "h"
        elif final != "m":
            assert not self.pending, (number, final)
            self._last = None
            if final in "ABCD":
                self._move(int(number or 1), final)
            else:
                self._erase(number, final)

    def _move(self, count: int, final: str) -> None:
        match final:
            case "A":  # the one that may be too far: the rows may have been scrolled away
                self.y = max(self.y - count, 0)
            case "B":
                self.y += count
            case "C":
                self.x += count
            case "D":
                self.x -= count
        assert 0 <= self.x < self.columns
        assert self.y < len(self.rows)

    def _erase(self, number: str, final: str) -> None:
        match number, final:
            case "", "H":
                self.x = self.y = 0
            case "", "J":
                self._erase_right()
                self.rows[self.y + 1 :] = [self._blank() for _ in self.rows[self.y + 1 :]]
            case "2", "J":
                self.rows = [self._blank() for _ in self.rows]
            case "", "K":
                self._erase_right()
            case _:
                raise AssertionError((number, final))

    def _erase_right(self) -> None:
        self._sever(self.x)
        self.rows[self.y][self.x :] = [BLANK] * (self.columns - self.x)


def cropped(row: Row, columns: int) -> Row:
    """Bring a row to another width: what was cut is lost, and half a character is none."""
    cut = row[:columns] + [BLANK] * (columns - len(row))
    if len(row) > columns and not row[columns]:
        while not cut[-1]:
            cut.pop()
        cut[-1] = BLANK
        cut += [BLANK] * (columns - len(cut))
    return cut
