"""Names of terminals."""

from __future__ import annotations

import pytest

from chatproto.terminal.reflow import reflows


@pytest.mark.parametrize(
    ("terminal", "expected"),
    [
        ("xterm-256color", True),
        ("XTERM-256COLOR", True),  # as telnet gives it
        ("tmux-256color", True),
        ("alacritty", True),
        ("xterm", False),
        ("screen-256color", False),
        ("linux", False),
        ("putty-256color", False),
        ("", False),
    ],
)
def test_who_reflows(terminal: str, *, expected: bool) -> None:
    assert reflows(terminal) is expected
