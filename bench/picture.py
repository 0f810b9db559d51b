"""The picture of the figures: an SVG, written as text.

Above, one line to a full room, over the size of the room. Below, a panel for each other measure:
one row per peer, best on top, a dot at the median and a bar from least to most. All scales are
logarithmic, since the field spans three orders of magnitude.

Must not know the crowd or the scenarios. Source: SVG 2; the colours are Okabe and Ito's, which
colour-blind people can tell apart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from bench.figures import (
    DEAF_GROWTH,
    FLOOD,
    IDLE,
    LOCKSTEP,
    LOCKSTEP_SIZES,
    PACED_P50,
    PACED_P99,
    STORM,
    Measure,
    Spread,
    spread,
)
from bench.peers import EPOLL, IN_MEMORY, INSPIRCD, LIMIT, NAIVE, NATS, NGIRCD, OURS, WORDS, Peer
from bench.report import Results

WIDTH = 960
MARGIN = 20
CHART_HEIGHT = 360
ROW = 22
LABELS = 150  # room for the peers' names
FIGURES = 64  # room for a figure at the end of a row
HEAD = 64  # of a panel: title, unit
PANELS = (FLOOD, STORM, PACED_P50, PACED_P99, IDLE, DEAF_GROWTH)
LEAST_SHOWN = 0.01  # in a panel's unit: what is next to nothing is drawn here

COLOURS = {
    OURS: "#d55e00",
    IN_MEMORY: "#e69f00",
    NAIVE: "#cc79a7",
    WORDS: "#a06a8c",
    NGIRCD: "#56b4e9",
    INSPIRCD: "#0072b2",
    NATS: "#009e73",
    EPOLL: "#999999",
    LIMIT: "#777777",
}
STYLE = """\
<style>
  text { font: 13px system-ui, sans-serif; fill: #222 }
  .title { font-weight: 600; font-size: 15px }
  .soft { fill: #666; font-size: 12px }
  .ours { font-weight: 700 }
  .grid { stroke: #ddd; stroke-width: 1 }
  .back { fill: #fff }
  .halo { stroke: #fff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .soft { fill: #999 } .grid { stroke: #333 } .back { fill: #111 }
    .halo { stroke: #111 }
  }
</style>
"""


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>'


def _dot(x: float, y: float, colour: str, radius: float = 4.5) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'


def _logarithmic(least: float, most: float, start: float, end: float) -> Callable[[float], float]:
    low, high = log10(least), log10(most)
    return lambda value: start + (log10(value) - low) / (high - low or 1) * (end - start)


# ---- one line to a full room


def _curves(results: Results) -> dict[str, dict[int, Spread]]:
    curves: dict[str, dict[int, Spread]] = {}
    for peer in results.present():
        for size, measure in zip(LOCKSTEP_SIZES, LOCKSTEP, strict=True):
            found = spread(results.runs, peer.key, measure.key)
            if found:
                curves.setdefault(peer.key, {})[size] = found
    return curves


def _steps(least: float, most: float) -> list[float]:
    """Return 1, 2, 5, 10, ... that lie within."""
    decades = range(floor(log10(least)), ceil(log10(most)) + 1)
    return [m * 10.0**d for d in decades for m in (1, 2, 5) if least <= m * 10.0**d <= most]


def _curve(curve: dict[int, Spread], key: str, x: Callable[[float], float],
           y: Callable[[float], float]) -> Iterator[str]:  # fmt: skip
    colour, width = COLOURS[key], 3 if key == OURS else 1.7
    dashes = ' stroke-dasharray="5 4"' if key == LIMIT else ""
    points = " ".join(f"{x(size):.1f},{y(each.middle):.1f}" for size, each in curve.items())
    stroke = f'stroke="{colour}" stroke-width="{width}"{dashes}'
    yield f'<polyline points="{points}" fill="none" {stroke}/>'
    for size, each in curve.items():
        yield _line(x(size), y(each.least), x(size), y(each.most), f'stroke="{colour}"')
        yield _dot(x(size), y(each.middle), colour, 3.5)


def _apart(wanted: list[float], least: float) -> list[float]:
    """Move sorted positions down until none is nearer to the one above than `least`."""
    placed: list[float] = []
    for each in wanted:
        placed.append(max(each, placed[-1] + least) if placed else each)
    return placed


def _names(results: Results, ends: dict[str, tuple[float, float]], right: float) -> Iterator[str]:
    """Name each curve at its end; those that stop early, where they stop."""
    titles = {peer.key: peer.title for peer in results.present()}
    at_right = sorted((y, key) for key, (x, y) in ends.items() if x >= right - 1)
    for place, (_, key) in zip(_apart([y for y, _ in at_right], 16), at_right, strict=True):
        kind = "ours halo" if key == OURS else "halo"
        yield _text(right + 10, place + 4, titles[key], kind=kind)
    for key, (x, y) in ends.items():
        if x < right - 1:
            yield _text(x + 8, y + 4, titles[key], kind="halo")


def _chart(results: Results, top: float) -> Iterator[str]:
    curves = _curves(results)
    if not curves:
        return
    sizes = sorted({size for curve in curves.values() for size in curve})
    figures = [f for curve in curves.values() for each in curve.values()
               for f in (each.least, each.most)]  # fmt: skip
    left, right = MARGIN + 40, WIDTH - MARGIN - LABELS - 20
    bottom = top + CHART_HEIGHT - 30
    x = _logarithmic(sizes[0], sizes[-1], left + 10, right)
    y = _logarithmic(min(figures) * 0.9, max(figures) * 1.1, bottom, top + HEAD - 10)
    yield _text(MARGIN, top + 18, "One line to a full room", kind="title")
    yield _text(
        MARGIN, top + 36, "µs per delivered line, over members; less is better", kind="soft"
    )
    for step in _steps(min(figures) * 0.9, max(figures) * 1.1):
        yield _line(left, y(step), right, y(step), 'class="grid"')
        yield _text(left - 6, y(step) + 4, f"{step:g}", kind="soft", anchor="end")
    for size in sizes:
        yield _text(x(size), bottom + 20, f"{size:,}", kind="soft", anchor="middle")
    for key in reversed(curves):
        yield from _curve(curves[key], key, x, y)
    ends = {key: (x(max(curve)), y(curve[max(curve)].middle)) for key, curve in curves.items()}
    yield from _names(results, ends, right)


# ---- the other measures


@dataclass(frozen=True)
class Panel:
    """One measure with a row for each peer."""

    measure: Measure
    rows: list[tuple[Peer, Spread]]
    without: list[Peer]

    @property
    def height(self) -> float:
        """The height of the panel."""
        return HEAD + ROW * (len(self.rows) + bool(self.without)) + 14


def _panel(results: Results, measure: Measure) -> Panel:
    found = [(peer, spread(results.runs, peer.key, measure.key)) for peer in results.present()]
    rows = [(peer, each) for peer, each in found if each]
    rows.sort(key=lambda row: row[1].middle, reverse=measure.more_is_better)
    return Panel(measure, rows, [peer for peer, each in found if not each])


def _drawn(panel: Panel, left: float, top: float, width: float) -> Iterator[str]:
    measure = panel.measure
    better = "more" if measure.more_is_better else "less"
    yield _text(left, top + 18, measure.title.capitalize(), kind="title")
    notes = [measure.unit, f"{better} is better", *([measure.note] if measure.note else [])]
    yield _text(left, top + 36, "; ".join(notes), kind="soft")
    start, end = left + LABELS + 8, left + width - FIGURES
    figures = [max(LEAST_SHOWN, f * measure.scale) for _, each in panel.rows
               for f in (each.least, each.most)]  # fmt: skip
    x = _logarithmic(min(figures), max(figures), start, end)
    for number, (peer, each) in enumerate(panel.rows):
        y = top + HEAD + ROW * number
        kind, colour = "ours" if peer.key == OURS else "", COLOURS[peer.key]
        places = [x(max(LEAST_SHOWN, f * measure.scale))
                  for f in (each.least, each.middle, each.most)]  # fmt: skip
        star = " *" if measure is STORM and not peer.announces else ""
        yield _text(left + LABELS, y + 4, peer.title + star, kind=kind, anchor="end")
        yield _line(start, y, end, y, 'class="grid"')
        yield _line(places[0], y, places[2], y, f'stroke="{colour}" stroke-width="3"')
        yield _dot(places[1], y, colour)
        yield _text(end + 10, y + 4, measure.show(each.middle), kind=kind)
    if panel.without:
        names = ", ".join(peer.title for peer in panel.without)
        yield _text(left, top + HEAD + ROW * len(panel.rows) + 4, f"failed: {names}", kind="soft")


def _panels(results: Results, top: float) -> tuple[list[str], float]:
    """Return the panels, two side by side and the next two below them, and where they end."""
    drawn: list[str] = []
    panels = [panel for panel in (_panel(results, each) for each in PANELS) if panel.rows]
    width = (WIDTH - 3 * MARGIN) / 2
    for first in range(0, len(panels), 2):
        pair = panels[first : first + 2]
        for column, panel in enumerate(pair):
            drawn += _drawn(panel, MARGIN + column * (width + MARGIN), top, width)
        top += max(panel.height for panel in pair)
    return drawn, top


def draw(results: Results) -> str:
    """Return the whole picture."""
    panels, height = _panels(results, MARGIN + CHART_HEIGHT + 24)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-label="Chat servers compared">'
    )
    back = '<rect width="100%" height="100%" class="back"/>'
    parts = [head, STYLE + back, *_chart(results, MARGIN), *panels, "</svg>"]
    return "\n".join(parts) + "\n"
