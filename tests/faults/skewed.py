"""`twistd` in a world whose clock is set from outside: how many seconds it is wrong stands in a file.

Run as a program: skewed.py FILE twistd [its words]...
"""

from __future__ import annotations

import sys
import time
from pathlib import Path


def skew(path: Path) -> None:
    """From now on the time of day is wrong by what stands in the file."""
    right = time.time

    def wrong() -> float:
        return right() + float(path.read_text() or 0)

    time.time = wrong


if __name__ == "__main__":
    skew(Path(sys.argv[1]))
    sys.argv[:2] = []
    from twisted.scripts.twistd import run  # which keeps `time.time` for itself, so only now

    run()
