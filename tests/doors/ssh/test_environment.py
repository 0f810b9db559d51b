"""What a client sends of its terminal and its environment."""

from __future__ import annotations

import struct

import pytest
from twisted.conch.ssh.common import NS

from chatproto.doors.ssh.environment import Environment, Size, Terminal, is_dumb, size, terminal
from chatproto.limits import SSH_VARIABLES_MOST


def sent(**variables: str) -> Environment:
    environment = Environment()
    for name, value in variables.items():
        environment.accept(NS(name.encode()) + NS(value.encode()))
    return environment


@pytest.mark.parametrize(
    ("seen", "taken"),
    [((80, 24), (80, 24)), ((0, 0), (80, 24)), ((1, 1), (20, 5)), ((2**32 - 1, 9999), (500, 200))],
)
def test_a_size_is_clamped(seen: tuple[int, int], taken: tuple[int, int]) -> None:
    assert size(struct.pack(">4L", *seen, 0, 0)) == taken


def test_a_terminal_has_a_name_and_a_size() -> None:
    request = NS(b"xterm\xff") + struct.pack(">4L", 100, 40, 0, 0) + NS(b"")
    assert terminal(request) == Terminal("xterm\ufffd", Size(100, 40))


@pytest.mark.parametrize("request_", [b"", b"\0\0", NS(b"xterm") + b"\0"])
def test_half_a_request_is_an_error(request_: bytes) -> None:
    with pytest.raises(struct.error):
        terminal(request_)


@pytest.mark.parametrize(("name", "dumb"), [("dumb", True), ("", True), ("xterm", False)])
def test_dumb_terminals(name: str, dumb: bool) -> None:
    assert is_dumb(Terminal(name, size(bytes(8)))) == dumb


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("LANG", True), ("LC_ALL", True), ("NO_COLOR", True), ("LD_PRELOAD", False), ("LC_x", False),
     ("LANG ", False), ("", False)],
)  # fmt: skip
def test_few_variables_are_wanted(name: str, wanted: bool) -> None:
    assert Environment().accept(NS(name.encode()) + NS(b"x")) == wanted


def test_variables_are_counted_and_no_longer_than_needed() -> None:
    environment = sent(**{f"LC_{chr(65 + n // 26)}{chr(65 + n % 26)}": "x" for n in range(99)})
    assert len(environment.variables) == SSH_VARIABLES_MOST
    assert not Environment().accept(NS(b"LANG") + NS(b"x" * 257))


@pytest.mark.parametrize(
    ("variables", "code"),
    [({}, "ru"), ({"LANG": "C.UTF-8"}, "ru"), ({"LANG": "en_GB.UTF-8"}, "en"),
     ({"LANG": "en_US.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"), ({"LC_ALL": "POSIX"}, "ru"),
     ({"LC_CTYPE": "en_US.UTF-8"}, "ru")],
)  # fmt: skip
def test_the_language(variables: dict[str, str], code: str) -> None:
    assert sent(**variables).language("ru") == code


def test_no_color_counts_when_it_is_not_empty() -> None:
    assert sent().has_colour
    assert sent(NO_COLOR="").has_colour
    assert not sent(NO_COLOR="0").has_colour
