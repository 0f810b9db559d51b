"""The modules of the package, as files: what each is called, and what it imports.  Nothing is run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "chatproto"


def modules() -> list[tuple[str, Path]]:
    """Return each module's name, without the package's, and its file."""
    return [(_name(path), path) for path in sorted(PACKAGE.rglob("*.py"))]


def _name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return name.removeprefix("chatproto").removeprefix(".")


def tree_of(path: Path) -> ast.Module:
    """Return a module, parsed.  Not kept: all of them would make each collection of garbage slow."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path, *, when_run: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what a module imports, as module and name; `when_run`, without what only the types need.

    The name is empty where a module is imported: `import time`, `from chatproto.core import names`.
    """
    return tuple(_imported(path, when_run=when_run))


def _imported(path: Path, *, when_run: bool) -> Iterator[tuple[str, str]]:
    tree = tree_of(path)
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if when_run and node in typing:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = (ROOT / (full.replace(".", "/") + ".py")).exists()
                yield (full, "") if is_module else (node.module, alias.name)


def imports(path: Path, *, when_run: bool = False) -> Iterator[str]:
    """Return the modules that a module imports; `when_run`, without what only the types need."""
    return (module for module, _ in imported(path, when_run=when_run))


def is_in(name: str, part: str) -> bool:
    """Return whether a dotted name is that part, or stands in it."""
    return name == part or name.startswith(f"{part}.")
