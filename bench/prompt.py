"""What a prompt costs: the same room in line mode, in character mode, and over SSH.

    python -m bench.prompt [--members 1000] [--lines 200] [--ssh 200]

One member talks, all others have an empty prompt; each line is awaited by all before the next.  Compared is the
processor time of the server for each delivered line, which does not depend on how slow the members are: they are
plain Python here.  For SSH the members are conch clients, and what is noted is the server's memory for each.

Must not know the crowd or the scenarios.
Source: proc(5) for the processor time and memory of a process.
"""

from __future__ import annotations

import argparse
import os
import selectors
import socket
import time
from pathlib import Path

from bench import machine
from bench.peers import PEERS, running

_TICK = os.sysconf("SC_CLK_TCK")
_CHARACTER_MODE = b"/set input char\r\n\xff\xfd\x01\xff\xfd\x03"  # and IAC DO ECHO, IAC DO SGA
_PATIENCE = 30.0


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


class Room:
    """Members of one room, all in one mode."""

    def __init__(self, port: int, members: int, *, prompts: bool) -> None:
        self._selector = selectors.DefaultSelector()
        self._members = [self._enter(port, f"m{number}", prompts) for number in range(members)]
        for member in self._members:
            member.setblocking(False)
            self._selector.register(member, selectors.EVENT_READ, member)
        self._drain(2.0)

    def _enter(self, port: int, name: str, prompts: bool) -> socket.socket:  # noqa: FBT001
        member = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        self._await(member, b"name: ")
        member.sendall(name.encode() + b"\r\n")
        self._await(member, b"/help")
        if prompts:
            member.sendall(_CHARACTER_MODE)
            self._await(member, b"/set input char")
        return member

    def _await(self, member: socket.socket, sign: bytes) -> None:
        seen = b""
        while sign not in seen:
            data = member.recv(65536)
            if not data:
                raise ConnectionError(seen[-200:])
            seen += data

    def _drain(self, quiet: float) -> None:
        while ready := self._selector.select(quiet):
            for key, _events in ready:
                key.data.recv(65536)

    def say(self, text: bytes) -> None:
        """Say a line as the first member, and wait until all others have it."""
        self._members[0].sendall(text + b"\r\n")
        waiting = set(self._members[1:])
        end = time.monotonic() + _PATIENCE
        while waiting:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(waiting)} did not get {text!r}")
            for key, _events in self._selector.select(1.0):
                if text in key.data.recv(65536):
                    waiting.discard(key.data)

    def leave(self) -> None:
        """Close them all."""
        for member in self._members:
            member.close()


def microseconds(members: int, lines: int, *, prompts: bool) -> float:
    """Return the server's processor time for each delivered line."""
    peer = next(peer for peer in PEERS if peer.key == "ours")
    with running(peer) as server:
        room = Room(server.port, members, prompts=prompts)
        before = _processor_seconds(server.pid)
        for number in range(lines):
            room.say(b"line number %06d, as long as most of what people say to each other" % number)
        spent = _processor_seconds(server.pid) - before
        room.leave()
    return spent / lines / (members - 1) * 1e6


def main() -> None:
    """Measure both modes in turn, three times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=200)
    options = parser.parse_args()
    machine.raise_descriptors(options.members)
    print("| run | line mode | character mode | ratio |\n|---|---:|---:|---:|")
    for run in range(3):
        plain = microseconds(options.members, options.lines, prompts=False)
        prompt = microseconds(options.members, options.lines, prompts=True)
        print(f"| {run + 1} | {plain:.2f} µs | {prompt:.2f} µs | {prompt / plain:.2f} |")


if __name__ == "__main__":
    main()
