"""Starting and stopping: one clear sentence and exit status 1, or a goodbye and exit status 0."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import pytest

from chatproto import __version__
from running import OPEN, PATIENCE, TWISTD, Running, limited, needs, wait_for

pytestmark = pytest.mark.e2e


def fail(folder: Path, *options: str, files: int = 1024) -> str:
    """Start a server that cannot start; return what it said, beside twistd's own lines."""
    done = subprocess.run(
        limited(files, TWISTD, "-n", "chat", "--language", "en", *options),
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not (folder / "twistd.pid").exists()
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = fail(tmp_path, "--plain", str(port))
    assert sentence == (f"chat: --plain: {port} cannot be opened: Address already in use.")


def test_a_bad_endpoint(tmp_path: Path) -> None:
    assert fail(tmp_path, "--telnet", "nonsense").startswith(
        "chat: --telnet: “nonsense” is neither"
    )


def test_too_few_descriptors(tmp_path: Path) -> None:
    sentence = fail(tmp_path, files=64)
    assert sentence == (
        "chat: This process may open 64 files and connections (ulimit -n); it needs 128 at the least."
    )
    assert not (tmp_path / "chat-data").exists()


def test_with_few_descriptors_few_come_in_and_the_rest_are_told(tmp_path: Path) -> None:
    """The descriptors that are kept back are enough for the server itself, and for saying so."""
    with Running(tmp_path, doors=("plain",), files=128) as server:
        address = ("127.0.0.1", server.ports["plain"])
        peers = [socket.create_connection(address, PATIENCE) for _ in range(70)]
        first = [peer.recv(100) for peer in peers]
        assert first[:64] == [b"Your name: "] * 64
        assert first[64:] == [b"-- The server is full. Try again later.\n"] * 6
        peers[0].sendall(b"boris\n")
        seen = b""
        while b"/help" not in seen:
            seen += peers[0].recv(1000)
        peers[1].sendall(b"anna\nhello\n")
        while b"anna: hello" not in seen:
            seen += peers[0].recv(1000)
        for peer in peers:
            peer.close()


def test_an_unwritable_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = fail(tmp_path, "--data", "file/below")
    assert sentence == "chat: The data directory file/below cannot be written to: Not a directory."


def test_a_directory_in_use(server: Running, tmp_path: Path) -> None:
    data = tmp_path / "data"
    sentence = fail(tmp_path, "--plain", "0", "--data", str(data))
    assert sentence == f"chat: The data directory {data} is in use by another server."


def test_a_database_from_a_newer_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "chat.sqlite") as connection:
        connection.execute("PRAGMA user_version = 1000")
    connection.close()
    assert "was written by a newer version" in fail(tmp_path, "--plain", "0", "--data", ".")


def test_no_database_at_all(tmp_path: Path) -> None:
    (tmp_path / "chat.sqlite").write_text("This is my shopping list. " * 100)
    assert "cannot be used as a chat database" in fail(tmp_path, "--plain", "0", "--data", ".")


def test_an_option_that_will_not_do(tmp_path: Path) -> None:
    assert fail(tmp_path, "--rate", "fast").startswith("chat: --rate takes")


def test_the_version(tmp_path: Path) -> None:
    told = subprocess.run(
        [TWISTD, "chat", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True,
        timeout=PATIENCE,
    )  # fmt: skip
    assert told.stdout == f"chatproto {__version__}\n"


@pytest.mark.parametrize("options", [["--pidfile=/proc/chat.pid"], ["--logfile=/proc/chat.log"]])
@pytest.mark.parametrize("ground", [["-n"], []])
def test_a_file_of_twistds_that_cannot_be_written(
    tmp_path: Path, options: list[str], ground: list[str]
) -> None:
    done = subprocess.run(
        [TWISTD, *ground, *options, "chat", "--plain", "0"], cwd=tmp_path, capture_output=True,
        text=True, timeout=PATIENCE, check=False, env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("chat: The ")
    assert "cannot be written: No such file or directory." in sentence


# -- in the background ------------------------------------------------------------------------------


class Daemon:
    """A server that goes into the background, from `twistd` to its end."""

    def __init__(self, folder: Path, *options: str, locale: str = "C.UTF-8") -> None:
        self.folder = folder
        self.started = subprocess.run(
            [TWISTD, "chat", *options], cwd=folder, capture_output=True, text=True, check=False,
            timeout=PATIENCE, env=os.environ | {"LC_ALL": locale, "PYTHONUTF8": "1"},
        )  # fmt: skip

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return one that was started already."""
        daemon = cls.__new__(cls)
        daemon.folder = folder
        return daemon

    @property
    def pid(self) -> int:
        file = self.folder / "twistd.pid"
        return int(file.read_text()) if file.exists() else 0

    def log(self) -> str:
        return (self.folder / "twistd.log").read_text()

    def greets(self, port: str = "") -> str:
        """Be greeted, which shows that it runs; return the port."""
        port = port or OPEN.findall(self.log())[0][1]
        with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as guest:
            assert guest.recv(99) == b"Your name: "
        return port

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        if not (pid := self.pid):
            return
        try:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not self.pid, self.log)  # it takes its pid file away last
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("C.UTF-8", "chat: --plain: {port} cannot be opened: Address already in use."),
        ("ru_RU.UTF-8", "chat: --plain: не удаётся открыть {port}: адрес уже занят."),
    ],
)
def test_a_daemon_that_cannot_start_says_so_at_the_terminal(
    tmp_path: Path, locale: str, sentence: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Daemon(tmp_path, "--plain", str(port), locale=locale) as daemon:
            assert daemon.started.returncode == 1
            assert daemon.started.stderr.splitlines()[0] == sentence.format(port=port)
    wait_for(lambda: not daemon.pid)  # taken away by twistd, a moment after its parent has ended
    assert sentence.format(port=port) in daemon.log()
    assert "Traceback" not in daemon.log()


def test_a_daemon_starts_and_keeps_nothing_of_the_terminal(tmp_path: Path) -> None:
    # `run` reads stderr to its end: it would wait for a daemon that kept it open
    with Daemon(tmp_path, "--plain", "tcp:0:interface=127.0.0.1") as daemon:
        assert daemon.started.returncode == 0
        assert not daemon.started.stderr
        assert daemon.pid
        daemon.greets()


def test_a_daemon_opens_its_log_anew_on_sighup(tmp_path: Path) -> None:
    with Daemon(tmp_path, "--plain", "tcp:0:interface=127.0.0.1") as daemon:
        port = daemon.greets()
        (tmp_path / "twistd.log").rename(tmp_path / "moved")
        daemon.signal(signal.SIGHUP)
        wait_for((tmp_path / "twistd.log").exists)
        assert daemon.greets(port) == port
        daemon.signal(signal.SIGUSR1)
        wait_for((tmp_path / "twistd.log.1").exists)
    assert "Server Shut Down." in daemon.log()
    assert "door is open" in (tmp_path / "moved").read_text()


# -- an endpoint that listens later -----------------------------------------------------------------

PLUGIN: Final = Path(__file__).parent.parent / "late_plugin.py"


class Late:
    """A server with a door that listens once it is let go on, by an endpoint of a plugin's."""

    def __init__(self, folder: Path, port: int, *before: str) -> None:
        self.folder = folder
        self._told = ""
        plugins = folder / "twisted" / "plugins"
        plugins.mkdir(parents=True)
        shutil.copy(PLUGIN, plugins)
        self.process = subprocess.Popen(
            [TWISTD, *before, "chat", "--plain", f"late:{port}", "--plain", "0"], cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(folder), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    def is_asked(self) -> bool:
        return (self.folder / "asked").exists() or self.process.poll() is not None

    def go_on(self) -> None:
        wait_for(self.is_asked)
        assert self.process.poll() is None
        (self.folder / "go").touch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        (self.folder / "go").touch()
        with Daemon.of(self.folder):
            self.end()

    def end(self) -> tuple[int, str]:
        """Wait for the end of what was started at the terminal; return its status, and what it said."""
        self._told = self._told or self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, self._told


def test_a_daemon_returns_to_the_terminal_when_its_last_door_is_open(tmp_path: Path) -> None:
    with Late(tmp_path, 0) as late:
        late.go_on()
        assert late.end() == (0, "")
        daemon = Daemon.of(tmp_path)
        doors = OPEN.findall(daemon.log())
        assert len(doors) == 2
        for _door, port in doors:
            daemon.greets(port)


@pytest.mark.parametrize("ground", [["-n"], []])
def test_a_door_that_fails_later_ends_it_as_one_that_fails_at_once(
    tmp_path: Path, ground: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Late(tmp_path, port, *ground) as late:
            late.go_on()
            status, told = late.end()
            wait_for(lambda: not (tmp_path / "twistd.pid").exists())
    assert status == 1
    assert told.splitlines()[0] == (
        f"chat: --plain: late:{port} cannot be opened: Address already in use."
    )
    assert "Traceback" not in told


def test_a_server_that_is_ended_while_it_starts_ends(tmp_path: Path) -> None:
    with Late(tmp_path, 0, "-n") as late:
        wait_for(late.is_asked)
        late.process.send_signal(signal.SIGTERM)
        assert late.end() == (-signal.SIGTERM, "")


# -- in the foreground ------------------------------------------------------------------------------


def test_a_terminal_that_closes_ends_it_with_a_goodbye(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [needs("setsid"), "--ctty", TWISTD, "--pidfile=", "-n", "chat",
         "--plain", f"unix:{tmp_path}/door"],
        cwd=tmp_path, stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    try:
        os.close(slave)
        wait_for(lambda: process.poll() is not None or (tmp_path / "door").exists())
        with socket.socket(socket.AF_UNIX) as guest:
            guest.settimeout(PATIENCE)
            guest.connect(f"{tmp_path}/door")
            assert guest.recv(99)
            os.close(master)  # the kernel sends SIGHUP
            told = b"".join(iter(lambda: guest.recv(999), b""))
        assert b"-- The server is going down. Goodbye.\n" in told
        process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode in (0, 120)  # Python: the terminal could not be flushed at the end


def test_without_options_all_doors_are_open_on_loopback(tmp_path: Path) -> None:
    for port in (8023, 8080, 8022):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port} is in use here")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([TWISTD, "-n", "chat"], cwd=tmp_path, stdout=log, stderr=log)
    read = (tmp_path / "log").read_text
    ways = ("telnet 127.0.0.1 8023", "nc 127.0.0.1 8080", "ssh -p 8022 NAME@127.0.0.1")
    wait_for(lambda: all(way in read() for way in ways), read)
    assert (tmp_path / "chat-data" / "chat.sqlite").exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == -signal.SIGTERM  # as twistd ends: it says which signal it was


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_goodbye_and_commits(
    server: Running, tmp_path: Path, ending: signal.Signals
) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as guest:
        guest.sendall(b"alice\n")
        while b"/help" not in guest.recv(65536):
            pass
        guest.sendall(b"my last words\n")
        wait_for(lambda: bool(words(tmp_path)))
        server.process.send_signal(ending)
        assert b"-- The server is going down. Goodbye.\n" in b"".join(
            iter(lambda: guest.recv(999), b"")
        )
    server.process.wait(PATIENCE)
    assert server.process.returncode in (0, -ending)
    assert words(tmp_path) == ["my last words"]


def words(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "data" / "chat.sqlite")
    try:
        return [text for (text,) in connection.execute("SELECT text FROM event")]
    finally:
        connection.close()


def test_a_peer_that_does_not_read_does_not_keep_it_from_stopping(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as deaf:
        deaf.sendall(b"deaf\n")
        assert server.stop() in (0, -signal.SIGTERM)
