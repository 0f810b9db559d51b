"""What was sent is said, however its sender goes."""

from __future__ import annotations

import socket
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

from guests import Guest, history
from running import Running, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.e2e

PEERS: Final = 30
LINES: Final = 20
DOORS: Final = ("telnet", "plain")


@pytest.fixture(scope="module", params=["5/20", "off"])
def paced(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Running]:
    """A server at a pace at which twenty lines take a second, and one without."""
    folder = tmp_path_factory.mktemp("closing")
    with Running(folder, "--rate", request.param, doors=DOORS) as running:
        yield running
    assert "Traceback" not in running.log.read_text(), running.log.read_text()


_TAGS = count()


@pytest.fixture
def tag() -> str:
    """The beginning of names that no other member has."""
    return f"p{next(_TAGS)}-"


def _close(guest: Guest) -> None:
    guest.close()


def _half_close(guest: Guest) -> None:
    guest.socket.shutdown(socket.SHUT_WR)
    guest.until_left()
    guest.close()


def _close_when_read(guest: Guest) -> None:
    guest.look()
    guest.close()


GOING: Final = (_close, _half_close, _close_when_read)


@pytest.mark.parametrize("go", GOING)
@pytest.mark.parametrize("door", DOORS)
def test_who_names_themselves_says_one_line_and_closes_is_heard(
    paced: Running, tag: str, door: str, go: Callable[[Guest], None]
) -> None:
    names = [f"{tag}{number}" for number in range(PEERS)]
    for name in names:
        guest = Guest(paced.ports[door])
        guest.send(f"{name}\nhello from {name}\n".encode())
        go(guest)

    def stored() -> list[str]:
        return sorted(line for line in history(paced.folder) if line.startswith(tag))

    wait_for(lambda: stored() == sorted(f"{name}: hello from {name}" for name in names), stored)


@pytest.mark.parametrize("go", GOING)
@pytest.mark.parametrize("door", DOORS)
def test_who_is_in_says_many_lines_and_closes_is_heard_in_order(
    paced: Running, tag: str, door: str, go: Callable[[Guest], None]
) -> None:
    names = [f"{tag}{number}" for number in range(PEERS // 3)]
    with Guest(paced.ports["plain"], f"{tag}watcher") as watcher:
        for name in names:
            guest = Guest(paced.ports[door], name)
            guest.send(b"".join(b"line %d\n" % line for line in range(LINES)))
            go(guest)
        for name in names:
            said = [f"{name}: line {line}" for line in range(LINES)]
            _wait_until_heard(watcher, said)
            assert [line for line in history(paced.folder) if line in said] == said


def _wait_until_heard(watcher: Guest, said: list[str]) -> None:
    def heard() -> list[str]:
        watcher.look()
        return watcher.heard(said[0].partition(":")[0] + ": ")

    wait_for(lambda: heard() == said, heard)


@pytest.mark.parametrize("door", DOORS)
def test_a_last_line_without_an_end_is_heard(paced: Running, tag: str, door: str) -> None:
    name = f"{tag}alice"
    with Guest(paced.ports["plain"], f"{tag}watcher") as watcher:
        guest = Guest(paced.ports[door], name)
        guest.send(b"first\nlast")
        guest.close()
        _wait_until_heard(watcher, [f"{name}: first", f"{name}: last"])
