"""The servers compared: how each is started, what it speaks, whether it is here.

Limits that guard a public server (rates, connections per address, queues) are lifted in all of
them, look-ups of names are off, and nothing else is changed. Each gets the same core to itself.

Must not know the crowd, the scenarios or the figures.
Sources: ngircd.conf(5), InspIRCd's docs/conf, NATS's configuration page.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path

from bench import machine
from bench.build import BUILT, compiled

HERE = Path(__file__).parent
START_SECONDS = 20.0  # Twisted takes about one on a busy machine
SYSTEM_PROGRAMS = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"]
)


class Missing(Exception):
    """A peer is not on this machine; the text says what is missing."""


class Failed(Exception):
    """A peer did not do what was asked; the text says what happened instead."""


@dataclass(frozen=True)
class Peer:
    """One server, as a row in the table below."""

    key: str
    title: str
    dialect: str  # of load.c
    command: Callable[[Path, int], list[str]]  # writes what it needs into the folder
    version: Callable[[], str]  # raises Missing
    # Connections that may wait to be accepted: below the server's backlog, since beyond that the
    # kernel drops the handshake and the client tries again a whole second later.
    window: int = 1000
    late_ms: int = 0  # after a join, what it made the server say may come so late
    announces: bool = True  # tells a room which members have come in


# ---- how each is started


def _ours(data: str, folder: Path, port: int) -> list[str]:
    return [
        *_twistd(), "chat", "--telnet", f"tcp:{port}:interface=127.0.0.1", "--rate", "off",
        "--data", data or str(folder / "data"),
    ]  # fmt: skip


def _python(module: str, folder: Path, port: int) -> list[str]:
    del folder
    return [sys.executable, "-m", f"bench.{module}", str(port)]


def _limit(folder: Path, port: int) -> list[str]:
    del folder
    return [str(compiled("limit")), str(port)]


NGIRCD_CONFIG = """\
[Global]
Name = bench.example.org
Info = bench
Listen = 127.0.0.1
Ports = {port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""

INSPIRCD_CONFIG = """\
<config format="xml">
<server name="bench.example.org" description="bench" network="bench" id="001">
<admin name="bench" nick="bench" email="bench@example.org">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/pid">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="1h" hardsendq="1G" softsendq="1G" recvq="16M"
  threshold="1000000" commandrate="1000000" fakelag="no" localmax="20000" globalmax="20000"
  limit="20000" maxconnwarn="no" resolvehostnames="no" useident="no">
<performance somaxconn="1024" softlimit="20000" clonesonconnect="no">
<log method="file" type="*" level="default" target="log">
"""

NATS_CONFIG = """\
listen: "127.0.0.1:{port}"
max_connections: 20000
max_pending: 1GB
write_deadline: "60s"
ping_interval: "1h"
"""


def _configured(text: str, program: str, options: list[str], folder: Path, port: int) -> list[str]:
    config = folder / "config"
    config.write_text(text.format(port=port, folder=folder))
    return [_program(program), *options, str(config)]


# ---- whether each is here


def _twistd() -> list[str]:
    return [str(Path(sys.executable).with_name("twistd")), "--pidfile=", "-n"]


def _program(name: str) -> str:
    found = shutil.which(name, path=SYSTEM_PROGRAMS)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def _asked(program: str, option: str) -> str:
    said = subprocess.run(
        [_program(program), option], capture_output=True, text=True, check=False, timeout=10
    )
    words = (said.stdout or said.stderr).splitlines()[0].replace("-", " ").split()
    return next((word for word in words if word.lstrip("v")[:1].isdigit()), "?").lstrip("v")


def _our_version() -> str:
    if not (HERE.parent / "chatproto" / "tap.py").exists():
        raise Missing("chatproto/tap.py is not written yet")
    import chatproto  # noqa: PLC0415 - only where it is there

    return str(chatproto.__version__)


def _python_version() -> str:
    return sys.version.split()[0]


def _twisted_version() -> str:
    return installed_version("twisted")


def _no_version() -> str:
    compiled("limit")
    return ""


OURS, IN_MEMORY, NAIVE, WORDS, NGIRCD, INSPIRCD, NATS, EPOLL, LIMIT = (
    "ours", "memory", "naive", "words", "ngircd", "inspircd", "nats", "epoll", "limit",
)  # fmt: skip

PEERS = (
    # Joins are told once a second, all in one line: until then silence proves nothing.
    Peer(OURS, "ours, log on disk", "telnet", partial(_ours, ""), _our_version, late_ms=1200),
    Peer(IN_MEMORY, "ours, log in memory", "telnet", partial(_ours, ":memory:"), _our_version,
         late_ms=1200),
    Peer(NAIVE, "Twisted, naive", "telnet", partial(_python, "naive"), _twisted_version,
         announces=False),
    Peer(WORDS, "twisted.words", "words", partial(_python, "words"), _twisted_version),
    # Its backlog is 10 and cannot be changed.
    Peer(NGIRCD, "ngIRCd", "irc",
         partial(_configured, NGIRCD_CONFIG, "ngircd", ["--nodaemon", "--config"]),
         partial(_asked, "ngircd", "--version"), window=8),
    Peer(INSPIRCD, "InspIRCd", "irc",
         partial(_configured, INSPIRCD_CONFIG, "inspircd",
                 [*(["--runasroot"] if os.geteuid() == 0 else []), "--nofork", "--config"]),
         partial(_asked, "inspircd", "--version")),
    # It pings each client 2 to 2.4 s after the client came, which must not fall into a measurement.
    Peer(NATS, "NATS", "nats", partial(_configured, NATS_CONFIG, "nats-server", ["--config"]),
         partial(_asked, "nats-server", "--version"), late_ms=2500, announces=False),
    Peer(EPOLL, "Python, bare epoll", "raw", partial(_python, "epoll"), _python_version,
         announces=False),
    Peer(LIMIT, "C, bare epoll: the limit", "raw", _limit, _no_version, announces=False),
)  # fmt: skip


# ---- a running one


class Server:
    """A peer's process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    @property
    def pid(self) -> int:
        """The process id, for memory figures."""
        return self.process.pid

    def last_words(self) -> str:
        """Return the last line it printed, for the report of a failure."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][-200:] if lines else "without a word"

    def await_port(self) -> None:
        """Wait until it accepts."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"did not start: {self.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise Failed(f"does not accept after {START_SECONDS:.0f} s: {self.last_words()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def running(peer: Peer) -> Iterator[Server]:
    """Start a peer on the server's core, and end it whatever happens."""
    BUILT.mkdir(exist_ok=True)
    # Not in /tmp, which is memory on many machines: a log on disk must be on disk.
    with tempfile.TemporaryDirectory(dir=BUILT, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # ngIRCd gives up root, and then reads its folder
        log, port = folder / "printed", _free_port()
        command = peer.command(folder, port)
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        with log.open("wb") as printed, machine.pinned(machine.two_cores()[0]):
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=printed, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            server = Server(process, port, log)
            server.await_port()
            yield server
        finally:
            # Not politely: saying goodbye to 8,000 takes some of them a minute.
            process.kill()
            process.wait()
