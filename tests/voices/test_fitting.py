"""How many rows lines take, and how many of them fit on a screen."""

from __future__ import annotations

import pytest

from chatproto.voices.fitting import last_that_fit, rows_of


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (b"", 0), (b"\r\n", 1), (b"0123456789\r\n", 1), (b"0123456789a\r\n", 2), (b"a\nb\n", 2),
        (b"\x1b[1;31m0123456789\x1b[0m\r\n", 1), ("世界世界世\n".encode(), 1),
        ("世界世界世界\n".encode(), 2), (b"x" * 95 + b"\nshort\n", 11),
    ],
)  # fmt: skip
def test_rows_are_counted_as_ten_columns_wrap_them(lines: bytes, rows: int) -> None:
    assert rows_of(lines, 10) == rows


@pytest.mark.parametrize(
    ("room", "fit"), [(-1, 0), (0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (9, 3)]
)
def test_the_last_lines_that_fit(room: int, fit: int) -> None:
    lines = [b"first\n", b"this takes three rows, see\n", b"last\n"]
    assert list(last_that_fit(lines, 10, room)) == lines[3 - fit :]
