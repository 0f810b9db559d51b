"""What a function returns is said as "Return ..." and "Return whether ...", not "Gives ..." or "Tells whether ..."."""

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


def docstrings(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the docstring and what is returned of each function in a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            returned = ast.unparse(node.returns) if node.returns else "None"
            yield node.name, ast.get_docstring(node) or "", returned


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_function_returns_is_said_with_return(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}: {said.splitlines()[0]}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, said, returned in docstrings(path)
        if OTHERWISE.match(said) or (GIVE.match(said) and not DONE.match(returned))
    ]
    assert not wrong, "\n".join(wrong)
