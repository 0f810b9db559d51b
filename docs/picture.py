"""Draws docs/picture.svg: real clients in one room, as their screens show it.  `make picture`.

It starts the server, joins with each client in a pseudo-terminal, lets them talk, and draws what stands on the screens.
Source: SVG 2.
"""

from __future__ import annotations

import sys
import tempfile
import time
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from running import Running, Terminal, needs  # noqa: E402 - found through the line above

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS, ROWS = 56, 15
PLAIN: Final = "#e6e9ef"
CELL_WIDTH, CELL_HEIGHT = 8.4, 18
MARGIN, BAR, GAP = 12, 28, 16


class Window(NamedTuple):
    """One terminal: what is typed to begin with, and the program."""

    title: str
    terminal: Terminal
    shows_cursor: bool = False  # and something half typed


def windows(server: Running) -> list[Window]:
    """Return the windows, with each client started."""
    telnet, plain = str(server.ports["telnet"]), str(server.ports["plain"])
    size = {"columns": COLUMNS, "rows": ROWS}
    client = ("-m", "chatproto.client", "127.0.0.1", plain, "--name", "dave")
    homework = (str(ROOT / "tests/homework/nick_request.py"), "127.0.0.1", plain, "erin")
    return [
        Window(
            "telnet localhost 8023",
            Terminal(needs("telnet"), "127.0.0.1", telnet, **size),
            shows_cursor=True,
        ),
        Window("telnet localhost 8023", Terminal(needs("telnet"), "127.0.0.1", telnet, **size)),
        Window("nc localhost 8023", Terminal(needs("nc"), "127.0.0.1", telnet, **size)),
        Window("python -m chatproto.client --name dave", Terminal(sys.executable, *client, **size)),
        Window("python homework.py", Terminal(sys.executable, *homework, **size)),
    ]


def talk(people: list[Terminal]) -> None:
    """Type what is in the script; the pauses are a person's."""
    alice, boris, carol, dave, erin = people
    script = [
        (alice, "alice"), (boris, "Борис"), (carol, "carol"), (dave, ""),
        (erin, "hi, I am forty lines of Python"),
        (alice, "welcome, erin! who else is new?"), (carol, "me, I only have nc"),
        (boris, "привет всем"), (dave, "/me waves"), (alice, "/topic homework, due Friday"),
    ]  # fmt: skip
    for terminal, line in script:
        if line:
            terminal.type(f"{line}\r")
        time.sleep(1.1)
        for one in people:
            one.lines()
    alice.type("a line that is half typed stays whole when")
    time.sleep(0.5)
    boris.type("something comes, alice\r")
    time.sleep(1)


def drawn(window: Window, x: float, y: float) -> str:
    """Return one window, drawn."""
    width, height = COLUMNS * CELL_WIDTH + 2 * MARGIN, ROWS * CELL_HEIGHT + BAR + MARGIN
    window.terminal.lines()
    parts = [
        (
            f'<g transform="translate({x},{y})">'
            f'<rect width="{width}" height="{height}" rx="8" fill="#1e2430"/>'
            f'<text x="{MARGIN}" y="19" fill="#8fa1b9">$ {escape(window.title)}</text>'
        )
    ]
    screen = window.terminal.screen
    parts += [_row(screen.buffer[row], row) for row in range(ROWS)]
    if window.shows_cursor:
        left = MARGIN + screen.cursor.x * CELL_WIDTH
        top = BAR + screen.cursor.y * CELL_HEIGHT
        parts.append(
            f'<rect x="{left}" y="{top}" width="{CELL_WIDTH}" height="{CELL_HEIGHT}"'
            ' fill="#e6e9ef" opacity="0.6"/>'
        )
    return "".join([*parts, "</g>"])


def _row(cells: Mapping[int, Any], row: int) -> str:
    """Return one row, drawn: a run of letters for each colour."""
    place = BAR + (row + 1) * CELL_HEIGHT - 4
    columns = ((column, cells[column]) for column in range(COLUMNS))
    runs = []
    for (fore, back), run in groupby(columns, key=lambda one: (one[1].fg, one[1].bg)):
        letters = list(run)
        text = "".join(cell.data for _column, cell in letters)
        left = MARGIN + letters[0][0] * CELL_WIDTH
        if back != "default":
            width = len(letters) * CELL_WIDTH
            runs.append(
                f'<rect x="{left:.1f}" y="{place - 14}" width="{width:.1f}" height="{CELL_HEIGHT}"'
                f' fill="#{back}"/>'
            )
        if text.strip():
            colour = PLAIN if fore == "default" else f"#{fore}"
            runs.append(
                f'<text x="{left:.1f}" y="{place}" fill="{colour}" xml:space="preserve">'
                f"{escape(text)}</text>"
            )
    return "".join(runs)


def picture(all_windows: list[Window]) -> str:
    """Return the windows side by side."""
    width, height = COLUMNS * CELL_WIDTH + 2 * MARGIN + GAP, ROWS * CELL_HEIGHT + BAR + MARGIN + GAP
    rows = -(-len(all_windows) // 2)
    body = "".join(
        drawn(window, (number % 2) * width + GAP, (number // 2) * height + GAP)
        for number, window in enumerate(all_windows)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width + GAP:.0f}" '
        f'height="{rows * height + GAP:.0f}" font-family="monospace" font-size="14">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{body}</svg>\n'
    )


def main() -> None:
    """Write the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Running(Path(folder), "--name", "the lab") as server,
    ):
        all_windows = windows(server)
        talk([window.terminal for window in all_windows])
        (ROOT / "docs" / "picture.svg").write_text(picture(all_windows), encoding="utf-8")
        for window in all_windows:
            window.terminal.child.close(force=True)


if __name__ == "__main__":
    main()
