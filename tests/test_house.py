"""The rules of the house that can be checked: which way imports point, what a module opens with, how it is packed."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import venv
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest
from modules import PACKAGE, ROOT, by_name, imported_by, imports, is_in, modules, tree_of

# The ground floor: every part may import it, and it imports nothing but what is named here.
GROUND: Final = {
    "language": set[str](),
    "limits": set[str](),
    "clock": set[str](),
    "errors": {"language"},
}
# What each part may import of ours, besides itself and the ground floor.  Only the service knows every part.
ALLOWED: Final = {
    "valve": set[str](),
    "process": set[str](),
    "twisted_privates": set[str](),
    "core": set[str](),
    "log": {"core.events", "core.facts", "core.names", "core.ports", "core.queries"},
    # An order does not know what an archive is made of, nor an archive what numbers the events.
    "log.embedded": {"core.events", "core.ports", "log.numbering", "log.outcome", "log.turns"},
    "log.archive": {
        "core.events",
        "core.ports",
        "core.queries",
        "log.database",
        "log.files",
        "log.readers",
        "log.reading",
        "log.searching",
        "log.store",
        "log.turns",
        "log.writer",
    },
    "log.numbering": {"core.events"},
    "log.outcome": {"core.events", "core.ports"},
    "terminal": set[str](),
    "wire": set[str](),
    "voices": {"core.events", "core.mentions", "core.names", "core.preferences", "terminal"},
    "delivery": {"valve", "wire", "core", "voices.voice"},
    "commands": {"core"},
    "sessions": {"valve", "core", "commands", "delivery", "terminal", "voices"},
    "doors": {"valve", "wire", "core", "delivery", "voices", "sessions"},
    "doors.ssh": {
        "valve",
        "wire",
        "core",
        "delivery",
        "voices",
        "sessions",
        "doors.gate",
        "doors.last_lines",
        "doors.intake",
        "doors.keepalive",
        "doors.lines",
        "doors.opening",
    },
    "doors.telnet": {"valve", "core", "doors.lines", "sessions", "voices"},
    "doors.plain": {"core", "doors.lines", "sessions"},
    "settings": {"core.pace", "core.text", "doors.origins", "doors.table"},
    "tap": {"doors.table", "process", "service", "settings"},
    "client": set[str](),
}
# What the core may import of others, where the program runs: no socket, reactor, clock or SQL.
CORE_MAY_USE: Final = {
    "__future__", "collections", "contextlib", "dataclasses", "datetime", "enum", "functools", "itertools",
    "operator", "precis_i18n", "re", "twisted.internet.defer", "typing", "unicodedata", "zoneinfo",
}  # fmt: skip


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value)[-40:])
def test_imports_point_one_way(name: str, path: Path) -> None:
    if name in ("", "service"):
        return
    if name in GROUND:
        allowed = GROUND[name]
    else:
        part = max((part for part in ALLOWED if is_in(name, part)), key=len)
        allowed = {part, *ALLOWED[part]} | ({*GROUND} if name != "client" else set())
    for imported in imports(path):
        if imported.startswith("chatproto."):
            ours = imported.removeprefix("chatproto.")
            assert any(is_in(ours, one) for one in allowed), f"{name} imports {ours}"


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value)[-40:])
def test_no_module_is_imported_by_a_name_that_is_made(name: str, path: Path) -> None:
    """None of these tests would see it."""
    assert not by_name(tree_of(path), path), name


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("from ..doors import gate", "chatproto.doors.gate"),
        ("from ..doors.gate import Gate", "chatproto.doors.gate"),
        ("from ..doors import ssh", "chatproto.doors.ssh"),
        ("from . import lines", "chatproto.sessions.lines"),
        ("from .lines import LineSession", "chatproto.sessions.lines"),
        ("from .. import limits", "chatproto.limits"),
        ("from chatproto.doors import gate", "chatproto.doors.gate"),
    ],
)
def test_an_import_is_seen_however_it_is_written(line: str, module: str) -> None:
    found = imported_by(ast.parse(line), PACKAGE / "sessions" / "session.py")
    assert [one for one, _name in found] == [module]


@pytest.mark.parametrize(
    "line",
    [
        "import importlib",
        "import importlib.util",
        "from importlib import import_module as load",
        "from twisted.python.reflect import namedAny",
        "gate = __import__('chatproto.doors.gate')",
        "gate = builtins.__import__('chatproto.doors.gate')",
        "exec('import chatproto.doors.gate')",
    ],
)
def test_an_import_by_name_is_found(line: str) -> None:
    assert by_name(ast.parse(line), PACKAGE / "sessions" / "session.py")


def test_no_imports_run_in_a_circle() -> None:
    """Not even of types: what two modules want of each other belongs in a third, or is a Protocol."""
    ours = {name: path for name, path in modules() if name}
    graph = {
        name: {
            one
            for imported in imports(path)
            if (one := imported.removeprefix("chatproto.")) in ours and one != name
        }
        for name, path in ours.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names them


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value)[-40:])
def test_the_core_knows_no_socket_reactor_clock_or_sql(name: str, path: Path) -> None:
    if is_in(name, "core"):
        used = {one for one in imports(path, when_run=True) if not is_in(one, "chatproto")}
        assert all(any(is_in(one, may) for may in CORE_MAY_USE) for one in used)


def test_a_command_asks_the_chat_and_never_the_log() -> None:
    """Which member may read what is decided in the core, for every door."""
    for name, path in modules():
        if is_in(name, "commands"):
            for node in ast.walk(tree_of(path)):
                assert not (isinstance(node, ast.Attribute) and node.attr == "log"), name


def test_nothing_but_the_tap_and_tests_imports_a_reactor() -> None:
    for name, path in modules():
        if name != "tap":
            assert "from twisted.internet import reactor" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value)[-40:])
def test_a_module_says_what_it_must_not_know(name: str, path: Path) -> None:
    opening = ast.get_docstring(tree_of(path))
    assert opening
    if name.count(".") and path.name != "__init__.py":
        assert "ust not know" in opening or "o door knows" in opening, f"{name} does not say"


def test_the_client_uses_the_standard_library_alone() -> None:
    used = {name.split(".")[0] for name in imports(PACKAGE / "client.py")}
    assert used <= set(sys.stdlib_module_names)


def test_the_source_brings_all_that_is_checked() -> None:
    """The tests read bench/, docs/ and tools/: they hold wherever the source is unpacked."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packed = tools["hatch"]["build"]["targets"]["sdist"]["only-include"]
    for checked in tools["mypy"]["files"]:
        assert any(part.split("/")[0] == checked.split("/")[0] for part in packed), checked
    for part in packed:
        assert (ROOT / part).exists(), part


def test_the_wheel_brings_the_command(tmp_path: Path) -> None:
    """In a fresh environment, with the dependencies of this one."""
    run = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "-o",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(run, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "fresh", with_pip=False)
    python = tmp_path / "fresh" / "bin" / "python"
    (site,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    install = [sys.executable, "-m", "pip", f"--python={python}", "install", "--no-deps",
               "--no-index", "--quiet", str(wheel)]  # fmt: skip
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    # Twisted and the rest come from here; chatproto must come from the wheel alone.
    here = [path for path in sys.path if path.endswith("site-packages")]
    borrowed = tmp_path / "borrowed"
    borrowed.mkdir()
    for path in Path(here[0]).iterdir():
        if "chatproto" not in path.name:
            (borrowed / path.name).symlink_to(path)
    (site / "borrowed.pth").write_text(f"{borrowed}\n")
    help_text = subprocess.run(
        [str(python), "-m", "twisted", "--help"], cwd=tmp_path, capture_output=True, text=True,
        check=True, timeout=60,
    ).stdout  # fmt: skip
    assert "chat " in help_text
    listing = {path.relative_to(site).as_posix() for path in site.rglob("chatproto/**/*")}
    assert {"chatproto/log/schema/0001.sql", "chatproto/py.typed"} <= listing
    assert "chatproto/locale/ru/LC_MESSAGES/chatproto.mo" in listing
