"""The page of the design: what it names of a class is there."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import Final

from modules import ROOT, modules, tree_of

NAMED: Final = re.compile(r"`([A-Z]\w+)\.(\w+)")


def attributes(one: ast.ClassDef) -> set[str]:
    """Return what a class defines: methods, fields and constants, and what it assigns to `self`."""
    found = set[str]()
    for node in ast.walk(one):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return found


def test_each_attribute_that_the_page_names_is_there() -> None:
    there = defaultdict[str, set[str]](set)
    for _name, path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                there[node.name] |= attributes(node)
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    named = NAMED.findall(page)
    assert len(named) > 10
    assert [f"{one}.{name}" for one, name in named if name not in there[one]] == []
