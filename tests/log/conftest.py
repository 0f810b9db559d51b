"""What the tests of logs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was logged of failures that the test is about."""
    seen: list[str] = []
    failure: Callable[..., None] = lambda _logger, what, *_more: seen.append(what)  # noqa: E731
    monkeypatch.setattr(Logger, "failure", failure)
    return seen
