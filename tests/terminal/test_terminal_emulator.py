"""The terminal in memory against two others: pyte where pyte is right, and tmux, a real one."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproto.terminal import Editor, Output
from terminal_emulator import TerminalEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS, ROWS = 30, 12

# What pyte draws as terminals do: nothing that has no width but canonical marks, and no wide
# characters, half of which it would leave in the last column.
steps = st.lists(
    st.one_of(
        st.text(st.sampled_from("abc где, e"), max_size=40),
        st.sampled_from(["\x01", "\x05", "\x02", "\x06", "\x7f", "\x15", "\x17", "\x14", "\r"]),
        st.sampled_from([["one"], ["one", "two " * 20], ["\x1b[31mred\x1b[m"]]),
    ),
    max_size=20,
)


def session(steps: list[str | list[str]]) -> Iterator[bytes]:
    """Tell what bytes a terminal gets."""
    editor = Editor("#py> ", COLUMNS, ROWS)
    yield editor.start()
    for step in steps:
        if isinstance(step, list):
            yield editor.above("".join(line + "\r\n" for line in step).encode())
            continue
        for event in editor.receive(step.encode()):
            if isinstance(event, Output):
                yield event.data


@settings(deadline=None)
@given(steps)
def test_pyte_shows_the_same(steps: list[str | list[str]]) -> None:
    emulator = TerminalEmulator(COLUMNS, ROWS)
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for data in session(steps):
        emulator.feed(data)
        stream.feed(data)
        assert [line.rstrip() for line in screen.display] == emulator.lines
        assert (screen.cursor.x, screen.cursor.y) == (emulator.x, emulator.y)


class Tmux:
    """A terminal that shows a file, and then can be resized and shown more."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "socket")
        self.file = folder / "bytes"
        self.file.touch()
        self("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
             f"stty raw -echo; exec tail -f -c +1 {self.file}")  # fmt: skip
        self("set", "-g", "window-size", "manual")

    def __call__(self, *command: str) -> str:
        run = ("tmux", "-u", "-S", self.socket, "-f", "/dev/null", *command)
        return subprocess.run(run, check=True, capture_output=True, text=True).stdout

    def feed(self, data: bytes) -> None:
        with self.file.open("ab") as file:
            file.write(data)

    def resize(self, columns: int, rows: int) -> None:
        self("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self("capture-pane", "-p").split("\n")[:-1]]

    @property
    def paper(self) -> list[str]:
        """All that was ever shown and not erased."""
        paper = self("capture-pane", "-p", "-S", "-").rstrip()
        return [line.rstrip() for line in paper.split("\n")]

    @property
    def cursor(self) -> tuple[int, int]:
        x, y = re.findall(r"\d+", self("display", "-p", "#{cursor_x},#{cursor_y}"))
        return int(x), int(y)

    def shows(self, lines: list[str], cursor: tuple[int, int]) -> bool:
        """Wait until it does, for at most five seconds."""
        for _ in range(100):
            if (self.lines, self.cursor) == (lines, cursor):
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here")
    terminal = Tmux(tmp_path)
    yield terminal
    terminal("kill-server")


LONG = "The quick brown лисица прыгает over the 懒狗 and the 🙂 e\u0301 👨‍👩‍👧 ends"
STORY: list[str | list[str]] = [
    ["anna: hello", "bob: " + "a long line 世界 " * 5],
    LONG,
    ["anna: one more"],
    "\x01",
    "Начало ",
    ["anna: while the cursor is at the start"],
    "\x05 x\x17\x17\x17",
    ["anna: after three words were killed"],
    "\x15" + "x" * 25,  # exactly a row
    ["anna: with a row exactly full"],
    "\x02\x02世",
    "\x7f\x7fe\u0301",
    ["anna: and out"],
]


def test_a_real_terminal_shows_the_same(tmux: Tmux) -> None:
    emulator = TerminalEmulator(COLUMNS, ROWS)
    for data in session(STORY):
        emulator.feed(data)
        tmux.feed(data)
        assert tmux.shows(emulator.lines, (emulator.x, emulator.y)), (tmux.lines, emulator.lines)


def test_a_real_terminal_that_reflows_is_left_clean_by_resizing(tmux: Tmux) -> None:
    editor = Editor("#py> ", COLUMNS, ROWS, reflows=True)
    text = "The quick brown лисица прыгает over the lazy dog"
    log = [f"anna: line {n}" for n in range(ROWS)]
    tmux.feed("".join(f"{line}\r\n" for line in log).encode() + editor.start())
    for event in editor.receive(text.encode() + b"\x02\x02\x02"):
        assert isinstance(event, Output)
        tmux.feed(event.data)
    line = "#py> " + text
    for columns in (COLUMNS, 20, 60, 16, 45, 30):
        tmux.resize(columns, ROWS)
        time.sleep(0.2)  # until tmux has reflowed; a server hears of the new size after that
        tmux.feed(editor.resize(columns, ROWS))
        time.sleep(0.2)
        rows = [line[at : at + columns].rstrip() for at in range(0, len(line), columns)]
        assert tmux.paper == log + rows
        assert tmux.cursor[0] == (len(line) - 3) % columns
