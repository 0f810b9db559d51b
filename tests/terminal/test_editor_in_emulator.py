"""Whatever is typed, whatever comes in, at any size: the log above, below it the line as it is.

The screen is held against an account of its own of where everything belongs, made anew from the
text after each step and not by the editor's means (it is wcwidth's word against our places).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from chatproto.terminal.clusters import measured, segmented
from chatproto.terminal.editor import Editor
from chatproto.terminal.events import Event, Output
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.question import Question
from chatproto.terminal.screen import above
from chatproto.terminal.search import Search
from terminal_emulator import BLANK, Kind, Row, TerminalEmulator, cropped

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = settings.default.max_examples if settings.default else 100
PROMPT = "#python (alice)> "  # 17 columns: too much for a screen of 20
ANYTHING = "\N{WHITE SQUARE}"  # in an expected row: terminals may show what they like here

LETTERS = [
    *"abc xyz_.,/#:",
    *"привет",
    *"世界日本ｱ한",
    "e\u0301",  # decomposed é
    "n\u0303\u0323\u0330",
    "\u0301",  # a mark on its own, or on whatever stands before it
    "👨‍👩‍👧‍👦",
    "👩🏽‍🚀",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇷🇺",
    "🇺",  # half a flag
    "❤\ufe0f",
    "⌚\ufe0e",
    "1\ufe0f\u20e3",
    "🙂",
    "\u200d",  # a joiner without anything to join
    "क्षि",
    "நி",
    "กำ",
    "\u1112\u1161\u11ab",  # 한 in three letters
    "\u1161",
    "سلام",
    "می\u200cخواهم",
    "\u200f",  # steers, and is dropped
    "x" + "\u0335" * 40,  # too much for one cluster
]
KEYS = [
    *(bytes([byte]) for byte in b"\x01\x02\x04\x05\x06\x08\x0b\x0c\x0e\x10\x12\x14\x15\x17"),
    *(b"\x19", b"\x7f", b"\r", b"\x03", b"\x07"),
    *(b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[B", b"\x1b[H", b"\x1b[F", b"\x1b[3~"),
    *(b"\x1b[1;5D", b"\x1b[1;5C", b"\x1bb", b"\x1bf", b"\x1bd", b"\x1b\x7f", b"\t", b"\x1b[Z"),
    *(b"\xff", b"\x1b[200~one\rtwo\x1b[201~", b"\x1b[200~1\n2\n3\n4\n5\n6\x1b[201~", b"y", b"n"),
]  # fmt: skip
typing = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=30).map("".join)
long_typing = st.lists(st.sampled_from(LETTERS), min_size=60, max_size=300).map("".join)
columns = st.integers(20, 132)
rows = st.integers(5, 50)
sizes = st.tuples(columns, rows)
said = st.lists(
    st.text(st.sampled_from("abc где 世界"), max_size=200).map(
        lambda text: f"\x1b[33manna:\x1b[m {text}"
    ),
    max_size=6,
)
steps = st.lists(
    st.one_of(
        typing.map(str.encode),
        st.sampled_from(KEYS),
        st.sampled_from(KEYS),
        st.lists(st.sampled_from(KEYS), max_size=8).map(b"".join),
        long_typing.map(str.encode),
        said,
    ),
    max_size=30,
)
steps_and_sizes = st.lists(
    st.one_of(typing.map(str.encode), st.sampled_from(KEYS), said, sizes), max_size=30
)
kinds = st.sampled_from(["joining", "apart", "old"])


class Names:
    """A completer with something to say about everything."""

    def complete(self, before: str, /) -> list[str]:
        word = before.rpartition(" ")[2]
        return [word + "👩🏽‍🚀 ", word + "анна: ", "世界"]


@dataclass
class Person:
    """An editor, the terminal it writes to, and what should be above the prompt."""

    width: int
    height: int
    kind: Kind = "joining"
    log: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.editor = Editor(PROMPT, self.width, self.height, completer=Names())
        self.emulator = TerminalEmulator(self.width, self.height, self.kind)
        self.feed(self.editor.start())

    def feed(self, data: bytes) -> None:
        self.emulator.feed(data)
        assert not self.emulator.pending, "left on the last column"

    def press(self, data: bytes) -> None:
        for event in self._events(data):
            match event:
                case Output(data=output):
                    if b"\x1b[2J" in output:
                        self.log.clear()
                    self._note(output)
                    self.feed(output)
                case _:
                    self.events.append(event)

    def _events(self, data: bytes) -> Iterator[Event]:
        yield from self.editor.receive(data)
        while self.editor.waiting:
            yield from self.editor.receive(b"")

    def _note(self, output: bytes) -> None:
        """Count with the one thing that the editor says by itself here, in answer to ^C."""
        leave = Phrases().leave
        self.log += self._printed([leave] * output.count(leave.encode()))

    def hear(self, lines: list[str]) -> None:
        data = "".join(line + "\r\n" for line in lines).encode()
        resting = self.editor.resting
        shown = self.editor.above(data)
        if resting is not None:
            assert shown == above(data, resting)
        self.log += self._printed(lines)
        self.feed(shown)

    def _printed(self, lines: list[str]) -> list[Row]:
        """Print them on a terminal of their own, and give the rows they take."""
        paper = TerminalEmulator(self.emulator.columns, 1, self.kind)
        paper.feed("".join(line + "\r\n" for line in lines).encode())
        return paper.scrollback

    def resize(self, columns: int, rows: int) -> None:
        self.emulator.resize(columns, rows)
        self.log = [cropped(row, columns) for row in self.log]
        self.feed(self.editor.resize(columns, rows))

    def check(self) -> None:
        label, clusters, cursor = self._meant()
        area, (row, column) = drawn(label, clusters, cursor, self.emulator.columns)
        screen = self.editor._screen
        top, tallest = screen._top, max(len(self.emulator.rows) // 2, 1)
        seen = area[top : top + tallest]
        assert 0 <= row - top < len(seen)
        assert top == 0 or len(seen) == tallest
        first = self.emulator.y - (row - top)
        assert first >= 0
        assert self.emulator.x == column
        for want, have in zip(seen, self.emulator.rows[first:], strict=False):
            assert agrees(want, have), (want, have)
        below = self.emulator.rows[first + len(seen) :]
        assert all(cell == BLANK for row in below for cell in row)
        assert self.emulator.rows[:first] == self.log[len(self.log) - first :]

    def _meant(self) -> tuple[str, list[str], int]:
        mode, line = self.editor._mode, self.editor._composing.line
        if isinstance(mode, Question):
            return Phrases().send_lines(mode.count), [], 0
        if isinstance(mode, Search):
            return mode.label, segmented(mode.match), mode.cursor
        return self.editor.prompt, line.clusters, line.cursor


def drawn(
    label: str, clusters: list[str], cursor: int, columns: int
) -> tuple[list[Row], tuple[int, int]]:
    """Draw an edit area with nothing hidden; return its rows, and the cursor's row and column."""
    room = columns * 3 // 4
    area = [
        beginning(label, room, columns) or [*beginning(label, room - 1, columns, cut=True), BLANK]
    ]
    places = []
    for cluster in clusters:
        if len(area[-1]) + measured(cluster).reach > columns:
            area[-1] += [BLANK] * (columns - len(area[-1]))
        if len(area[-1]) == columns:
            area.append([])
        places.append((len(area) - 1, len(area[-1])))
        area[-1] += cells(cluster)
    if len(area[-1]) == columns:
        area.append([])
    places.append((len(area) - 1, len(area[-1])))
    return [row + [BLANK] * (columns - len(row)) for row in area], places[cursor]


def beginning(label: str, room: int, columns: int, *, cut: bool = False) -> Row:
    """Lay out a label, as far as it fits if it is to be cut, and else not at all."""
    row: Row = []
    for cluster in segmented(label):
        reach = len(row) + measured(cluster).reach
        if len(row + cells(cluster)) > room or reach > columns:
            return row if cut else []
        row += cells(cluster)
    return row


def cells(cluster: str) -> Row:
    width = wcswidth(cluster)
    if width < 1:
        return [ANYTHING]
    if measured(cluster).steady:
        return [cluster] + [""] * (width - 1)
    return [ANYTHING] * width


def agrees(want: Row, have: Row) -> bool:
    return all(w in (h, ANYTHING) for w, h in zip(want, have, strict=True))


@settings(max_examples=4 * EXAMPLES)
@given(steps, columns, rows, kinds)
def test_the_screen_shows_the_log_and_below_it_the_line(
    steps: list[bytes | list[str]], columns: int, rows: int, kind: Kind
) -> None:
    person = Person(columns, rows, kind)
    person.check()
    for step in steps:
        if isinstance(step, bytes):
            person.press(step)
        else:
            person.hear(step)
        person.check()


@settings(max_examples=3 * EXAMPLES)
@given(steps_and_sizes, columns, rows, kinds)
def test_the_screen_may_change_its_size_at_any_moment(
    steps: list[bytes | list[str] | tuple[int, int]], columns: int, rows: int, kind: Kind
) -> None:
    person = Person(columns, rows, kind)
    for step in steps:
        if isinstance(step, bytes):
            person.press(step)
        elif isinstance(step, tuple):
            person.resize(*step)
        else:
            person.hear(step)
        person.check()


@settings(max_examples=2 * EXAMPLES)
@given(st.lists(st.one_of(typing.map(str.encode), st.sampled_from(KEYS))), columns, rows)
def test_it_is_all_one_in_which_pieces_the_keys_come(
    strokes: list[bytes], columns: int, rows: int
) -> None:
    at_once, singly = Person(columns, rows), Person(columns, rows)
    data = b"".join(strokes)
    at_once.press(data)
    for byte in data:
        singly.press(bytes([byte]))
    assert at_once.events == singly.events
    assert at_once.editor.text == singly.editor.text
    assert at_once.editor._composing.line.cursor == singly.editor._composing.line.cursor
    if b"\x0c" not in data:
        assert at_once.log == singly.log
    at_once.check()
    singly.check()
