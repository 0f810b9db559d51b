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
# What imports by name; and what of it reads data alone.
IMPORTERS: Final = frozenset(
    {
        "importlib",
        "pkgutil",
        "runpy",
        "imp",
        "zipimport",
        "twisted.python.reflect",
        "twisted.plugin",
    }
)
OF_DATA: Final = frozenset({"importlib.resources", "importlib.metadata"})


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
    return tuple(imported_by(tree_of(path), path, when_run=when_run))


def imported_by(
    tree: ast.Module, path: Path, *, when_run: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield what `imported` returns, of a module that is parsed and stands at `path`."""
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
        elif isinstance(node, ast.ImportFrom):
            module = _source(node, path)
            for alias in node.names:
                full = f"{module}.{alias.name}"
                yield (full, "") if _is_module(full) else (module, alias.name)


def _source(node: ast.ImportFrom, path: Path) -> str:
    """Return the module that names are imported from, in full: `from ..doors import gate` goes by the file's folder."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _is_module(dotted: str) -> bool:
    place = ROOT / dotted.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def by_name(tree: ast.Module, path: Path) -> list[str]:
    """Return what a module uses to import another one by a name that is made when it runs, so that no list has it."""
    taken = [f"{module}.{name}".rstrip(".") for module, name in imported_by(tree, path)]
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    named += [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [
        *(
            one
            for one in taken
            if any(is_in(one, part) for part in IMPORTERS) and one not in OF_DATA
        ),
        *(one for one in named if one in ("__import__", "eval", "exec")),
    ]


def imports(path: Path, *, when_run: bool = False) -> Iterator[str]:
    """Return the modules that a module imports; `when_run`, without what only the types need."""
    return (module for module, _ in imported(path, when_run=when_run))


def is_in(name: str, part: str) -> bool:
    """Return whether a dotted name is that part, or stands in it."""
    return name == part or name.startswith(f"{part}.")
