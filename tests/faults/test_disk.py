"""The disk is full, or gone: what is not stored is not said, and it goes on when there is room again."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import pytest

from guests import Guest, history, level
from running import PATIENCE, Running, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

REFUSED: Final = b"It was not sent."
AT_ONCE: Final = 40
ROUNDS: Final = 300
_UNLIMITED: Final = resource.RLIM_INFINITY


def _mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True, capture_output=True, timeout=PATIENCE)


@contextmanager
def small_file_system(
    folder: Path,
) -> Iterator[Callable[[Running], tuple[Callable[[], None], ...]]]:
    """A data directory on a file system of three megabytes, which can be made larger."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts")
    (folder / "data").mkdir()
    try:
        _mount("-t", "tmpfs", "-o", "size=3m", "chat-test", str(folder / "data"))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"nothing can be mounted here: {error.stderr}")
    try:
        yield lambda _server: (
            lambda: None,
            lambda: _mount("-o", "remount,size=60m", str(folder / "data")),
        )
    finally:
        subprocess.run(["umount", "-l", str(folder / "data")], check=True, timeout=PATIENCE)


@contextmanager
def limited_files(_folder: Path) -> Iterator[Callable[[Running], tuple[Callable[[], None], ...]]]:
    """No file may grow beyond a size, until that is lifted: `ulimit -f`, where the user is not root."""

    def limit(server: Running, most: int) -> Callable[[], None]:
        number = resource.RLIMIT_FSIZE
        return lambda: resource.prlimit(server.process.pid, number, (most, _UNLIMITED)) and None

    yield lambda server: (limit(server, 200_000), limit(server, _UNLIMITED))


@pytest.mark.parametrize("disk", [small_file_system, limited_files])
def test_a_full_disk(tmp_path: Path, disk: Callable[[Path], object]) -> None:
    with (
        disk(tmp_path) as limits,  # type: ignore[attr-defined]
        Running(tmp_path, "--rate", "off", doors=("plain",)) as server,
        Guest(server.ports["plain"], "reader") as reader,
        Guest(server.ports["plain"], "talker") as talker,
    ):
        fill, free = limits(server)
        talker.say("before")
        reader.until(b"talker: before")
        fill()
        _talk_until_refused(talker)

        # No reader has seen what is not stored, and what is stored can be read.
        talker.say("/history 5")
        talker.until(b"/history again")
        with Guest(server.ports["plain"], "late") as late:
            late.say("/who")
            late.until(b"reader")
            reader.until(b"late joined")
        stored = [line for line in history(tmp_path) if line.startswith("talker: ")]
        assert reader.heard("talker: ") == stored
        assert stored[0] == "talker: before"

        free()
        level(talker, [reader], "after")
        again = [line for line in history(tmp_path) if line.startswith("talker: ")]
        assert again == [*stored, "talker: after"]
        assert reader.heard("talker: ") == again
        server.kill()
        server.start()
        assert [line for line in history(tmp_path) if line.startswith("talker: ")] == again
    log = server.log.read_text()
    assert "Traceback" not in log, log


def _talk_until_refused(talker: Guest) -> None:
    """Talk until the disk is full; what fills it is told from what is refused by its sentence."""
    for number in range(ROUNDS):
        talker.say(*(f"{number}.{line} {'x' * 900}" for line in range(AT_ONCE)), "/who")
        talker.until(b"talker")
        if REFUSED in talker.look():
            break
    wait_for(lambda: REFUSED in talker.look(), lambda: talker.seen[-300:])


def test_a_full_disk_at_the_start_is_one_sentence(tmp_path: Path) -> None:
    with small_file_system(tmp_path):
        filler = tmp_path / "data" / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        with pytest.raises(AssertionError), Running(tmp_path, doors=("plain",)):
            pytest.fail("it started")
        log = (tmp_path / "log").read_text()
        assert "Traceback" not in log, log
        assert sum(line.startswith("chat: ") for line in log.splitlines()) == 1, log
        filler.unlink()
        with Running(tmp_path, doors=("plain",)) as server, Guest(server.ports["plain"], "alice"):
            pass


def test_a_directory_that_vanishes(server: Running, tmp_path: Path) -> None:
    """No reader gets what the next start will not know."""
    with (
        Guest(server.ports["plain"], "reader") as reader,
        Guest(server.ports["plain"], "talker") as talker,
    ):
        level(talker, [reader], "before")
        shutil.rmtree(tmp_path / "data")
        talker.say("nowhere")
        talker.until(REFUSED)
        reader.say("/who")
        reader.until(b"talker")
        assert not reader.heard("nowhere")
