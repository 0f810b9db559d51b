"""The two C programs, compiled where they run: -march=native binds them to the machine.

Must not know the peers or the scenarios.
Source: gcc(1), -march.
"""

import subprocess
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
BUILT = HERE / ".build"
FLAGS = ("-std=gnu11", "-O3", "-march=native", "-Wall", "-Wextra", "-Werror")


@cache
def compiled(name: str) -> Path:
    """Return the program made from NAME.c, compiled once in a run."""
    BUILT.mkdir(exist_ok=True)
    program = BUILT / name
    try:
        subprocess.run(["cc", *FLAGS, "-o", program, HERE / f"{name}.c"], check=True)
    except FileNotFoundError:
        raise SystemExit("bench: a C compiler (cc) is needed, for the load generator") from None
    return program
