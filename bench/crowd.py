"""The load generator, seen from Python: a process that is told what to do and answers in JSON.

Must not know the scenarios or the figures. Source: the head of load.c.
"""

import json
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import machine
from bench.build import compiled
from bench.peers import Failed, Peer, Server

GRACE = 10.0  # seconds beyond its own limit, before the generator counts as hanging


class TooSlow(Failed):
    """Members did not get in within the time: another try would take as long."""


class Crowd:
    """All members of one server's room."""

    def __init__(self, process: subprocess.Popen[bytes], peer: Peer) -> None:
        self.process = process
        self.peer = peer

    def ask(self, verb: str, *numbers: float, seconds: float) -> dict[str, Any]:
        """Have the load generator do one command; return what it measured."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        command = " ".join([verb, *(f"{number:g}" for number in numbers), f"{seconds:g}"])
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed("the load generator is gone") from None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds + GRACE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise Failed(f"no answer to {verb!r} from the load generator")
        answer: dict[str, Any] = json.loads(line)
        problem = answer.get("error") or answer.get("fatal")
        if problem:
            raise (TooSlow if verb == "join" else Failed)(str(problem))
        return answer

    def join(self, members: int, seconds: float) -> float:
        """Fill the room up to so many members; return the seconds until all were in.

        Then wait until all that this made the server say has arrived.
        """
        taken = float(self.ask("join", members, self.peer.window, seconds=seconds)["seconds"])
        self.settle(self.peer.late_ms)
        return taken

    def settle(self, least_ms: int = 0) -> None:
        """Wait until nothing is under way any more, which may be silent at first."""
        self.ask("settle", least_ms, seconds=30)


@contextmanager
def gathered(peer: Peer, server: Server) -> Iterator[Crowd]:
    """Start a load generator on its own core, and end it whatever happens."""
    program = compiled("load")
    with machine.pinned(machine.two_cores()[1]):
        process = subprocess.Popen(
            [str(program), str(server.port), peer.dialect],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    try:
        yield Crowd(process, peer)
    finally:
        # The server first: hanging up 8,000 makes some of them tell 7,999 of each.
        server.process.kill()
        process.kill()
        process.communicate()
