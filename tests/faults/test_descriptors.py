"""There are no more file descriptors: members stay in, new peers are told or wait, and later all is as before."""

from __future__ import annotations

import resource
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from chatproto.limits import SPARE_DESCRIPTORS
from guests import Guest, descriptors, history, level
from running import PATIENCE, Running, needs, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

ROOM: Final = 40  # connections that the gate lets in at the least
FULL: Final = b"The server is full."


def test_who_comes_to_a_full_server_is_told_and_who_is_in_stays_in(tmp_path: Path) -> None:
    most = SPARE_DESCRIPTORS + ROOM
    before = (needs("prlimit"), f"--nofile={most}:{most}")
    with (
        Running(tmp_path, "--rate", "off", doors=("plain",), before=before) as server,
        ExitStack() as guests,
    ):
        port = server.ports["plain"]
        inside: list[Guest] = []
        while True:
            guest = guests.enter_context(Guest(port))
            guest.say(f"in{len(inside)}")
            if guest.until(b"/help lists the commands.", FULL) == FULL:
                break
            inside.append(guest)
        assert ROOM <= len(inside) < most  # said in time, not when all are used up
        for _ in range(ROOM):
            with Guest(port) as turned_away:
                assert FULL in turned_away.until_left()
        level(inside[0], inside, "still here")
        inside[1].say("/history 5")
        inside[1].until(b"still here")
        guest.close()
        inside.pop().close()
        wait_for(lambda: _is_let_in(port))
    assert "Traceback" not in server.log.read_text()


def _is_let_in(port: int) -> bool:
    with Guest(port) as guest:
        guest.until(b" ")
        return FULL not in guest.seen


def test_no_descriptor_is_left_at_all(tmp_path: Path) -> None:
    """Taken away from a server that runs: it can accept no connection, and must neither end nor spin."""
    with Running(tmp_path, "--rate", "off", doors=("plain",)) as server:
        port, pid = server.ports["plain"], server.process.pid
        with Guest(port, "alice") as alice, Guest(port, "bob") as bob, ExitStack() as guests:
            bob.say("/history")  # the log has opened what it reads by
            bob.until(b"--")
            used = descriptors(pid)
            usual, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
            waiting = [guests.enter_context(Guest(port)) for _ in range(20)]
            for number in range(200):
                level(alice, [bob], f"line {number}.")
            before = _seconds_used(pid)
            bob.say("/who")
            bob.until(b"alice")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (usual, hard))
            for guest in waiting:  # are greeted now, or were sent away
                wait_for(lambda guest=guest: guest.look() or guest.is_left)  # type: ignore[misc]
            assert _seconds_used(pid) - before < PATIENCE
            with Guest(port, "carol") as carol:
                level(carol, [alice, bob], "here")
            said = [line for line in history(tmp_path) if line.startswith("alice: ")]
            assert bob.heard("alice: ") == said
            assert len(said) == 200
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def _seconds_used(pid: int) -> float:
    """Return the seconds of the processor that a process has used."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100
