"""The SSH door, with the real OpenSSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import asyncssh
import pytest

from running import PATIENCE, Running, Terminal, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

OPTIONS: Final = (
    "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    "-o", "IdentitiesOnly=yes",
)  # fmt: skip
MOST_GROWTH: Final = 16 * 1024  # KiB that a paste may cost for a moment: a bound, no measure


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, "--rate", "off", doors=("ssh", "plain")) as running:
        yield running
        running.stop()
        assert "Traceback" not in running.log.read_text()


def words(server: Running, name: str, *more: str, key: Path | None = None) -> list[str]:
    """Return the words that make `ssh` come in by that name."""
    return [
        *OPTIONS, "-o", f"IdentityFile={key or 'none'}", "-p", str(server.ports["ssh"]), *more,
        f"{name}@127.0.0.1",
    ]  # fmt: skip


@contextmanager
def ssh(server: Running, name: str, *more: str, key: Path | None = None) -> Iterator[Terminal]:
    with Terminal(needs("ssh"), *words(server, name, *more, key=key)) as terminal:
        yield terminal


def run(
    server: Running, name: str, *more: str, said: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run `ssh` without a terminal, to its end."""
    return subprocess.run(
        [needs("ssh"), *words(server, name, *more)], input=said, capture_output=True,
        timeout=6 * PATIENCE, check=False,
    )  # fmt: skip


def sees(terminal: Terminal, text: str) -> None:
    """Wait until the text stands somewhere on the screen."""
    wait_for(lambda: text in "\n".join(terminal.lines()), lambda: "\n".join(terminal.lines()))


def memory(server: Running) -> int:
    """Return how many KiB the server has."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


class Listener:
    """A program at the plain door."""

    def __init__(self, server: Running, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE)
        self.seen = b""
        self.say(name)
        self.hears("/help")

    def say(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\n")

    def hears(self, text: str) -> None:
        while text.encode() not in self.seen:
            data = self.socket.recv(1 << 20)
            assert data
            self.seen += data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.socket.close()


def test_two_guests_talk(server: Running) -> None:
    with ssh(server, "alice") as alice, ssh(server, "Борис") as boris:
        sees(alice, "You are alice. /help lists the commands.")
        sees(boris, "You are Борис.")
        alice.type("привет, мир\r")
        sees(boris, "alice: привет, мир")
        boris.type("hello to you\r")
        sees(alice, "Борис: hello to you")
        alice.type("/quit\r")
        alice.ends()
        alice.child.wait()
        assert alice.child.exitstatus == 0


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_with_a_key(server: Running, tmp_path: Path, kind: str) -> None:
    key = tmp_path / "key"
    subprocess.run([needs("ssh-keygen"), "-q", "-t", kind, "-N", "", "-f", key], check=True)
    with ssh(server, "alice", "-o", "PreferredAuthentications=publickey", key=key) as alice:
        sees(alice, "You are alice.")


def test_both_sides_agree_on_strict_kex(server: Running) -> None:
    """OpenSSH since 9.6, and as Debian has mended 9.2."""
    done = run(server, "alice", "-vvv", "-T", "-o", "RekeyLimit=16K", said=b"/help\n" * 50)
    assert done.returncode == 0
    assert b"will use strict KEX ordering" in done.stderr
    assert b"resetting read seqnr" in done.stderr
    assert done.stderr.count(b"SSH2_MSG_NEWKEYS received") > 1
    assert done.stdout.count(b"/help") >= 50


@pytest.mark.parametrize("has_key", [False, True])
def test_a_program_comes_in_with_asyncssh(server: Running, has_key: bool) -> None:
    """Without a key it asks `none`, once."""
    keys = [asyncssh.generate_private_key("ssh-ed25519")] if has_key else None

    async def talk() -> str:
        async with (
            asyncio.timeout(PATIENCE),
            asyncssh.connect(
                "127.0.0.1", server.ports["ssh"], username="robot", known_hosts=None, config=None,
                agent_path=None, client_keys=keys,
            ) as connection,
        ):  # fmt: skip
            done = await connection.run(input="hello\n")
            assert isinstance(done.stdout, str)
            return done.stdout

    with Listener(server, "anna") as anna:
        assert "-- You are robot." in asyncio.run(talk())
        anna.hears("robot: hello\n")


def test_a_taken_name_is_asked_again(server: Running) -> None:
    with Listener(server, "alice"), ssh(server, "alice") as other:
        sees(other, "“alice” is taken")  # and, on a slow machine, how long she is silent
        other.type("bob\r")
        sees(other, "You are bob.")


def test_a_line_that_comes_leaves_the_half_typed_one_whole(server: Running) -> None:
    with ssh(server, "alice") as alice, Listener(server, "anna") as anna:
        sees(alice, "You are alice.")
        alice.type("half a sen")
        sees(alice, "half a sen")
        anna.say("here I come")
        sees(alice, "anna: here I come")
        assert alice.lines()[-1].endswith("half a sen")
        alice.type("tence\r")
        anna.hears("alice: half a sentence\n")


def test_a_window_change_reaches_the_editor(server: Running) -> None:
    with ssh(server, "alice") as alice, Listener(server, "anna") as anna:
        sees(alice, "You are alice.")
        alice.child.setwinsize(24, 40)
        alice.screen.resize(24, 40)
        alice.type("x" * 60)
        wait_for(lambda: len(alice.lines()) >= 2 and set(alice.lines()[-1]) == {"x"}, alice.lines)
        alice.type("\r")
        anna.hears("alice: " + "x" * 60)


def test_a_dumb_terminal_edits_by_itself(server: Running) -> None:
    words_ = ["TERM=dumb", needs("ssh"), *words(server, "alice")]
    with Terminal("env", *words_) as alice, Listener(server, "anna") as anna:
        sees(alice, "You are alice.")
        alice.type("helloo\x7f\r")
        anna.hears("alice: hello\n")
        alice.key("d")
        anna.hears("alice left")


def test_a_file_is_said_whole(server: Running) -> None:
    said = "".join(f"line {number}\n" for number in range(500)) + "the end"
    with Listener(server, "anna") as anna:
        done = run(server, "pipe", "-T", said=said.encode())
        anna.hears("pipe: the end\n")
        heard = re.findall(r"pipe: (.*)\n", anna.seen.decode())
    assert done.returncode == 0
    assert heard == said.splitlines()
    assert done.stdout.endswith(b"-- Goodbye.\n")


def test_keys_are_changed_while_lines_come_and_go(server: Running) -> None:
    done = run(server, "pipe", "-T", "-o", "RekeyLimit=16K", said=b"/help all\n" * 50)
    assert done.returncode == 0
    assert done.stdout.count(b"/help") >= 50


@pytest.mark.parametrize("command", [["ls"], ["-T", "rm", "-rf", "/"]])
def test_commands_are_refused(server: Running, command: list[str]) -> None:
    flags = [word for word in command if word == "-T"]
    rest = [word for word in command if word != "-T"]
    done = subprocess.run(
        [needs("ssh"), *words(server, "alice", *flags), *rest], capture_output=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"This is a chat: it runs no commands" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("program", ["sftp", "scp"])
def test_files_are_refused(server: Running, tmp_path: Path, program: str) -> None:
    where = {"sftp": ["alice@127.0.0.1"], "scp": ["alice@127.0.0.1:x", str(tmp_path / "x")]}
    done = subprocess.run(
        [needs(program), *OPTIONS, "-P", str(server.ports["ssh"]), *where[program]],
        capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode not in (0, None)
    assert b"moves no files" in done.stderr


def test_forwarding_is_refused(server: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ssh(server, "alice", "-L", f"{port}:127.0.0.1:22", "-R", "0:127.0.0.1:22") as alice:
        sees(alice, "remote port forwarding failed")
        sees(alice, "You are alice.")
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as through:
            assert through.recv(100) == b""
        wait_for(
            lambda: "This is a chat: it forwards nothing." in "".join(alice.lines()), alice.lines
        )
        alice.type("still here\r")


@pytest.mark.parametrize(
    "weak",
    ["Ciphers=aes128-cbc", "Ciphers=3des-cbc", "MACs=hmac-sha1", "MACs=hmac-md5",
     "KexAlgorithms=diffie-hellman-group14-sha1", "KexAlgorithms=diffie-hellman-group1-sha1",
     "HostKeyAlgorithms=ssh-rsa"],
)  # fmt: skip
def test_weak_algorithms_are_refused(server: Running, weak: str) -> None:
    done = run(server, "alice", "-T", "-o", weak)
    assert done.returncode == 255
    assert b"no matching" in done.stderr


@pytest.mark.parametrize("kex", ["curve25519-sha256", "ecdh-sha2-nistp256", "ecdh-sha2-nistp521"])
@pytest.mark.parametrize("cipher", ["aes128-ctr", "aes256-ctr"])
def test_what_is_spoken_is_understood(server: Running, kex: str, cipher: str) -> None:
    done = run(server, "alice", "-T", "-o", f"KexAlgorithms={kex}", "-o", f"Ciphers={cipher}")
    assert done.returncode == 0


def test_the_key_is_told_and_stays(server: Running, tmp_path: Path) -> None:
    path = tmp_path / "data" / "ssh_host_ed25519_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    seen = run(server, "alice", "-T", "-o", "LogLevel=DEBUG1").stderr.decode()
    (shown,) = set(re.findall(r"Server host key: ssh-ed25519 (SHA256:\S+)", seen))
    assert f"ED25519 {shown}\n" in server.log.read_text()
    before = path.read_bytes()
    assert server.stop() in (0, -signal.SIGTERM)
    server.start()
    assert path.read_bytes() == before
    assert shown in server.log.read_text()


def test_ten_thousand_lines_typed_by_a_program_do_no_harm(server: Running) -> None:
    """They end in LF, which no terminal makes of a paste: the person typing is not asked whether to send them."""
    with (
        ssh(server, "alice") as alice,
        Listener(server, "anna") as anna,
        Listener(server, "boris") as boris,
    ):
        sees(alice, "You are alice.")
        before = memory(server)
        paste(alice, "".join(f"line {number}\n" for number in range(10_000)))
        anna.say("can you hear me?")
        boris.hears("anna: can you hear me?")
        hears_while_read(anna, alice, "alice: line 9999\n")
        assert memory(server) - before < MOST_GROWTH


def test_thousands_of_lines_pasted_are_asked_about(server: Running) -> None:
    with ssh(server, "alice") as alice, Listener(server, "anna") as anna:
        sees(alice, "You are alice.")
        paste(alice, "".join(f"line {number}\r" for number in range(5000)))
        sees(alice, "Send 5000 lines? (y/n)")
        anna.say("can you hear me?")
        sees(alice, "anna: can you hear me?")
        assert b"alice: " not in anna.seen
        alice.type("n")
        wait_for(lambda: alice.lines()[-1] == ">", alice.lines)
        alice.type("no more of that\r")
        anna.hears("alice: no more of that")


def test_a_line_of_a_megabyte_does_no_harm(server: Running) -> None:
    with (
        ssh(server, "alice") as alice,
        Listener(server, "anna") as anna,
        Listener(server, "boris") as boris,
    ):
        sees(alice, "You are alice.")
        before = memory(server)
        paste(alice, "x" * 1_000_000)
        anna.say("can you hear me?")
        boris.hears("anna: can you hear me?")
        paste(alice, "\x15and on\r")
        hears_while_read(anna, alice, "alice: and on\n")
        assert memory(server) - before < MOST_GROWTH


def hears_while_read(listener: Listener, terminal: Terminal, text: str) -> None:
    """Wait for a line while the terminal is read from: a client that does not read is not read from either."""
    listener.socket.settimeout(0.02)
    end = time.monotonic() + 6 * PATIENCE
    while text.encode() not in listener.seen:
        assert time.monotonic() < end, listener.seen[-200:]
        drain(terminal)
        with contextlib.suppress(TimeoutError):
            listener.seen += listener.socket.recv(1 << 20)


def paste(terminal: Terminal, text: str) -> None:
    """Paste, as a terminal does: it shows what comes while it sends, since a client that reads nothing is not read."""
    left, end = text.encode(), time.monotonic() + 6 * PATIENCE
    while left:
        assert time.monotonic() < end, f"{len(left)} bytes were not taken"
        drain(terminal)
        os.set_blocking(terminal.child.child_fd, False)
        with contextlib.suppress(BlockingIOError):
            left = left[os.write(terminal.child.child_fd, left[:4096]) :]
        os.set_blocking(terminal.child.child_fd, True)


def drain(terminal: Terminal) -> None:
    """Take what has come without waiting for more."""
    os.set_blocking(terminal.child.child_fd, False)
    try:
        while os.read(terminal.child.child_fd, 1 << 16):
            pass
    except BlockingIOError:
        pass
    finally:
        os.set_blocking(terminal.child.child_fd, True)


def test_a_megabyte_without_an_end_from_a_pipe(server: Running) -> None:
    done = run(server, "alice", "-T", said=b"x" * 1_000_000)
    assert b"this is no chat client. Closing." in done.stdout
    assert run(server, "alice", "-T", said=b"/who\n").returncode == 0


def test_nothing_of_conch_is_in_the_log(server: Running) -> None:
    run(server, "alice", "-T", said=b"hello\n")
    run(server, "alice", "ls")
    log = server.log.read_text()
    assert "conch" not in log
    assert "SSHChannel" not in log
