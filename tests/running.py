"""A real server in a process of its own, and real clients in pseudo-terminals."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pexpect
import pyte
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 10.0  # seconds that anything may take before a test gives up
TWISTD: Final = str(Path(sys.executable).parent / "twistd")
OPEN: Final = re.compile(
    r"The (\w+) door is open\. To join: .*?[ :](\d+)(?: NAME@\S+)?\s*$", re.MULTILINE
)


def needs(program: str) -> str:
    """Return the path of a real client; in CI one that is missing is a failure."""
    path = shutil.which(program)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{program} is not installed; .ci/run installs it")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def wait_for(what: Callable[[], bool], seen: Callable[[], object] = lambda: "") -> None:
    """Wait until it is so; fail when it takes too long, showing what is seen instead."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, f"waited too long; seen:\n{seen()}"
        time.sleep(0.02)


def limited(files: int, *command: str) -> list[str]:
    """Return the command that runs a command with so many descriptors."""
    return ["bash", "-c", f'ulimit -n {files}; exec "$@"', "bash", *command]


class Running:
    """A server that runs."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        doors: tuple[str, ...] = ("telnet", "plain", "ssh"),
        files: int | None = None,
        before: tuple[str, ...] = (),
    ) -> None:
        """Start it; `before` are words of a program that runs it."""
        self.folder = folder
        self.log = folder / "log"
        named = [word for door in doors for word in (f"--{door}", "tcp:0:interface=127.0.0.1")]
        self.command = [
            *before, TWISTD, "--pidfile=", "-n", "chat", *named, "--data", str(folder / "data"),
            "--language", "en", *options,
        ]  # fmt: skip
        if files:
            self.command = limited(files, *self.command)
        known = {"--telnet", "--plain", "--ssh", *named[::2]}
        self._doors = sum(word in known for word in self.command)
        self.start()

    def start(self) -> None:
        """Start, and wait until the doors are open."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        wait_for(lambda: self.is_open() or self.process.poll() is not None, self.log.read_text)
        assert self.is_open(), self.log.read_text()
        self.ports = {door: int(port) for door, port in OPEN.findall(self.log.read_text())}

    def is_open(self) -> bool:
        return len(OPEN.findall(self.log.read_text())) == self._doors

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """End it as its user would."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        if self.process.poll() is None:
            self.stop()


class Terminal:
    """A program in a pseudo-terminal, and what its screen shows."""

    def __init__(self, command: str, *arguments: str, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        environment: Any = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.child = pexpect.spawn(
            command, list(arguments), dimensions=(rows, columns), env=environment, timeout=PATIENCE
        )
        self.child.delaybeforesend = None

    def type(self, text: str) -> None:
        """Type; `\\r` is Enter."""
        self.child.send(text.encode())

    def key(self, letter: str) -> None:
        """Press Control and a letter."""
        self.child.sendcontrol(letter)

    def _look(self) -> None:
        try:
            while True:
                self._stream.feed(self.child.read_nonblocking(65536, timeout=0.02))
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    def lines(self) -> list[str]:
        """Return the screen's lines that are not empty."""
        self._look()
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def shows(self, *wanted: str) -> None:
        """Wait until these stand on the screen as whole lines, in this order, one under the other."""
        wait_for(lambda: _is_run(list(wanted), self.lines()), lambda: "\n".join(self.lines()))

    def ends(self) -> None:
        """Wait until the program ends."""
        self.child.expect(pexpect.EOF)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.child.close(force=True)


def _is_run(wanted: list[str], lines: list[str]) -> bool:
    return any(
        lines[place : place + len(wanted)] == wanted
        for place in range(len(lines) - len(wanted) + 1)
    )


class Tmux:
    """A program in a pane of a tmux of its own: a real terminal, whose screen can be read."""

    def __init__(self, folder: Path, command: str, columns: int = 80, rows: int = 24) -> None:
        self._tmux = [needs("tmux"), "-S", str(folder / "tmux"), "-f", "/dev/null"]
        environment = os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        environment.pop("TMUX", None)
        size = ["-x", str(columns), "-y", str(rows)]
        subprocess.run(
            [*self._tmux, "new-session", "-d", *size, command],
            env=environment, check=True, timeout=PATIENCE,
        )  # fmt: skip

    def _ask(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return done.stdout

    def type(self, text: str) -> None:
        """Type text, as it is."""
        self._ask("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them."""
        self._ask("send-keys", *keys)

    def paste(self, text: str, *, marked: bool = True) -> None:
        """Paste, as a terminal does that marks what is pasted, or as one that does not."""
        self._ask("set-buffer", text)
        self._ask("paste-buffer", *(["-p", "-r"] if marked else []))

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._ask("resize-window", "-x", str(columns), "-y", str(rows))

    def lines(self) -> list[str]:
        """Return the screen's rows down to the last one that is not empty."""
        return [row.rstrip() for row in self._ask("capture-pane", "-p").rstrip().split("\n")]

    def joined(self) -> list[str]:
        """Return the screen's lines, each whole that the terminal has wrapped by itself."""
        return [row.rstrip() for row in self._ask("capture-pane", "-p", "-J").rstrip().split("\n")]

    def colours(self) -> str:
        """Return the screen with its colours."""
        return self._ask("capture-pane", "-p", "-e")

    def cursor(self) -> tuple[int, int]:
        """Return the cursor's column, and its row counted from the last one that is not empty: 0, -1, ..."""
        column, row = self._ask("display", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(row) - len(self.lines()) + 1

    def shows(self, *wanted: str) -> None:
        """Wait until these are the last rows of the screen."""
        wait_for(
            lambda: self.lines()[-len(wanted) :] == list(wanted), lambda: "\n".join(self.lines())
        )

    def stands_at(self, column: int, row: int = 0) -> None:
        """Wait until the cursor is there."""
        wait_for(lambda: self.cursor() == (column, row), self.cursor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self._ask("kill-server")
