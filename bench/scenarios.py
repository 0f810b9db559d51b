"""What is measured, and how much of it: the stages each peer goes through, on a fresh server each.

A stage notes its measures as it goes. What a peer fails at is noted with the reason, and the rest
goes on: with the next stage, with the next peer.

Must not know the figures, the report or the picture.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from statistics import median

from bench import machine
from bench.crowd import Crowd, TooSlow, gathered
from bench.peers import EPOLL, WORDS, Failed, Missing, Peer, Server, running

WAIT_FOR_QUIET = 30.0  # seconds, where patience was asked for
MIB, KIB = 2**20, 2**10
PACE = 100  # lines a second in the paced room: a lively class of a thousand
TALKERS = 10
LONG_ENOUGH = 0.15  # seconds of a flood that tell how fast a peer is
FLOOD_LIMIT = 60.0  # seconds, for a peer that took the first flood well and hangs in the next
MOST_FLOODS, FLOOD_LASTS = 5, 1.5  # a flood may be over in 0.2 s, too short to be believed once


@dataclass(frozen=True)
class Scale:
    """How much of each. A limit in seconds is what a peer may take before it is cut off."""

    runs: int
    left_out: tuple[str, ...]  # peers, unless asked for
    small: dict[int, int]  # members: lines of lockstep, in a room that grows
    middle: dict[int, int]  # likewise, after the paced room
    large: dict[int, int]
    paced_members: int
    paced_lines: int
    storm: int
    flood_members: int
    flood_lines: int
    flood_seconds: float  # meant to last at most; a slow peer gets fewer lines
    deaf_lines: int
    deaf_seconds: float  # likewise
    join_seconds: float
    warm_lines: int  # of a first flood
    deaf_turns: tuple[bool, ...]  # with a member that never reads, or without


FULL = Scale(
    runs=3,
    left_out=(),
    small={10: 2000, 100: 1000, 500: 400},
    middle={2000: 100},
    large={8000: 40},
    paced_members=1000,
    paced_lines=400,
    storm=5000,
    flood_members=500,
    flood_lines=20_000,
    flood_seconds=20,
    deaf_lines=200_000,
    deaf_seconds=5,
    join_seconds=40,
    warm_lines=1000,
    deaf_turns=(False, True, True, False),
)
QUICK = Scale(
    runs=1,
    left_out=(WORDS, EPOLL),  # the slowest, and one that is always close to the limit
    small={10: 500, 500: 100},
    middle={2000: 25},
    large={},
    paced_members=1000,
    paced_lines=100,
    storm=1000,
    flood_members=500,
    flood_lines=20_000,
    flood_seconds=0.5,
    deaf_lines=50_000,
    deaf_seconds=0.5,
    join_seconds=4,
    warm_lines=300,
    deaf_turns=(False, True),
)

Figures = dict[str, float]
Reasons = dict[str, str]


@dataclass
class Sitting:
    """One peer in one stage: what it reached, and why it did not reach the rest."""

    peer: Peer
    scale: Scale
    hopeless: Reasons  # what an earlier run took too long for
    figures: Figures = field(default_factory=dict)
    failed: Reasons = field(default_factory=dict)
    seconds: float = 0.0
    others: float = 0.0  # part of the machine that others took meanwhile

    @contextmanager
    def room(self, members: int = 0) -> Iterator[tuple[Server, Crowd]]:
        """Start a fresh server, with so many in its room."""
        with running(self.peer) as server, gathered(self.peer, server) as crowd:
            if members:
                crowd.join(members, self.scale.join_seconds)
            yield server, crowd

    def note(self, measure: str, figure: float) -> None:
        """Keep a figure."""
        self.figures[measure] = figure

    @contextmanager
    def forgiving(self, *measures: str) -> Iterator[None]:
        """Go on after a failure that the rest of the stage need not suffer from."""
        try:
            yield
        except TooSlow:
            raise
        except Failed as problem:
            self.failed |= {each: str(problem) for each in measures}

    def attempt(self, stage: "Stage") -> None:
        """Go through one stage, whatever comes of it."""
        wanted, start, others = stage.measures(self.scale), time.monotonic(), machine.Neighbours()
        reason = ""
        try:
            stage.go(self)
        except TooSlow as problem:
            reason = str(problem)
            self.hopeless |= {each: reason for each in wanted if each not in self.figures}
        except (Failed, Missing) as problem:
            reason = str(problem)
        for measure in wanted:
            if measure not in self.figures:
                self.failed.setdefault(measure, reason)
        self.seconds, self.others = time.monotonic() - start, others.share()
        self.note(f"others-{stage.name}", self.others)

    def stop_if_hopeless(self, measure: str) -> None:
        """Raise Failed for what took too long in an earlier run."""
        if measure in self.hopeless:
            raise Failed(self.hopeless[measure])


def _lockstep(sitting: Sitting, crowd: Crowd, members: int, lines: int) -> None:
    measure = f"lockstep-{members}"
    sitting.stop_if_hopeless(measure)
    crowd.join(members, sitting.scale.join_seconds)
    said = crowd.ask("lockstep", lines, max(3, lines // 10), seconds=15)
    sitting.note(measure, said["mean_us"])
    sitting.note(f"{measure}-median", said["median_us"])
    sitting.note(f"{measure}-spare", said["spare"])


def _paced(sitting: Sitting, crowd: Crowd) -> None:
    """Lines at their times, whether the server is ready or not."""
    scale = sitting.scale
    crowd.join(scale.paced_members, scale.join_seconds)
    said = crowd.ask("paced", PACE, scale.paced_lines, seconds=scale.paced_lines / PACE + 3)
    sitting.note("paced-p50", said["p50_ms"])
    sitting.note("paced-p99", said["p99_ms"])
    sitting.note("paced-max", said["max_ms"])


def _rooms(sitting: Sitting) -> None:
    """One line at a time, and lines at their times, in a room that grows."""
    with sitting.room() as (_, crowd):
        for members, lines in sitting.scale.small.items():
            _lockstep(sitting, crowd, members, lines)
        with sitting.forgiving("paced-p50", "paced-p99"):
            _paced(sitting, crowd)
        for members, lines in sitting.scale.middle.items():
            _lockstep(sitting, crowd, members, lines)


def _hall(sitting: Sitting) -> None:
    """All come at once, then more, then they sit; then one says something."""
    scale = sitting.scale
    most = max(scale.large, default=scale.storm)
    sitting.stop_if_hopeless("storm")
    with sitting.room() as (server, crowd):
        empty = machine.resident(server.pid)
        sitting.note("storm", crowd.join(scale.storm, scale.join_seconds))
        sitting.stop_if_hopeless("idle")
        if most > scale.storm:
            crowd.join(most, scale.join_seconds)
        sitting.note("idle", (machine.resident(server.pid) - empty) / most / KIB)
        for members, lines in scale.large.items():
            _lockstep(sitting, crowd, members, lines)


def _flood_once(crowd: Crowd, lines: int) -> dict[str, float]:
    said = crowd.ask("flood", TALKERS, lines, seconds=FLOOD_LIMIT)
    if not said["complete"]:
        raise Failed(f"{said['deliveries']} deliveries of {lines} lines in {FLOOD_LIMIT:.0f} s")
    return {**said, "rate": said["deliveries"] / said["seconds"]}


def _warm_up(scale: Scale, crowd: Crowd, most: int, seconds: float) -> int:
    """Flood a little, and more where that was over in no time: memory grows to what it needs.

    Return how many lines this peer can take in the time there is. It gets those all at once: to
    cut it off half-way would be no measure, since some send nothing until they have read it all.
    """
    few = lines = scale.warm_lines
    said = _flood_once(crowd, lines)
    while said["seconds"] < LONG_ENOUGH and lines * 3 <= most:
        lines *= 3
        said = _flood_once(crowd, lines)
    crowd.settle()
    can_take = said["rate"] * seconds / scale.flood_members
    return min(most, max(few, int(can_take) // few * few))


def _flood(sitting: Sitting) -> None:
    """All lines in at once; again and again where that is over in no time."""
    scale = sitting.scale
    with sitting.room(scale.flood_members) as (_, crowd):
        lines = _warm_up(scale, crowd, scale.flood_lines, scale.flood_seconds)
        floods: list[dict[str, float]] = []
        while len(floods) < MOST_FLOODS and sum(each["seconds"] for each in floods) < FLOOD_LASTS:
            floods.append(_flood_once(crowd, lines))
        sitting.note("flood", median(each["rate"] for each in floods))
        sitting.note("flood-spare", median(each["spare"] for each in floods))
        sitting.note("flood-lines", lines)


def _flood_with(sitting: Sitting, *, deaf: bool) -> dict[str, float]:
    """Flood a room on a fresh server, where one may be deaf; return what the server grew by, too."""
    scale = sitting.scale
    with sitting.room(scale.flood_members) as (server, crowd):
        can_take = _warm_up(scale, crowd, scale.deaf_lines, scale.deaf_seconds)
        lines = int(sitting.figures.setdefault("deaf-lines", can_take))
        if deaf:
            crowd.ask("deaf", seconds=1)
        before = machine.resident(server.pid)
        machine.forget_peak(server.pid)
        said = _flood_once(crowd, lines)
        said["growth"] = (machine.resident(server.pid) - before) / MIB
        said["peak"] = (machine.peak(server.pid) - before) / MIB
        said["rate each"] = said["rate"] / (scale.flood_members - deaf)
        return said


def _deaf(sitting: Sitting) -> None:
    """One of the room never reads: the same flood with and without it."""
    floods: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for deaf in sitting.scale.deaf_turns:
        if len(floods[True]) == 1 and floods[True][0]["seconds"] > FLOOD_LASTS * 2:
            break  # long enough to be believed once
        floods[deaf].append(_flood_with(sitting, deaf=deaf))
    for name, deaf in (("hearing", False), ("deaf", True)):
        for figure in ("growth", "peak"):
            sitting.note(f"{name}-{figure}", max(each[figure] for each in floods[deaf]))
        sitting.note(f"{name}-rate", max(each["rate each"] for each in floods[deaf]))
    sitting.note("deaf-dropped", max(each["deaf_dropped"] for each in floods[True]))
    share = sitting.figures["deaf-rate"] / sitting.figures["hearing-rate"]
    sitting.note("deaf-loss", 100 * (1 - share))


@dataclass(frozen=True)
class Stage:
    """One thing that all peers do before any goes on to the next."""

    name: str
    go: Callable[[Sitting], None]
    measures: Callable[[Scale], list[str]]


STAGES = (
    Stage(
        "rooms",
        _rooms,
        lambda scale: [
            *(f"lockstep-{members}" for members in (*scale.small, *scale.middle)),
            "paced-p50",
            "paced-p99",
        ],
    ),
    Stage("flood", _flood, lambda _: ["flood"]),
    Stage("deaf", _deaf, lambda _: ["deaf-growth", "deaf-loss"]),
    Stage(
        "hall",
        _hall,
        lambda scale: ["storm", "idle", *(f"lockstep-{members}" for members in scale.large)],
    ),
)


def _show(run: int, stage: Stage, sitting: Sitting) -> None:
    wanted = stage.measures(sitting.scale)
    got = [f"{each} {sitting.figures[each]:.4g}" for each in wanted if each in sitting.figures]
    lost = {sitting.failed[each] for each in wanted if each in sitting.failed}
    told = ", ".join(got) + "".join(f"  failed: {each}" for each in lost)
    head = f"{run + 1} {stage.name:6} {sitting.peer.title:24} {sitting.seconds:5.1f} s "
    noise = f"({100 * sitting.others:2.0f} % others)  "
    print(head + noise + told, file=sys.stderr, flush=True)


def _sit(
    peer: Peer, scale: Scale, hopeless: Reasons, stage: Stage, patience: int
) -> Iterator[Sitting]:
    """Yield a sitting, and more while others use the machine, as often as patience lasts."""
    for _ in range(1 + patience):
        machine.await_quiet(WAIT_FOR_QUIET if patience else 0)
        sitting = Sitting(peer, scale, hopeless)
        sitting.attempt(stage)
        yield sitting
        if sitting.others < machine.QUIET:
            return


def run_all(
    peers: list[Peer], scale: Scale, stages: list[Stage], patience: int
) -> Iterator[tuple[dict[str, dict[str, Figures]], dict[str, Reasons]]]:
    """Yield each run's figures and what failed in it, by peer.

    Peers take turns within a stage, so that drift hits all alike. Of several sittings the one
    counts that was disturbed least.
    """
    hopeless: dict[str, Reasons] = {peer.key: {} for peer in peers}
    for run in range(scale.runs):
        figures: dict[str, dict[str, Figures]] = {peer.key: {"figures": {}} for peer in peers}
        failed: dict[str, Reasons] = {peer.key: {} for peer in peers}
        for stage, peer in product(stages, peers):
            sittings = []
            for sitting in _sit(peer, scale, hopeless[peer.key], stage, patience):
                _show(run, stage, sitting)
                sittings.append(sitting)
            best = min(sittings, key=lambda sitting: sitting.others)
            figures[peer.key]["figures"] |= best.figures
            failed[peer.key] |= best.failed
        yield figures, failed
