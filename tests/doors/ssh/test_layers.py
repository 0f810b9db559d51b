"""Which module of the SSH door knows which: what their docstrings say they must not know, they do not import."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from chatproto.doors import ssh

FOLDER: Final = Path(ssh.__path__[0])
INSIDE: Final = "chatproto.doors.ssh."

# What each may import of the others.  None of it goes round in a circle.
ALLOWED: Final = {
    "algorithms": set[str](),
    "channel": {"environment", "quiet", "sessions", "stream"},
    "connection": {"channel", "quiet"},
    "disconnection": set[str](),
    "environment": set[str](),
    "exchange": {"algorithms", "quiet"},
    "factory": {"connection", "keys", "portal", "quiet", "sessions", "transport", "userauth"},
    "flow": set[str](),
    "grace": set[str](),
    "keys": set[str](),
    "portal": {"algorithms", "keys"},
    "pulse": set[str](),
    "quiet": set[str](),
    "sessions": {"environment", "portal"},
    "stream": set[str](),
    "transport": {"disconnection", "exchange", "flow", "grace", "pulse"},
    "userauth": {"portal", "quiet"},
}
WITH_SESSIONS: Final = {"sessions", "factory"}  # the others know no session, delivery or voice
WITHOUT_PACKETS: Final = {"disconnection", "flow", "grace", "pulse", "quiet", "sessions", "stream"}


def imports(name: str) -> set[str]:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {
        f"{node.module}.{alias.name}" if f"{node.module}." == INSIDE else str(node.module)
        for node in found
        for alias in node.names
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("[!_]*.py")))
def test_a_module_knows_those_below_it(name: str) -> None:
    inside = {one.removeprefix(INSIDE) for one in imports(name) if one.startswith(INSIDE)}
    assert inside <= ALLOWED[name]


@pytest.mark.parametrize("name", ALLOWED)
def test_nothing_here_knows_rooms_or_commands(name: str) -> None:
    unknown = ["core.rooms", "commands"]
    if name not in WITH_SESSIONS:
        unknown += ["session", "delivery", "voices"]
    prefixes = tuple(f"chatproto.{part}" for part in unknown)
    assert not [one for one in imports(name) if one.startswith(prefixes)]


@pytest.mark.parametrize("name", sorted(WITHOUT_PACKETS))
def test_these_know_no_packets(name: str) -> None:
    assert not [one for one in imports(name) if one.startswith("twisted.conch")]
