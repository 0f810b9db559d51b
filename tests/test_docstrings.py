"""What is returned is said as "Return ...", not "Gives ..."; a role by its name: the member, the reader, the peer."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import pytest
from modules import ROOT, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS: Final = ("bench", "chatproto", "docs", "tests", "tools", "twisted")
OTHERWISE: Final = re.compile(
    r"(?:Gives|Returns|Raises|Yields|Tells|(?:Tell )?[Ww]hether) |.*; gives? ", re.DOTALL
)
# "Give them another nick" is something done; "Give the lines that have come" is something returned.
GIVE: Final = re.compile(r"Give ")
DONE: Final = re.compile(r"None|bool|Deferred\b")
# It is a member, a reader, a peer, the operator or the person typing: which one is what the sentence must tell.
NO_ROLE: Final = re.compile(r"\b(?:(?i:somebody|nobody|whoever)|Who(?:m|se)?|[Rr]eturn who)\b")
CODE: Final = re.compile(r"`[^`]*`")


def docstrings(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the docstring and what is returned of each function in a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            returned = ast.unparse(node.returns) if node.returns else "None"
            yield node.name, ast.get_docstring(node) or "", returned


def all_said(path: Path) -> Iterator[str]:
    """Yield the docstrings of a file: of the module, its classes, functions and constants."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_function_returns_is_said_with_return(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}: {said.splitlines()[0]}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, said, returned in docstrings(path)
        if OTHERWISE.match(said) or (GIVE.match(said) and not DONE.match(returned))
    ]
    assert not wrong, "\n".join(wrong)


def test_what_a_property_is_is_said_with_return() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted((ROOT / "chatproto").rglob("*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        and any("property" in ast.unparse(one) for one in node.decorator_list)
        and not (ast.get_docstring(node) or "Return").startswith("Return")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_role_is_called_by_its_name(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for said in all_said(path)
        for line in said.splitlines()
        if NO_ROLE.search(CODE.sub("", line))
    ]
    assert not wrong, "\n".join(wrong)
