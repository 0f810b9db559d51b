"""A process stands still for a while: the server's, or a reader's."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from guests import Guest, history, level, memory
from running import PATIENCE, needs, wait_for

if TYPE_CHECKING:
    from running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

A_WHILE: Final = 3.0  # seconds; shorter than STALL_SECONDS, after which a reader is given up
TALKERS: Final = 10
LINES: Final = 100
FLOOD: Final = 20_000  # lines of 500 bytes: more than the kernel keeps for a reader
GROWTH: Final = 60  # megabytes: the tail, and one batch for the reader


def test_a_server_that_stood_still_goes_on_where_it_was(server: Running) -> None:
    port = server.ports["plain"]
    with ExitStack() as guests:
        reader = guests.enter_context(Guest(port, "reader"))
        talkers = [guests.enter_context(Guest(port, f"t{number}-")) for number in range(TALKERS)]
        for talker in talkers:
            talker.say(*(f"before {line}" for line in range(LINES)))
        server.process.send_signal(signal.SIGSTOP)
        try:
            for talker in talkers:
                talker.say(*(f"meanwhile {line}" for line in range(LINES)))
            newcomers = [guests.enter_context(Guest(port)) for _ in range(TALKERS)]
            for number, guest in enumerate(newcomers):
                guest.say(f"new{number}-")
            time.sleep(A_WHILE)
        finally:
            server.process.send_signal(signal.SIGCONT)
        for guest in newcomers:
            guest.until(b"/help")
        level(talkers[0], [reader], "the end")
        for talker in talkers[1:]:
            level(talker, [reader], f"the end of {talker.name}")
        for talker in talkers:
            said = [f"{talker.name}: {when} {line}"
                    for when in ("before", "meanwhile") for line in range(LINES)]  # fmt: skip
            assert reader.heard(f"{talker.name}: ")[: 2 * LINES] == said
        stored = history(server.folder)
        assert [line for line in reader.lines() if ": " in line and line.startswith("t")] == stored


def test_a_reader_that_stood_still_misses_nothing_and_holds_up_nobody(server: Running) -> None:
    port = server.ports["plain"]
    screen = server.folder / "screen"
    with (
        screen.open("wb") as output,
        subprocess.Popen([needs("nc"), "127.0.0.1", str(port)], stdin=subprocess.PIPE, stdout=output) as stopped,
        Guest(port, "talker") as talker,
        Guest(port, "reader") as reader,
    ):  # fmt: skip
        try:
            assert stopped.stdin
            stopped.stdin.write(b"stopped\n")
            stopped.stdin.flush()
            wait_for(lambda: b"/help" in screen.read_bytes())
            before = memory(server.process.pid)
            stopped.send_signal(signal.SIGSTOP)
            said = [f"talker: flood {line} {'x' * 500}" for line in range(FLOOD)]
            for at in range(0, FLOOD, 500):
                talker.say(*(line.removeprefix("talker: ") for line in said[at : at + 500]))
                reader.look()
            level(talker, [reader], "the end")
            assert reader.heard("flood") == said
            assert memory(server.process.pid) - before < GROWTH
            stopped.send_signal(signal.SIGCONT)
            wait_for(lambda: b"talker: the end\n" in screen.read_bytes())
            seen = screen.read_text().splitlines()
            assert [line for line in seen if "flood" in line] == said
            assert not any("skipped" in line for line in seen)
        finally:
            stopped.kill()
            stopped.wait(PATIENCE)
