"""What the figures mean: each measure's name, unit and spread; and the bar that ours must pass.

A ratio is always taken within one run, where drift of the machine hits both sides alike, and then
the median of the runs is judged.

Must not know the crowd, the scenarios, the report or the picture.
Source of the bars: docs/design.md, "Fan-out, measured".
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.peers import INSPIRCD, LIMIT, NATS, NGIRCD, OURS

Run = dict[str, dict[str, dict[str, float]]]  # peer: "figures": measure: figure


@dataclass(frozen=True)
class Measure:
    """One figure that every peer is asked for."""

    key: str
    title: str
    unit: str
    digits: int
    scale: float = 1.0  # from what was noted to the unit
    more_is_better: bool = False
    note: str = ""  # for the picture

    def show(self, figure: float) -> str:
        """Return a figure as people read it."""
        return f"{figure * self.scale:,.{self.digits}f}"


LOCKSTEP_SIZES = (10, 100, 500, 2000, 8000)
LOCKSTEP = tuple(
    Measure(f"lockstep-{size}", f"{size:,} members", "µs per delivered line", 2)
    for size in LOCKSTEP_SIZES
)
FLOOD = Measure("flood", "flood", "million deliveries/s", 2, 1e-6, more_is_better=True)
PACED_P50 = Measure("paced-p50", "paced room, half within", "ms", 1)
PACED_P99 = Measure("paced-p99", "paced room, 99 % within", "ms", 1)
STORM = Measure("storm", "join storm", "s", 2, note="* tells nobody who came")
IDLE = Measure("idle", "idle member", "KiB", 1)
DEAF_GROWTH = Measure(
    "deaf-growth", "one never reads: server grows", "MiB", 1, note="slow servers got fewer lines"
)
DEAF_LOSS = Measure("deaf-loss", "one never reads: others lose", "%", 1)
OTHERS = (FLOOD, PACED_P50, PACED_P99, STORM, IDLE, DEAF_GROWTH, DEAF_LOSS)


@dataclass(frozen=True)
class Spread:
    """One peer's figures for one measure over all runs."""

    middle: float
    least: float
    most: float


def spread(runs: list[Run], peer: str, measure: str) -> Spread | None:
    """Return median, least and most; None when no run has the figure."""
    found = [each for run in runs if (each := _figure(run, peer, measure)) is not None]
    return Spread(median(found), min(found), max(found)) if found else None


def _figure(run: Run, peer: str, measure: str) -> float | None:
    return run.get(peer, {}).get("figures", {}).get(measure)


# ---- the bar


@dataclass(frozen=True)
class Target:
    """One line of the bar: what ours must reach."""

    title: str
    limit: float
    reached: Callable[[Run], float | None]  # in one run
    at_least: bool = False
    unit: str = ""

    def judge(self, runs: list[Run]) -> tuple[float | None, bool | None]:
        """Return the median of what was reached, and if that will do; None when not measured."""
        found = [each for run in runs if (each := self.reached(run)) is not None]
        if not found:
            return None, None
        middle = median(found)
        return middle, middle >= self.limit if self.at_least else middle <= self.limit


def _own(measure: str) -> Callable[[Run], float | None]:
    return lambda run: _figure(run, OURS, measure)


def _against(peer: str, measure: str) -> Callable[[Run], float | None]:
    def ratio(run: Run) -> float | None:
        ours, theirs = _figure(run, OURS, measure), _figure(run, peer, measure)
        return ours / theirs if ours is not None and theirs else None

    return ratio


def _growth(run: Run) -> float | None:
    """Return how much more a delivery costs in a large room, over the same of the limit's."""
    small, large = (_against(LIMIT, f"lockstep-{size}")(run) for size in (500, 8000))
    return large / small if small and large else None


TARGETS = (
    Target("lockstep, 500 members: time, of InspIRCd's", 1.4, _against(INSPIRCD, "lockstep-500")),
    Target("lockstep, 2,000: of InspIRCd's", 1.0, _against(INSPIRCD, "lockstep-2000")),
    Target("lockstep, 2,000: of the C limit's", 1.5, _against(LIMIT, "lockstep-2000")),
    Target("lockstep, 8,000: of InspIRCd's", 0.85, _against(INSPIRCD, "lockstep-8000")),
    Target("lockstep, 8,000: of the C limit's", 1.3, _against(LIMIT, "lockstep-8000")),
    Target("cost of a delivery, 500 to 8,000: growth, of the C limit's growth", 1.0, _growth),
    Target("flood: deliveries/s, of ngIRCd's", 10, _against(NGIRCD, "flood"), at_least=True),
    Target("flood: deliveries/s, of NATS's", 8, _against(NATS, "flood"), at_least=True),
    Target("paced room: 99th percentile, of InspIRCd's", 1.5, _against(INSPIRCD, "paced-p99")),
    Target("join storm: time, of InspIRCd's", 1 / 3, _against(INSPIRCD, "storm")),
    Target("join storm: time", 5, _own("storm"), unit=" s"),
    Target("memory of an idle member", 8, _own("idle"), unit=" KiB"),
    Target("one of 500 never reads: the server grows by", 20, _own("deaf-growth"), unit=" MiB"),
    Target("one of 500 never reads: the others lose", 5, _own("deaf-loss"), unit=" %"),
)
