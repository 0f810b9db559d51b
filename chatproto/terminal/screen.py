"""The prompt and the line on a terminal: where each cluster is, and the fewest bytes to change it.

Must not know keys, commands or rooms.

Source: ECMA-48 (CUU, CUD, CUF, CUB, ED, EL); xterm's ctlseqs on autowrap; terminfo's `xenl`.

**Places.** A place is one number, row * columns + column, counted from the start of the prompt.
A cluster that does not fit in its row goes to the next, and spaces fill the gap: terminals do
not agree where to put half of a wide character, so it never comes to that.

**The last column.** A terminal that has filled a row leaves the cursor *on* the last column and
wraps only when more comes, so what the cursor does next is anyone's guess. Here it never stays
there: after a full row comes a space, which wraps, and CR (readline's way). Rows end by wrapping
and not by CR LF, so that a terminal which reflows finds in them the one line that they are.

**Widths in dispute** (see `clusters`): after such a cluster the cursor is put by number where it
belongs, and the rest of the row erased. Where ZWJ is not understood, a family is its first member.

**Height.** The edit area takes at most half of the screen, and shows the rows around the cursor;
so everything in it can always be reached by going up, and some of the log stays in sight.

**Resizing.** Terminals reflow (VTE, kitty, iTerm2, Windows Terminal, tmux) or cut (xterm, PuTTY,
screen, linux); none says which. If `reflows` is right, the edit area is erased exactly. If it is
wrong, nothing breaks but the neighbouring rows: a terminal that reflows, taken for one that cuts,
keeps the upper rows of a long line when it gets narrower, and one that cuts, taken for one that
reflows, loses as many rows of the log. A line that fits in a row is safe in both.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from wcwidth import iter_sequences

from chatproto.terminal.clusters import measured, segmented

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NARROWEST: Final = 16
"""Columns: the widest single cluster has to fit in a row. Less is taken for this."""

ERASE_BELOW: Final = "\x1b[J"
ERASE_RIGHT: Final = "\x1b[K"
FRESH_SCREEN: Final = "\x1b[H\x1b[2J"
FEW: Final = 3  # backspaces: no longer than the sequence that does the same


def above(lines: bytes, prompt: bytes) -> bytes:
    """Return the bytes that show lines (each ended with CR LF) above a prompt with nothing typed.

    They are the same for all readers with that prompt, whatever the size of the screen: made once,
    they serve a whole room. `prompt` is what `Screen.resting` says.
    """
    return b"\r\x1b[J" + lines + prompt


class Prompt(NamedTuple):
    """The prompt as it is drawn, and its columns."""

    drawn: str
    width: int


def fitted(text: str, columns: int) -> Prompt:
    """Return a prompt cut to three quarters of a row: room to type is left, and one row to erase."""
    room = columns * 3 // 4
    whole, cut = _drawn(text, room, columns)
    if not cut:
        return whole
    shorter, _ = _drawn(text, room - 1, columns)
    return Prompt(shorter.drawn + " ", shorter.width + 1)


def _drawn(text: str, room: int, columns: int) -> tuple[Prompt, bool]:
    """Return as many clusters as there is room for, all colours, and whether anything was cut.

    All colours, since the last of them resets the others.
    """
    drawn: list[str] = []
    taken, cut = 0, False
    for piece, is_sequence in iter_sequences(text):
        for cluster in () if is_sequence else segmented(piece):
            cell = measured(cluster)
            cut = cut or taken + cell.width > room or taken + cell.reach > columns
            if not cut:
                taken += cell.width
                drawn += cell.shown, "" if cell.steady else _settled(taken)
        drawn += [piece] if is_sequence else []
    return Prompt("".join(drawn), taken), cut


def laid(clusters: Iterable[str], pen: int, columns: int) -> list[int]:
    """Return the place of each cluster, laid out from one place on, and where the last one ends."""
    places = []
    for cluster in clusters:
        cell = measured(cluster)
        column = pen % columns
        if column + cell.reach > columns and column:
            pen += columns - column
        places.append(pen)
        pen += cell.width
    places.append(pen)
    return places


class Screen:
    """What is drawn of the edit area, and where the terminal's cursor is in it."""

    def __init__(self, columns: int, rows: int, *, reflows: bool = False) -> None:
        self.reflows = reflows
        self._measure(columns, rows)
        self._label = ""
        self._prompt = Prompt("", 0)
        self._clusters: Sequence[str] = ()
        self._places = [0]  # as `laid`
        self._cursor = 0  # which cluster it is on
        self._pen = 0  # the place of the terminal's cursor
        self._top = 0  # the first row in sight
        self._frame: tuple[bytes, bytes] | None = None

    @property
    def resting(self) -> bytes | None:
        """Return the prompt's bytes if nothing is typed after it, else None: what readers must share for `above`."""
        return None if self._clusters else self._prompt.drawn.encode()

    def show(self, label: str, clusters: Sequence[str], cursor: int, changed: int | None) -> bytes:
        """Return what shows a prompt and a line; `changed` is the first cluster that is not on the screen."""
        self._frame = None
        anew = label != self._label
        if anew:
            self._label, self._prompt, changed = label, fitted(label, self._columns), 0
        lift, end = self._lift(), self._places[-1]
        self._clusters, self._cursor = clusters, cursor
        pen = end if changed is None else self._lay(changed)
        top = self._scrolled()
        if anew or top != self._top or pen < top * self._columns:
            self._top = top
            return (lift + self._paint()).encode()
        return self._update(changed, pen, end).encode()

    def above(self, lines: bytes) -> bytes:
        """Return what shows lines above the edit area, in one piece, and all of it again as it was."""
        if self._frame is None:
            lift = self._lift().encode()
            self._frame = lift, self._paint().encode()
        lift, paint = self._frame
        return lift + lines + paint

    def redraw(self) -> bytes:
        """Return what erases the edit area and draws it."""
        return self.above(b"")

    def erase(self) -> bytes:
        """Return what takes the edit area away, for good."""
        return self._lift().encode()

    def clear(self) -> bytes:
        """Return what empties the whole screen, whatever was on it, and draws the edit area at the top."""
        return (FRESH_SCREEN + self._paint()).encode()

    def resize(self, columns: int, rows: int) -> bytes:
        """Return what draws the edit area for another size; see "Resizing" above."""
        self._frame = None
        up = self._rows_reflowed(max(columns, NARROWEST)) if self.reflows else self._rows_up()
        self._measure(columns, rows)
        self._prompt = fitted(self._label, self._columns)
        self._lay(0)
        self._top = self._scrolled()
        return (_up(up) + "\r" + ERASE_BELOW + self._paint()).encode()

    # Where things are.

    def _measure(self, columns: int, rows: int) -> None:
        self._columns = max(columns, NARROWEST)
        self._tallest = max(rows // 2, 1)

    def _lay(self, changed: int) -> int:
        """Lay out anew from one cluster on; return the place where the one before it ends."""
        pen = self._prompt.width
        if changed:
            pen = self._places[changed - 1] + measured(self._clusters[changed - 1]).width
        rest = islice(self._clusters, changed, None)
        self._places[changed:] = laid(rest, pen, self._columns)
        return pen

    def _scrolled(self) -> int:
        """Return the first row in sight: as near to the present one as the cursor and the end allow."""
        row = self._places[self._cursor] // self._columns
        last = self._places[-1] // self._columns
        top = min(max(self._top, row - self._tallest + 1), row)
        return min(top, max(last - self._tallest + 1, 0))

    def _limit(self) -> int:
        """Return the first place below the rows in sight."""
        return (self._top + self._tallest) * self._columns

    def _rows_up(self) -> int:
        return self._pen // self._columns - self._top

    def _rows_reflowed(self, columns: int) -> int:
        """Return how many rows the terminal's cursor is below the first one, after a reflow."""
        first = bisect_left(self._places, self._top * self._columns) if self._top else 0
        pen = 0 if self._top else self._prompt.width
        places = laid(islice(self._clusters, first, None), pen, columns)
        row, column = divmod(places[self._cursor - first], columns)
        fills_row = row > 0 and column == 0 and self._cursor == len(self._clusters)
        if fills_row and self._places[self._cursor] % self._columns:
            return (
                row - 1
            )  # no space after it has wrapped: tmux leaves the cursor on the last column
        return row

    # Drawing: each of these keeps `_pen` where it leaves the terminal's cursor.

    def _lift(self) -> str:
        """Return what goes to the first row in sight and erases from there."""
        return _up(self._rows_up()) + "\r" + ERASE_BELOW

    def _paint(self) -> str:
        """Return what draws all that is in sight, from the start of its first row."""
        self._pen = self._top * self._columns
        first, prompt = bisect_left(self._places, self._pen), ""
        if not self._top:
            first, prompt = 0, self._prompt.drawn
            self._pen = self._prompt.width
        return prompt + self._draw(first) + self._go(self._places[self._cursor])

    def _update(self, changed: int | None, pen: int, end: int) -> str:
        """Return what draws what changed, and nothing before it."""
        drawn = ""
        if changed is not None and pen < self._limit():
            drawn = self._go(pen) + (ERASE_BELOW if end > pen else "") + self._draw(changed)
        return drawn + self._go(self._places[self._cursor])

    def _draw(self, first: int) -> str:
        """Return what draws the clusters from one on, as far as they are in sight, where the pen is."""
        drawn: list[str] = []
        limit, pen = self._limit(), self._pen
        wrapping = False  # the last thing drawn may have left the cursor on the last column
        for place, cluster in zip(
            islice(self._places, first, None), islice(self._clusters, first, None), strict=False
        ):
            if place >= limit:
                break
            cell = measured(cluster)
            drawn += " " * (place - pen), cell.shown
            pen = place + cell.width
            wrapping = cell.steady
            if not wrapping:
                drawn.append(_settled(pen % self._columns) if pen < limit else "\r")
        if wrapping and pen % self._columns == 0:
            drawn.append(" \r" if pen < limit else "\r")
        self._pen = pen if pen < limit else limit - self._columns
        return "".join(drawn)

    def _go(self, place: int) -> str:
        """Return what moves the cursor over what is drawn."""
        old_row, old_column = divmod(self._pen, self._columns)
        row, column = divmod(place, self._columns)
        self._pen = place
        moves = _up(old_row - row) if row < old_row else _down(row - old_row)
        if column == old_column:
            return moves
        return moves + (_across(column - old_column) if column else "\r")


def _settled(column: int) -> str:
    """Return what puts the cursor in its column, however wide the terminal drew the last cluster."""
    return f"\r\x1b[{column}C{ERASE_RIGHT}" if column else "\r\n"


def _up(rows: int) -> str:
    return f"\x1b[{rows}A" if rows else ""


def _down(rows: int) -> str:
    return f"\x1b[{rows}B" if rows else ""


def _across(columns: int) -> str:
    if columns > 0:
        return f"\x1b[{columns}C"
    return "\b" * -columns if columns >= -FEW else f"\x1b[{-columns}D"
