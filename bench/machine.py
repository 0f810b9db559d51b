"""The machine: which cores are used, how much memory a process has, what others use of it.

Must not know the peers or the scenarios. Nothing here yields a host's name or a path, since all of it is
published. Source: proc(5).
"""

import os
import platform
import resource
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

PROC = Path("/proc")
SPARE_DESCRIPTORS = 100  # beside the members': libraries, a log, pipes
QUIET = 0.05  # of the machine taken by others: more than that, and figures shift


def raise_descriptors(members: int) -> None:
    """Allow as many descriptors as we may have; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < members + SPARE_DESCRIPTORS:
        raise SystemExit(f"bench: {members} members need more than {hard} descriptors (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def two_cores() -> tuple[int, int]:
    """Return the core of the server and that of the load generator."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        raise SystemExit("bench: two cores are needed, one for the server, one for the load")
    return cores[0], cores[1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Pin what is started within to one core: children inherit it, with all their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def _status(pid: int, field: str) -> int:
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return 0


def resident(pid: int) -> int:
    """Return the bytes of memory that a process and its children have now."""
    return sum(_status(each, "VmRSS") for each in family(pid))


def peak(pid: int) -> int:
    """Return the most they have had since `forget_peak`."""
    return sum(_status(each, "VmHWM") for each in family(pid))


def forget_peak(pid: int) -> None:
    """Start the peak anew, from the memory used now."""
    for each in family(pid):
        (PROC / str(each) / "clear_refs").write_text("5")


class Neighbours:
    """How much processor time others took while we measured: what makes figures noisy."""

    def __init__(self) -> None:
        self.start = self._all_busy() - self._ours()
        self.began = time.monotonic()

    @staticmethod
    def _all_busy() -> float:
        user, nice, system, _idle, _wait, irq, softirq, steal = (
            int(each) for each in (PROC / "stat").read_text().split("\n")[0].split()[1:9]
        )
        ticks = user + nice + system + irq + softirq + steal
        return ticks / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _ours() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def share(self) -> float:
        """Return it as a part of all the machine could do since then."""
        elapsed = time.monotonic() - self.began
        others = self._all_busy() - self._ours() - self.start
        return max(0.0, others / elapsed / (os.cpu_count() or 1))


def await_quiet(seconds: float) -> None:
    """Wait for a second in which others leave the machine alone, but not for ever."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        others = Neighbours()
        time.sleep(1)
        if others.share() < QUIET:
            return


def _cpu_model() -> str:
    for line in (PROC / "cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _compiler() -> str:
    said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False).stdout
    return said.splitlines()[0] if said else "none"


def describe() -> dict[str, str]:
    """Name what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "congestion control": (PROC / "sys/net/ipv4/tcp_congestion_control").read_text().strip(),
        "Python": platform.python_version(),
        "Twisted": version("twisted"),
        "SQLite": sqlite3.sqlite_version,
        "compiler": _compiler(),
    }
