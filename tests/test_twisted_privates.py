"""Private names of Twisted: those in the list are there, and no other is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from twisted.protocols.basic import LineReceiver

from chatproto.twisted_privates import PRIVATES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

PARTS: Final = ("chatproto",)  # where no other private name may be used
PACKAGE: Final = Path(importlib.import_module("chatproto").__path__[0])
DOCUMENTED: Final = {
    "_replace",
    "_asdict",
    "_fields",
    "_make",
    "_exit",
}  # of named tuples, and of os

DOTTED: Final = re.compile(r"\w+(?:\.\w+)*")

ENTRIES: Final = [(owner, one) for one in PRIVATES for owner in one.owners]


# -- what Twisted defines, and what is used of it -----------------------------------------------


def is_of(one: type, package: str) -> bool:
    return one.__module__ == package or one.__module__.startswith(f"{package}.")


@cache
def body(one: type) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(one)))


@cache
def defined(one: type) -> frozenset[str]:
    """Return the names that a class itself defines, on the class or by assigning to `self`."""
    assigned = {
        node.attr
        for node in ast.walk(body(one))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and is_self(node.value)
    }
    return frozenset(assigned | vars(one).keys())


@cache
def used(one: type) -> frozenset[str]:
    """Return the names that a class uses of itself, or defines over its bases."""
    taken = {
        node.attr
        for node in ast.walk(body(one))
        if isinstance(node, ast.Attribute) and is_self(node.value)
    }
    return frozenset(taken | vars(one).keys())


def is_self(node: ast.expr) -> bool:
    """Return whether an expression is `self`, `cls` or `super()`."""
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Name) and node.id in ("self", "cls", "super")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def modules(parts: tuple[str, ...]) -> Iterator[ModuleType]:
    for part in parts:
        module = importlib.import_module(part)
        yield module
        for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{part}."):
            yield importlib.import_module(found.name)


def classes(parts: tuple[str, ...]) -> Iterator[type]:
    """Yield our classes that are derived from one of Twisted's."""
    for module in modules(parts):
        for one in vars(module).values():
            is_here = isinstance(one, type) and one.__module__ == module.__name__
            if is_here and any(is_of(base, "twisted") for base in one.__mro__):
                yield one


def taken(one: type) -> dict[str, list[type]]:
    """Return what a class of ours uses of its Twisted bases, each name with the classes that define it."""
    bases = [base for base in one.__mro__ if is_of(base, "twisted")]
    ours = [base for base in one.__mro__ if is_of(base, "chatproto")]
    names = {name for base in ours if base.__module__.startswith(PARTS) for name in used(base)}
    found = {name: [base for base in bases if name in defined(base)] for name in names}
    return {name: owners for name, owners in found.items() if owners}


def private_names(node: ast.AST) -> set[str]:
    """Return the private names that a piece of code takes: not of `self`, but of another object or of Twisted."""
    names: list[str] = []
    if isinstance(node, ast.Attribute) and not is_self(node.value):
        names = [node.attr]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        names = node.value.split(".") if DOTTED.fullmatch(node.value) else []  # as getattr takes it
    elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("twisted"):
        names = [*str(node.module).split("."), *(alias.name for alias in node.names)]
    return set(filter(is_private, names))


def full(one: type) -> str:
    return f"{one.__module__}.{one.__qualname__}"


def listed(name: str, owners: list[type]) -> bool:
    return any((full(owner), name) in {(of, one.name) for of, one in ENTRIES} for owner in owners)


def ours() -> set[str]:
    """Return the private names that anything in chatproto defines."""
    names = set(DOCUMENTED)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and is_self(node.value):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


# -- the tests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name", "why"),
    [(owner, one.name, one.why) for owner, one in ENTRIES],
    ids=[f"{owner}.{one.name}" for owner, one in ENTRIES],
)
def test_this_version_of_twisted_still_has(owner: str, name: str, why: str) -> None:
    module, _, qualname = owner.rpartition(".")
    found = getattr(importlib.import_module(module), qualname, None)
    assert found, f"Twisted has no {owner} any more, whose {name} is needed: {why}"
    assert name in defined(found), f"{owner} has no {name} any more; it is needed: {why}"


def test_no_other_private_name_of_a_base_is_used() -> None:
    others = [
        f"{full(one)} uses {full(owners[0])}.{name}"
        for one in classes(PARTS)
        for name, owners in taken(one).items()
        if is_private(name) and not listed(name, owners)
    ]
    assert not others


def test_no_private_name_of_anything_else_is_used() -> None:
    """On what is not `self` nothing tells which class a name belongs to: it must be one of ours, or in the list."""
    allowed = ours() | {one.name for one in PRIVATES}
    others = [
        f"{module.__name__}: {ast.unparse(node)}"
        for module in modules(PARTS)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if private_names(node) - allowed
    ]
    assert not others


def test_each_name_in_the_list_is_used() -> None:
    uses = {
        (full(owner), name)
        for one in classes(PARTS)
        for name, owners in taken(one).items()
        for owner in owners
    }
    derived_from = {full(base) for one in classes(PARTS) for base in one.__mro__}
    elsewhere = {
        node.attr
        for module in modules(PARTS)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute) and not is_self(node.value)
    }
    for owner, one in ENTRIES:
        is_used = (owner, one.name) in uses if owner in derived_from else one.name in elsewhere
        assert is_used, f"{owner}.{one.name} is in the list, and not used"


# -- that these tests can fail ------------------------------------------------------------------


class Reads(LineReceiver):
    def rest(self) -> bytes:
        return bytes(self._buffer)


class Overrides(LineReceiver):
    _busyReceiving = True  # noqa: N815


def test_a_private_name_is_found_in_every_shape() -> None:
    assert {"_buffer", "_busyReceiving", "delimiter"} <= defined(LineReceiver)
    assert "_buffer" in used(Reads)
    assert "_busyReceiving" in used(Overrides)
    assert not listed("_made_up", [LineReceiver])
    for line in (
        "x.transport._tempDataLen",
        "from twisted.conch.ssh import _kex",
        "getattr(x, '_tempDataLen')",
        "attrgetter('transport._tempDataLen')",
    ):
        (statement,) = ast.parse(line).body
        assert any(private_names(node) for node in ast.walk(statement))
