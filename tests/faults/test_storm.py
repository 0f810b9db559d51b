"""Five hundred people who lose their connections and come back, twenty times, under the same names."""

from __future__ import annotations

import random
import resource
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from guests import Guest, descriptors, history, level, memory
from running import wait_for

if TYPE_CHECKING:
    from running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

PEOPLE: Final = 500
TIMES: Final = 20
GROWTH: Final = 40  # megabytes from the first round to the last


def test_five_hundred_come_back_twenty_times(server: Running) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    chance = random.Random(500)
    pid = server.process.pid
    with (
        Guest(server.ports["plain"], "steady") as steady,
        Guest(server.ports["telnet"], "watcher") as watcher,
    ):
        inside = descriptors(pid)
        grown: list[int] = []
        said: list[str] = []
        for time in range(TIMES):
            with ExitStack() as people:
                some = [people.enter_context(_come(server, number)) for number in range(PEOPLE)]
                for guest in some:
                    _enter(guest)
                said += _talk_and_go(some, time, chance)
            level(steady, [watcher], f"round {time};")
            grown.append(memory(pid))
        wait_for(lambda: descriptors(pid) <= inside + 8, lambda: descriptors(pid))
        wait_for(lambda: _are_alone(steady), lambda: steady.seen[-300:])
        assert grown[-1] - grown[0] < GROWTH, grown
        rounds = [f"steady: round {time};" for time in range(TIMES)]
        assert watcher.heard("steady: ") == rounds
        stored = history(server.folder)
        assert set(said) <= set(stored)  # a member who waited for the goodbye was heard
        assert len(set(stored)) == len(stored)
        assert watcher.heard(": ")[-len(stored) :] == stored


def _come(server: Running, number: int) -> Guest:
    guest = Guest(server.ports["plain" if number % 2 else "telnet"])
    guest.name = f"p{number}"
    guest.say(guest.name)
    return guest


def _enter(guest: Guest) -> None:
    """Wait to be in, under one's own name, which may still be held for a moment."""
    while guest.until(b"/help lists the commands.", b"is taken") == b"is taken":
        guest.say(guest.name)


def _talk_and_go(some: list[Guest], time: int, chance: random.Random) -> list[str]:
    """Say a line each; return those of members who leave in peace, and so are sure to be heard."""
    sure = []
    chance.shuffle(some)
    for guest in some:
        guest.say(f"round {time} {guest.name}")
    for guest in some:
        going = chance.choice(("quit", "close", "reset"))
        if going == "quit":
            guest.say("/quit")
            guest.until_left()
            sure.append(f"{guest.name}: round {time} {guest.name}")
        elif going == "reset":
            guest.reset()
        else:
            guest.close()
    return sure


def _are_alone(guest: Guest) -> bool:
    guest.say("/who")
    return guest.until(b"-- 2 people in #lobby", b"people in #lobby").startswith(b"-- 2")
