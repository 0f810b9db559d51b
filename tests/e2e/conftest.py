"""A running server for the tests that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running
