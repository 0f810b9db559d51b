"""The page of figures, in Markdown: judged, then side by side, then how they came about.

Must not know the crowd or the picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench import machine
from bench.figures import LOCKSTEP, OTHERS, TARGETS, Measure, Run, spread
from bench.peers import LIMIT, PEERS, Peer
from bench.scenarios import PACE, TALKERS, Scale

SPARE_MEASURES = ("lockstep-500", "lockstep-2000", "lockstep-8000", "flood")


@dataclass(frozen=True)
class Results:
    """All that one run of the benchmark came to."""

    machine: dict[str, str]
    peers: dict[str, str]  # key: version
    missing: dict[str, str]  # title: what is not there
    scale: Scale
    neighbours: float
    runs: list[Run]
    failed: list[dict[str, dict[str, str]]]  # per run, peer: measure: reason

    def present(self) -> list[Peer]:
        """Return the peers that were measured, in the order of the table."""
        return [peer for peer in PEERS if peer.key in self.peers]

    def reason(self, peer: str, measure: str) -> str:
        """Return why a peer has no such figure; nothing when it was not asked for it."""
        return next((run[peer][measure] for run in self.failed if measure in run.get(peer, {})), "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def verdicts(results: Results) -> str:
    """Return the table of what was to be reached and what was."""
    rows = []
    for target in TARGETS:
        reached, passed = target.judge(results.runs)
        bar = f"{'≥' if target.at_least else '≤'} {target.limit:.3g}{target.unit or ' ×'}"
        shown = "not measured" if reached is None else f"{reached:.3g}{target.unit or ' ×'}"
        rows.append([target.title, bar, shown, {True: "yes", False: "**no**", None: "-"}[passed]])
    return _table(["what", "target", "reached", ""], rows)


def _cell(results: Results, peer: Peer, measure: Measure) -> str:
    found = spread(results.runs, peer.key, measure.key)
    if found is None:
        return "failed" if results.reason(peer.key, measure.key) else "-"
    shown = measure.show(found.middle)
    if len(results.runs) > 1:
        shown += f" ({measure.show(found.least)}-{measure.show(found.most)})"
    return shown


def side_by_side(results: Results, measures: Sequence[Measure]) -> str:
    """Return one row per peer, one column per measure: the median and, in brackets, least and most."""
    used = [each for each in measures if any(_asked(results, peer, each) for peer in PEERS)]
    if not used:
        return ""
    units = {each.unit for each in used}
    head = [f"{each.title}{', ' + each.unit if len(units) > 1 else ''}" for each in used]
    rows = [
        [peer.title, *(_cell(results, peer, measure) for measure in used)]
        for peer in results.present()
    ]
    return _table(["", *head], rows)


def _asked(results: Results, peer: Peer, measure: Measure) -> bool:
    return bool(
        spread(results.runs, peer.key, measure.key) or results.reason(peer.key, measure.key)
    )


def failures(results: Results) -> str:
    """Return of everything that is missing why it is."""
    told = [f"- {title}: {reason}.\n" for title, reason in results.missing.items()]
    for peer in results.present():
        reasons: dict[str, list[str]] = {}
        for measure in (*LOCKSTEP, *OTHERS):
            reason = results.reason(peer.key, measure.key)
            if reason:
                reasons.setdefault(reason, []).append(measure.key)
        told += [f"- {peer.title}, {', '.join(keys)}: {why}.\n" for why, keys in reasons.items()]
    return "".join(told)


def _spare(results: Results) -> str:
    rows = []
    for peer in results.present():
        found = [spread(results.runs, peer.key, f"{each}-spare") for each in SPARE_MEASURES]
        shown = [f"{100 * each.middle:.0f} %" if each else "-" for each in found]
        rows.append([peer.title, *shown])
    return _table(["", *SPARE_MEASURES], rows)


def _machine(results: Results) -> str:
    facts = dict(results.machine)
    facts |= {peer.title: results.peers[peer.key] for peer in results.present()
              if results.peers[peer.key] and peer.key != LIMIT}  # fmt: skip
    facts["time taken by others"] = f"{100 * results.neighbours:.1f} % of the machine" + (
        ": the figures are not to be trusted" if results.neighbours > machine.QUIET else ""
    )
    return _table(["", ""], facts.items())


def _fewer(results: Results, measure: str, usual: int) -> str:
    """Return the peers that were too slow for the whole flood, and what they got."""
    found = [(peer.title, spread(results.runs, peer.key, measure)) for peer in results.present()]
    told = [f"{title} {each.middle:,.0f}" for title, each in found if each and each.middle < usual]
    return f" Too slow for that, and given fewer: {', '.join(told)}." if told else ""


def _how(results: Results) -> str:
    """Return how it was measured, one sentence a line: a page made from figures cannot be wrapped."""
    scale = results.scale
    most = max(scale.large, default=scale.storm)
    return f"""\
- **One line to a full room** (lockstep): one member says a line of 80 bytes, and when all others
  have it, the next. The time for that, divided by the number of those who got it.
- **Flood**: {TALKERS} of {scale.flood_members:,} members hand in {
        scale.flood_lines:,} lines at once.{_fewer(results, "flood-lines", scale.flood_lines)}
- **Paced room**: {scale.paced_members:,} members, {PACE} lines a second.
  The time of a delivery counts from when its line was due: who falls behind cannot hide it.
- **Join storm**: {scale.storm:,} connect, register and join one room.
  The time until the last has been told that it is in.
  No more of them wait to be accepted than the server's backlog holds: the kernel would let the
  others try again a second later, and that would be measured.{_silent(results)}
- **Idle member**: growth of the server's resident memory after that storm, over {most:,} members.
- **One never reads**: {scale.deaf_lines:,} lines to {scale.flood_members:,} members who all read,
  and then, on a fresh server, with one who does not.
  Growth is that of the server's resident memory, from before the flood until the others have it
  all.{_fewer(results, "deaf-lines", scale.deaf_lines)} {_droppers(results)}

The server has one core to itself, and the load generator (C, one epoll thread) another. Each server
starts afresh for each scenario, with its guards against floods lifted and nothing else changed. The
servers take turns within a scenario, and a ratio is taken within one run. The bare loops are no
servers: whatever whole lines came in with one read go out to each with one `send`.
"""


def _silent(results: Results) -> str:
    names = [peer.title for peer in results.present() if not peer.announces]
    return f" Not comparable, since they tell nobody who came: {'; '.join(names)}." if names else ""


def _droppers(results: Results) -> str:
    found = [(peer, spread(results.runs, peer.key, "deaf-dropped")) for peer in results.present()]
    names = [peer.title for peer, each in found if each and each.most]
    return f" Hung up on the one who did not read: {', '.join(names)}." if names else ""


def page(results: Results) -> str:
    """Return the whole page."""
    runs = len(results.runs)
    counted = f"medians of {runs} runs (least-most)" if runs > 1 else "one run, so no spread"
    why = failures(results)
    return f"""\
# Performance

Made by `make bench`; do not edit. Figures are {counted}.

![The servers side by side](performance.svg)

## The bar

Ours with its log on disk, every line committed before anyone gets it.

{verdicts(results)}
## One line to a full room

µs per delivered line; less is better.

{side_by_side(results, LOCKSTEP)}
## Everything else

{side_by_side(results, OTHERS)}
{"Not there:" + chr(10) + chr(10) + why + chr(10) if why else ""}\
## How

{_how(results)}
How much of the time the load generator had nothing to do (0 % means that it was the limit, or as
busy as the server):

{_spare(results)}
## The machine

{_machine(results)}"""


def as_json(results: Results) -> dict[str, Any]:
    """Return everything, for other programs."""
    return {
        "machine": results.machine,
        "versions": results.peers,
        "missing": results.missing,
        "neighbours": round(results.neighbours, 4),
        "scale": vars(results.scale),
        "targets": [
            {"what": each.title, "limit": each.limit, "at_least": each.at_least,
             "reached": each.judge(results.runs)[0], "passed": each.judge(results.runs)[1]}
            for each in TARGETS
        ],
        "runs": results.runs,
        "failed": results.failed,
    }  # fmt: skip


def from_json(stored: dict[str, Any]) -> Results:
    """Return the results that `as_json` was given."""
    scale: dict[str, Any] = {
        name: {int(members): lines for members, lines in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in stored["scale"].items()
    }
    return Results(
        machine=stored["machine"],
        peers=stored["versions"],
        missing=stored["missing"],
        scale=Scale(**scale),
        neighbours=stored["neighbours"],
        runs=stored["runs"],
        failed=stored["failed"],
    )
