"""Telnet and the plain door behind TLS, reached with a real TLS client."""

from __future__ import annotations

import re
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from running import PATIENCE, Running, Terminal, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "operations.md"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server with a certificate made by the command that the docs give."""
    needs("openssl")
    (command,) = re.findall(r"^openssl req .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=60)
    door = "ssl:0:interface=127.0.0.1:privateKey=key.pem:certKey=cert.pem"
    with Running(tmp_path, "--telnet", door, doors=("plain",)) as running:
        yield running


def port(server: Running) -> str:
    found = re.search(
        r"openssl s_client -quiet -connect 127\.0\.0\.1:(\d+)", server.log.read_text()
    )
    assert found, "the log does not say how to join"
    return found[1]


def test_openssl_joins_and_talks(server: Running) -> None:
    where = f"127.0.0.1:{port(server)}"
    with (
        Terminal(needs("openssl"), "s_client", "-quiet", "-connect", where) as alice,
        Terminal(needs("nc"), "127.0.0.1", str(server.ports["plain"])) as bob,
    ):
        wait_for(lambda: "Your name:" in alice.lines(), lambda: "\n".join(alice.lines()))
        alice.type("alice\r")
        alice.shows("-- You are alice. /help lists the commands.")
        bob.type("bob\r")
        alice.shows("-- bob joined")
        bob.type("hello\r")
        alice.shows("bob: hello")
        alice.type("hello to you\r")
        bob.shows("hello", "alice: hello to you")


def test_the_certificate_is_the_one_given(server: Running, tmp_path: Path) -> None:
    seen = ssl.get_server_certificate(("127.0.0.1", int(port(server))), timeout=PATIENCE)
    assert seen.split() == (tmp_path / "cert.pem").read_text().split()
