"""Terminals: which answers to TTYPE come from something that obeys CR and `ESC [ K`."""

from __future__ import annotations

import pytest

from chatproto.doors.telnet.terminals import is_terminal


@pytest.mark.parametrize(
    "name",
    ["XTERM-256COLOR", "xterm", "VT100", "vt220", "ANSI", "LINUX", "screen", "tmux-256color",
     "PuTTY", "rxvt-unicode", "ALACRITTY", "foot", "st-256color"],
)  # fmt: skip
def test_a_terminal_is_known_whatever_the_case(name: str) -> None:
    assert is_terminal(name)


@pytest.mark.parametrize(
    "name",
    ["TINTIN++", "MUDLET", "MTTS 2349", "DUMB", "UNKNOWN", "NETWORK", "VTNT", "CMUD", "BLOWTORCH",
     "STARTOOL", ""],
)  # fmt: skip
def test_a_client_with_an_input_line_of_its_own_is_none(name: str) -> None:
    assert not is_terminal(name)
