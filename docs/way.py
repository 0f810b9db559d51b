"""Draws docs/way.svg: the way of a line, from one member's keyboard to all screens.  `make picture`.

It draws the words of docs/design.md; tests/docs/test_way.py holds them against the files.  Must not know anything else
of ours.
Source: SVG 2; the colours are Okabe and Ito's, which colour-blind people can tell apart.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).with_name("way.svg")

WIDTH, HEIGHT = 960, 292
MARGIN, ROUND = 16, 8
TOP, BOTTOM, TALL = 16, 176, 100  # the two rows of boxes, and how high a box is
LEFT, RIGHT = MARGIN + 128, WIDTH - MARGIN - 128  # between the client and the log
LOW = 52  # a box that leaves room for a line below it
ARROW = 5

STYLE: Final = """\
<style>
  text { font: 12px system-ui, sans-serif; fill: #222 }
  .word { font-weight: 700; font-size: 16px }
  .file { font: 12px ui-monospace, monospace; fill: #555 }
  .label { font-style: italic; fill: #555 }
  .back { fill: #fff }
  .box { fill: #f4f5f7; stroke: #999 }
  .in { stroke: #0072b2; fill: none; stroke-width: 2 }
  .out { stroke: #d55e00; fill: none; stroke-width: 2 }
  .in-end { fill: #0072b2 }
  .out-end { fill: #d55e00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .file, .label { fill: #aaa } .back { fill: #111 }
    .box { fill: #1e2430; stroke: #667 }
    .in { stroke: #56b4e9 } .in-end { fill: #56b4e9 }
    .out { stroke: #e69f00 } .out-end { fill: #e69f00 }
  }
</style>
"""


class Box(NamedTuple):
    """One word, where it lives, and what it does with a line."""

    word: str
    file: str
    notes: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float = TALL

    @property
    def middle(self) -> float:
        """Half of its height down."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Where its right edge is."""
        return self.x + self.width


def row(y: float, width: float, words: tuple[tuple[str, str, tuple[str, ...]], ...]) -> list[Box]:
    """Return boxes from the client to the log, with equal gaps."""
    gap = (RIGHT - LEFT - width * len(words)) / (len(words) + 1)
    return [
        Box(*word, LEFT + gap + place * (width + gap), y, width) for place, word in enumerate(words)
    ]


WHOLE: Final = BOTTOM + TALL - TOP
CLIENT: Final = Box("bytes", "", ("telnet, ssh, nc,", "a program"), MARGIN, TOP, 128, WHOLE)
LOG: Final = Box(
    "log", "log/", ("numbers it,", "commits it", "to disk"), RIGHT, TOP, 128, WHOLE
)  # fmt: skip
DOOR, SESSION, COMMAND, CHAT = row(
    TOP,
    124,
    (
        ("door", "doors/", ("bytes to lines;", "hostile bytes", "stop here")),
        ("session", "sessions/", ("one member", "at one door")),
        ("command", "commands/", ()),
        ("chat", "core/", ("decides who may;", "asks the log")),
    ),
)
WIRE, VOICE, DELIVERY = row(
    BOTTOM,
    164,
    (
        ("wire", "wire.py", ("one system call", "per reader")),
        ("voice", "voices/", ("rendered once per", "way of reading")),
        ("delivery", "delivery/", ("in batches; a cursor", "for each reader")),
    ),
)
LOWERED: Final = COMMAND._replace(height=LOW)
BOXES: Final = (CLIENT, DOOR, SESSION, LOWERED, CHAT, LOG, DELIVERY, VOICE, WIRE)


def text(x: float, y: float, words: str, kind: str) -> str:
    """Return words, centred."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="middle">{escape(words)}</text>'


def box(one: Box) -> str:
    """Return a box, its text in the middle of it."""
    lines = [
        (one.word, "word", 20),
        (one.file, "file", 16),
        *((note, "", 15) for note in one.notes),
    ]
    shown = [line for line in lines if line[0]]
    y = one.middle - sum(height for _words, _kind, height in shown) / 2
    frame = (
        f'<rect x="{one.x:g}" y="{one.y:g}" width="{one.width:g}" height="{one.height:g}" '
        f'rx="{ROUND}" class="box"/>'
    )
    parts = [frame]
    for words, kind, height in shown:
        y += height
        parts.append(text(one.x + one.width / 2, y - 4, words, kind))
    return "".join(parts)


def arrow(start: float, end: float, y: float, kind: str) -> str:
    """Return an arrow at one height, in either direction."""
    tip = ARROW if end > start else -ARROW
    return (
        f'<path d="M{start:g} {y:g}H{end - tip:g}" class="{kind}"/>'
        f'<path d="M{end:g} {y:g}l{-2 * tip:g} {-ARROW}v{2 * ARROW}z" class="{kind}-end"/>'
    )


def arrows() -> list[str]:
    """Return the way in, with its fork, and the way out."""
    into = (TOP + TALL / 2, "in")
    command, talk = (LOWERED.middle, "in"), (TOP + TALL - 22, "in")
    out = (BOTTOM + TALL / 2, "out")
    return [
        arrow(CLIENT.right, DOOR.x, *into),
        arrow(DOOR.right, SESSION.x, *into),
        arrow(SESSION.right, COMMAND.x, *command),
        arrow(COMMAND.right, CHAT.x, *command),
        arrow(SESSION.right, CHAT.x, *talk),
        text(COMMAND.x + COMMAND.width / 2, talk[0] + 16, "or something said", "label"),
        arrow(CHAT.right, LOG.x, *into),
        arrow(LOG.x, DELIVERY.right, *out),
        arrow(DELIVERY.x, VOICE.right, *out),
        arrow(VOICE.x, WIRE.right, *out),
        arrow(WIRE.x, CLIENT.right, *out),
        text((LEFT + RIGHT) / 2, BOTTOM - 18, "what is delivered is on disk already", "label"),
    ]


def picture() -> str:
    """Return the whole picture."""
    label = "The way of a line: " + ", ".join(one.word for one in BOXES)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{label}">'
    )
    back = '<rect width="100%" height="100%" class="back"/>'
    return "\n".join([head, STYLE + back, *map(box, BOXES), *arrows(), "</svg>"]) + "\n"


def main() -> None:
    """Write the picture."""
    FILE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
