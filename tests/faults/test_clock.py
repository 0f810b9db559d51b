"""The clock is set back or ahead by an hour, while people talk at the default rate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from guests import Guest, history, level
from running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

HOUR: Final = 3600
RATE: Final = "2/20"


class World:
    """A server, and the clock that it goes by."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "skew"
        self.turn(0)
        program = str(Path(__file__).with_name("skewed.py"))
        self.server = Running(
            folder, "--rate", RATE, doors=("telnet", "plain"),
            before=(sys.executable, program, str(self._file)),
        )  # fmt: skip

    def turn(self, seconds: int) -> None:
        """Let the clock be wrong by so much, at once."""
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(str(seconds))
        unfinished.replace(self._file)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.server:
        yield world
    log = world.server.log.read_text()
    assert "Traceback" not in log, log


@pytest.mark.parametrize("jumps", [[-HOUR, 0], [HOUR, 0], [-HOUR, HOUR, -24 * HOUR, 0]])
def test_who_is_paused_when_the_clock_jumps_goes_on(world: World, jumps: list[int]) -> None:
    ports = world.server.ports
    with Guest(ports["plain"], "alice") as alice, Guest(ports["telnet"], "bob") as bob:
        said = []
        for number, jump in enumerate([0, *jumps]):
            lines = [f"line {number}.{line}" for line in range(20)]
            alice.say(*lines)  # at this rate most of them wait for their turn
            bob.until(lines[3].encode())
            world.turn(jump)
            bob.until(lines[-1].encode())
            said += [f"alice: {line}" for line in lines]
        assert bob.heard("alice: ") == said
        assert history(world.server.folder) == said


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_who_comes_and_goes_is_told_whatever_the_clock_says(world: World, jump: int) -> None:
    ports = world.server.ports
    with Guest(ports["plain"], "alice") as alice:
        for name in (
            "bob",
            "carol",
        ):  # the second is told of a moment later, so that a crowd is one line
            with Guest(ports["plain"], name) as guest:
                world.turn(jump)
                alice.until(f"{name} joined".encode())
                level(guest, [alice], f"I am {name}")
            alice.until(f"{name} left".encode())


def test_after_a_restart_an_hour_earlier_the_order_goes_on(world: World) -> None:
    for number, jump in enumerate([0, -HOUR, HOUR]):
        world.turn(jump)
        if number:
            world.server.kill()
            world.server.start()
        ports = world.server.ports
        with Guest(ports["plain"], "alice") as alice, Guest(ports["plain"], "carol") as carol:
            level(alice, [carol], f"start {number}")
    stored = [f"alice: start {number}" for number in range(3)]
    assert history(world.server.folder) == stored
    with Guest(world.server.ports["plain"], "bob") as bob:
        past = [line.partition(" ")[2] for line in bob.heard("alice: ")]  # without the time of day
        assert past == stored
