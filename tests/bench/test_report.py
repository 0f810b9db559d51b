"""The page of figures: made of what is stored, so that the next run erases nothing."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    if not (ROOT / "bench" / "report.py").exists():
        pytest.skip("the benchmark is not here")
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("bench.__main__")


@pytest.fixture
def stored() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((DOCS / "performance.json").read_text())
    return figures


def test_the_page_is_what_its_figures_and_notes_make(bench: Any, stored: dict[str, Any]) -> None:
    assert (DOCS / "performance.md").read_text() == bench.written(bench.from_json(stored))


def test_what_is_stored_is_taken_back(bench: Any, stored: dict[str, Any]) -> None:
    again = bench.as_json(bench.from_json(stored))
    assert json.loads(json.dumps(again)) == stored
