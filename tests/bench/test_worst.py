"""The worst lines: that they are lines, and that a server in memory takes them.  What they cost is not asserted."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from chatproto.limits import LINE_BYTES


@pytest.fixture(scope="module")
def worst() -> Any:
    path = Path(__file__).parents[2] / "bench" / "worst.py"
    if not path.exists():
        pytest.skip("the benchmark is not here")
    spec = importlib.util.spec_from_file_location("worst", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_known_line_is_as_long_as_it_may_be_and_no_longer(worst: Any) -> None:
    for kind, line in worst.KNOWN.items():
        assert len(worst.as_bytes(line)) <= LINE_BYTES, kind


def test_every_known_line_is_measured_and_leaves_everybody_there(worst: Any) -> None:
    server = worst.InMemory()
    for kind, line in worst.KNOWN.items():
        cost = server.cost(worst.as_bytes(line))
        assert min(cost.program, cost.terminal, cost.telling) > 0, kind
        assert cost.most >= max(cost), kind
        assert server.is_whole, kind


def test_a_line_is_told_to_screens_of_all_widths(worst: Any) -> None:
    assert set(worst._WRAPPED) <= set(worst.KNOWN)
    assert worst._telling_all_widths("a line " * 200) > 0


def test_a_goodbye_is_noticed(worst: Any) -> None:
    server = worst.InMemory()
    server.cost(b"/quit")
    assert not server.is_whole


def test_a_recipe_makes_a_line_in_which_no_character_is_cut(worst: Any) -> None:
    line = worst.made(("/me ", [("я", 2), ("中", 2000)]))
    assert line.decode().startswith("/me яя中中")
    assert LINE_BYTES - 3 < len(line) <= LINE_BYTES


def test_the_least_of_each_figure_counts(worst: Any) -> None:
    class Server:
        def __init__(self) -> None:
            self.costs = iter([worst.Cost(3, 1, 2), worst.Cost(1, 2, 9)])

        def cost(self, line: bytes) -> Any:
            return next(self.costs)

    assert worst.least(Server(), b"", 2) == (1, 1, 2)
