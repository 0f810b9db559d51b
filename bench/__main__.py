"""`python -m bench`: measure, judge, write.

Prints progress on stderr and the judgement on stdout. Passing the bar or not does not
change the exit status: on a busy machine any figures may fail it.

It puts the parts together; what they do is theirs.
"""

import argparse
import json
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bench import machine
from bench.figures import LOCKSTEP, OTHERS
from bench.peers import PEERS, Missing
from bench.picture import draw
from bench.report import Results, as_json, failures, from_json, page, side_by_side, verdicts
from bench.scenarios import FULL, QUICK, STAGES, run_all


def _add_choice(parser: argparse.ArgumentParser, option: str, names: list[str]) -> None:
    def chosen(text: str) -> list[str]:
        if not set(text.split(",")) <= set(names):
            raise argparse.ArgumentTypeError(f"{text!r}: choose from {','.join(names)}")
        return text.split(",")

    parser.add_argument(option, type=chosen, default=[], help=f"some of {','.join(names)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one smaller run, in two minutes")
    parser.add_argument("--runs", type=int, help="how many, instead of three")
    _add_choice(parser, "--only", [peer.key for peer in PEERS])
    _add_choice(parser, "--stages", [stage.name for stage in STAGES])
    parser.add_argument("--patience", type=int, default=0, metavar="TIMES",
                        help="go through a stage again when others used the machine")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="write performance.md, .svg and .json there")  # fmt: skip
    parser.add_argument("--stored", type=Path, metavar="FILE",
                        help="measure nothing: take the figures of an earlier run")  # fmt: skip
    return parser.parse_args()


NOTES = Path(__file__).with_name("notes.md")  # what no run can say


def _present(keys: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the versions of the peers that are here, and what is missing of the others."""
    versions, missing = {}, {}
    for peer in PEERS:
        if peer.key in keys:
            try:
                versions[peer.key] = peer.version()
            except Missing as problem:
                missing[peer.title] = str(problem)
                print(f"{peer.title}: {problem}", file=sys.stderr)
    return versions, missing


def written(results: Results) -> str:
    """Return the whole of performance.md: the figures, and what no run can say."""
    return page(results) + NOTES.read_text()


def _measure(options: argparse.Namespace) -> Results:
    scale = QUICK if options.quick else FULL
    scale = replace(scale, runs=options.runs or scale.runs)
    machine.raise_descriptors(max(*scale.large, *scale.middle, scale.storm))
    all_but_some = [peer.key for peer in PEERS if peer.key not in scale.left_out]
    versions, missing = _present(options.only or all_but_some)
    peers = [peer for peer in PEERS if peer.key in versions]
    stages = [stage for stage in STAGES if not options.stages or stage.name in options.stages]
    neighbours = machine.Neighbours()
    runs, failed = [], []
    for figures, reasons in run_all(peers, scale, stages, options.patience):
        runs.append(figures)
        failed.append(reasons)
    return Results(machine.describe(), versions, missing, scale, neighbours.share(), runs, failed)


def _write(results: Results, options: argparse.Namespace) -> None:
    text = json.dumps(as_json(results), indent=1) + "\n"
    if options.json:
        options.json.write_text(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "performance.json").write_text(text)
        (options.out / "performance.md").write_text(written(results))
        (options.out / "performance.svg").write_text(draw(results))


def main() -> None:
    """Do as the options say."""
    options = _options()
    # As when interrupted: end what was started, and then ourselves.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stored = options.stored and from_json(json.loads(options.stored.read_text()))
    results = stored or _measure(options)
    print(side_by_side(results, LOCKSTEP))
    print(side_by_side(results, OTHERS))
    print(failures(results))
    print(verdicts(results))
    print(f"others took {100 * results.neighbours:.1f} % of the machine")
    _write(results, options)


if __name__ == "__main__":
    main()
