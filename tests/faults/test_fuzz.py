"""Hostile bytes at every door, and a watcher beside them who must not notice.

What a seed sends is always the same: `FAULTS_SEED=123456 pytest tests/faults/test_fuzz.py` begins at that seed, and a
seed that did harm is kept in KEPT.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import socket
import subprocess
from typing import TYPE_CHECKING, Final, Self

import pytest

from guests import Guest, descriptors, history, level, memory
from hostile import AS_TERMINAL, peer
from running import PATIENCE, Running, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hostile import Peer

pytestmark = pytest.mark.e2e

DOORS: Final = ("telnet", "plain", "ssh")
FIRST: Final = int(os.environ.get("FAULTS_SEED", "1"))
CASES: Final = int(os.environ.get("FAULTS_CASES", "600"))
AT_ONCE: Final = 30
KEPT: Final[dict[str, list[int]]] = {"telnet": [], "plain": [], "ssh": []}
GROWTH: Final = 100  # megabytes that all of it may add

# Nothing of this is ever shown to a reader; a tab is text.
FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufeff\ud800-\udfff]"
)

# What we ourselves send: telnet's options, and to a terminal where the cursor goes, colours and the bell of a mention.
OPTIONS: Final = re.compile(rb"\xff[\xfb-\xfe].|\xff\xfa.*?\xff\xf0|\r\0", re.DOTALL)
OURS: Final = re.compile("\x1b\\[\\??[0-9;]*[A-Hhl]|\x1b\\[[0-9;]*[JKm]|\x07")


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, "--rate", "off", doors=DOORS) as running:
        yield running


class Attack:
    """Hostile peers at once, who send their pieces in turn."""

    def __init__(self, port: int, peers: Sequence[Peer], chance: random.Random) -> None:
        self._peers = [
            (peer, list(peer.pieces), socket.create_connection(("127.0.0.1", port), PATIENCE))
            for peer in peers
        ]
        self._chance = chance

    def run(self) -> None:
        """Send everything that the server takes; then those go who do not stay."""
        waiting = list(self._peers)
        while waiting:
            chosen = self._chance.choice(waiting)
            peer, pieces, connection = chosen
            if not pieces or not self._send(connection, pieces.pop(0), reads=peer.reads):
                waiting.remove(chosen)
                self._go(connection, peer.going)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        for _peer, _pieces, connection in self._peers:
            connection.close()

    def _send(self, connection: socket.socket, data: bytes, *, reads: bool) -> bool:
        """Send a piece; return whether to go on."""
        try:
            if reads:
                self._read(connection)
            return connection.send(data, socket.MSG_DONTWAIT) == len(data)
        except OSError:  # it was sent away, or is not read from
            return False

    def _read(self, connection: socket.socket) -> None:
        while select.select([connection], [], [], 0)[0]:
            if not connection.recv(1 << 20, socket.MSG_DONTWAIT):
                raise BrokenPipeError

    def _go(self, connection: socket.socket, going: str) -> None:
        if going == "close":
            connection.close()
        elif going == "half":
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        elif going == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()


class Watch:
    """A talker, two watchers and a terminal, who are served as if nothing happened."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.talker = Guest(server.ports["plain"], "steady")
        self.watchers = [
            Guest(server.ports["plain"], "watcher"), Guest(server.ports["telnet"], "listener"),
        ]  # fmt: skip
        self.terminal = Guest(server.ports["telnet"])
        self.terminal.send(AS_TERMINAL + b"emulator\r\0")
        self.terminal.until(b"/help lists the commands.")
        self.marks: list[str] = []
        self._before = memory(server.process.pid)
        self._open = descriptors(server.process.pid)

    def check(self, what: object) -> None:
        """Say something, and look at what all have seen since."""
        self.marks.append(f"mark {len(self.marks)};")
        assert self.server.process.poll() is None, f"dead after {what}"
        level(self.talker, [*self.watchers, self.terminal], self.marks[-1])
        for watcher in self.watchers:
            self._check(OPTIONS.sub(b"", watcher.seen).decode(), what)
        self._check(OURS.sub("", OPTIONS.sub(b"", self.terminal.seen).decode()), what)
        log = self.server.log.read_text(errors="replace")
        assert "Traceback" not in log, f"{what}:\n{log[-3000:]}"

    def _check(self, text: str, what: object) -> None:
        found = FORBIDDEN.search(text)
        assert not found, (
            f"{what}: {found and text[max(0, found.start() - 80) : found.end() + 20]!r}"
        )

    def check_history(self) -> None:
        """All marks were seen once and in order, and everything that was seen said is in the history so."""
        stored = history(self.server.folder)
        assert [line for line in stored if line.startswith("steady: mark")] == [
            f"steady: {mark}" for mark in self.marks
        ]
        for watcher in self.watchers:
            assert watcher.heard("steady: mark") == [f"steady: {mark}" for mark in self.marks]
            lines = iter(stored)
            for line in watcher.heard(": "):
                if re.match(r"h\d+: ", line):
                    assert any(line == one for one in lines), f"not in its place: {line!r}"

    def check_the_end(self) -> None:
        """What was seen is kept, and what was used is given back."""
        self.check_history()
        pid = self.server.process.pid
        # The log opens files of its own when it is first asked.
        wait_for(lambda: descriptors(pid) <= self._open + 8, lambda: descriptors(pid))
        grown = memory(pid) - self._before
        assert grown < GROWTH, f"it grew by {grown} MB"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        for guest in (self.talker, self.terminal, *self.watchers):
            guest.close()


def attack(server: Running, door: str, seeds: Sequence[int]) -> None:
    with Watch(server) as watch:
        for at in range(0, len(seeds), AT_ONCE):
            some = seeds[at : at + AT_ONCE]
            peers = [peer(door, seed) for seed in some]
            with Attack(server.ports[door], peers, random.Random(some[0])) as hostile:
                hostile.run()
                watch.check(f"{door}, seeds {some[0]} to {some[-1]}")
        watch.check_the_end()
        if door != "ssh" and len(seeds) > AT_ONCE:  # no bytes get through the handshake by chance
            said = [line for line in history(server.folder) if line.startswith("h")]
            assert len(said) > len(seeds) // 3, "too little came in to show anything"


@pytest.mark.parametrize("door", DOORS)
def test_what_once_did_harm_does_none(fuzzed: Running, door: str) -> None:
    attack(fuzzed, door, [*range(1, 10), *KEPT[door]])


@pytest.mark.faults
@pytest.mark.parametrize("door", DOORS)
def test_hostile_peers_harm_nobody(fuzzed: Running, door: str) -> None:
    attack(fuzzed, door, range(FIRST, FIRST + CASES))


@pytest.mark.faults
@pytest.mark.parametrize("terminal", ["-T", "-tt"])
def test_hostile_keys_behind_a_real_ssh(fuzzed: Running, terminal: str, tmp_path: Path) -> None:
    """Behind the handshake: what a seed sends at the telnet door, typed into ssh."""
    with Watch(fuzzed) as watch:
        for seed in range(FIRST, FIRST + CASES // 30):
            data = b"".join(peer("telnet", seed).pieces)
            subprocess.run(
                [needs("ssh"), terminal, "-F", "none", "-p", str(fuzzed.ports["ssh"]), "-o", "BatchMode=yes",
                 "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known",
                 "-o", "LogLevel=QUIET", "-e", "none", f"h{seed}@127.0.0.1"],
                input=data + b"\n/quit\n\x15\x03\x04", capture_output=True, timeout=PATIENCE,
                check=False,
            )  # fmt: skip
            watch.check(f"ssh {terminal}, seed {seed}")
        watch.check_the_end()
