"""The picture of the way of a line: as it is drawn, and true of the files."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def way() -> ModuleType:
    spec = importlib.util.spec_from_file_location("way", ROOT / "docs/way.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_the_one_that_the_script_draws(way: ModuleType) -> None:
    assert (ROOT / "docs/way.svg").read_text(encoding="utf-8") == way.picture()


def test_each_box_names_a_file_or_a_folder(way: ModuleType) -> None:
    files = [one.file for one in way.BOXES if one.file]
    assert len(files) == len(way.BOXES) - 1  # all but the client
    for file in files:
        assert (ROOT / "chatproto" / file).exists(), file


def test_no_box_overlaps_another_nor_leaves_the_picture(way: ModuleType) -> None:
    rows = [[one for one in way.BOXES if one.y <= y < one.y + one.height] for y in (20, 280 - 20)]
    for row in rows:
        row.sort(key=lambda one: one.x)
        assert row[0].x > 0
        assert row[-1].right < way.WIDTH
        for one, following in pairwise(row):
            assert one.right < following.x
    assert all(one.y + one.height < way.HEIGHT for one in way.BOXES)


def test_it_is_well_formed_and_reads_in_light_and_dark(way: ModuleType) -> None:
    root = ET.fromstring(way.picture())
    assert root.attrib["aria-label"].startswith("The way of a line: bytes, door, session")
    assert "prefers-color-scheme: dark" in way.picture()
