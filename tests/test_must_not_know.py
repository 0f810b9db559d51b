"""What the docstring of a module says it must not know, the module does not import or name; bench/ and docs/, too.

    Must not know rooms, commands or how it looks.

A package's docstring says it of every module in it.  Each phrase stands in `PHRASES`, or the test fails: what nothing
holds is left out.  The same thing is called by the same phrase everywhere, in docs/design.md as well.  What stands in
brackets explains, and is not looked at.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from modules import PACKAGE, ROOT, imported, is_in, modules, tree_of

if TYPE_CHECKING:
    from pathlib import Path


class Unknown(NamedTuple):
    """What a module may not do that says it does not know something."""

    imports: str = ""  # modules, or names in them: not even for types
    but: str = ""  # ... save these
    run: str = ""  # modules that are imported for types alone
    names: str = ""  # names and attributes that are not used


PHRASES: Final = {
    # Of the machine and the reactor
    "sockets": Unknown(
        "socket select selectors asyncio chatproto.wire twisted.internet.tcp twisted.internet.protocol"
        " twisted.internet.endpoints",
        names="recv sendall writeSomeData",
    ),
    "endpoints": Unknown(
        "chatproto.doors.listening twisted.internet.endpoints", names="listen listenTCP listenUNIX"
    ),
    "the reactor": Unknown(
        "twisted.internet.reactor twisted.internet.task twisted.internet.threads",
        names="callInThread callFromThread",
    ),
    "the clock": Unknown(
        "time", run="chatproto.clock", names="datetime.now date.today monotonic perf_counter"
    ),
    "threads": Unknown(
        "threading _thread queue concurrent twisted.python.threadpool twisted.internet.threads"
    ),
    "Deferreds": Unknown("twisted.internet.defer"),
    "Twisted": Unknown("twisted"),
    "SQL": Unknown(
        "sqlite3 chatproto.log.database chatproto.log.reading chatproto.log.searching chatproto.log.kinds",
        names="execute executemany",
    ),
    "the command line": Unknown("argparse optparse twisted.python.usage chatproto.tap"),
    # Of the core
    "anything else of ours": Unknown("chatproto bench"),
    "the core": Unknown("chatproto.core"),
    "the chat": Unknown("chatproto.core.chat"),
    "rooms": Unknown(
        "chatproto.core.rooms.Room chatproto.core.rooms.Rooms chatproto.core.recall",
    ),
    "members": Unknown(
        "chatproto.core.rooms.Member chatproto.core.rooms.Seat chatproto.core.roster chatproto.core.register"
    ),
    "nicks": Unknown("chatproto.core.names chatproto.core.register chatproto.core.lookalikes"),
    "events": Unknown("chatproto.core.events"),
    "queries": Unknown("chatproto.core.queries"),
    # Of the log
    "the log": Unknown("chatproto.log"),
    "the archive": Unknown(
        "chatproto.log.archive chatproto.log.memory chatproto.log.store chatproto.log.database chatproto.log.files"
        " chatproto.log.writer sqlite3"
    ),
    "the order": Unknown("chatproto.log.embedded"),
    # Of what reads
    "readers": Unknown(
        "chatproto.delivery.reader chatproto.delivery.groups chatproto.delivery.catchup chatproto.delivery.delivery"
        " chatproto.sessions"
    ),
    "wires": Unknown("chatproto.wire"),
    "voices": Unknown("chatproto.voices"),
    "how it looks": Unknown("chatproto.voices chatproto.terminal", but="chatproto.voices.voice"),
    "languages": Unknown(
        "gettext locale chatproto.language.Language chatproto.language.language"
        " chatproto.language.from_environment"
    ),
    "colours": Unknown("chatproto.voices.themes"),
    "widths": Unknown("wcwidth chatproto.voices.wrap chatproto.terminal.clusters"),
    # Of what is typed
    "commands": Unknown("chatproto.commands"),
    "which commands there are": Unknown(
        " ".join(
            f"chatproto.commands.{subject}"
            for subject in ("every", "help", "history", "people", "rooms", "talking", "yourself")
        )
    ),
    "sessions": Unknown("chatproto.sessions chatproto.doors.ssh.sessions"),
    "doors": Unknown("chatproto.doors"),
    "the service": Unknown("chatproto.service"),
    # Of the terminal
    "bytes": Unknown("codecs", names="bytes bytearray encode decode"),
    "keys": Unknown("chatproto.terminal.keys"),
    "modes": Unknown(
        " ".join(
            f"chatproto.terminal.{mode}"
            for mode in ("modes", "composing", "search", "question", "bindings")
        )
    ),
    "screens": Unknown(
        "chatproto.terminal.screen chatproto.terminal.editor chatproto.voices.screen"
    ),
    "history": Unknown("chatproto.terminal.history chatproto.core.history"),
    # Of telnet and SSH
    "telnet": Unknown("chatproto.doors.telnet"),
    "telnet options": Unknown("chatproto.doors.telnet.options"),
    "SSH": Unknown("chatproto.doors.ssh twisted.conch"),
    "packets": Unknown("twisted.conch"),
    "channels": Unknown(
        "chatproto.doors.ssh.channel chatproto.doors.ssh.connection twisted.conch.ssh.channel"
        " twisted.conch.ssh.connection"
    ),
    # Of the benchmark
    "the peers": Unknown("bench.peers"),
    "the crowd": Unknown("bench.crowd"),
    "the scenarios": Unknown("bench.scenarios"),
    "the figures": Unknown("bench.figures"),
    "the report": Unknown("bench.report"),
    "the picture": Unknown("bench.picture"),
}  # fmt: skip
SENTENCE: Final = re.compile(r"[Mm]ust not know(:?) ([^.]*)\.")
OF_MODULES: Final = dict(modules()) | {
    f"{folder}.{path.stem}": path
    for folder in ("bench", "docs")
    for path in sorted((ROOT / folder).glob("*.py"))
}


def phrases(text: str) -> list[str]:
    """Return the phrases of "a, b or c", without what explains them."""
    return re.split(r",? (?:n?or) |, ", re.sub(r" \([^)]*\)", "", text))


@cache
def unknown(path: Path) -> list[str]:
    """Return the phrases for what a module, or a package that it is in, says it must not know."""
    packages = [folder / "__init__.py" for folder in path.parents if is_in_package(folder)]
    said = [" ".join(opening(one).split()) for one in dict.fromkeys((path, *packages))]
    return [
        phrase
        for text in said
        for sentence in SENTENCE.finditer(text)
        for phrase in phrases(sentence[2])
    ]


@cache
def opening(path: Path) -> str:
    return ast.get_docstring(tree_of(path)) or ""


def is_in_package(folder: Path) -> bool:
    return folder == PACKAGE or PACKAGE in folder.parents


def known(path: Path, phrase: str) -> list[str]:
    """Return what a module imports or names that it may not, if it does not know what the phrase says."""
    may_not = PHRASES[phrase]
    itself = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    found = []
    for banned, when_run in ((may_not.imports, False), (may_not.run, True)):
        for module, name in imported(path, when_run=when_run):
            one = f"{module}.{name}" if name else module
            if module == itself or any(is_in(one, but) for but in may_not.but.split()):
                continue
            if any(is_in(one, ban) or (not name and is_in(ban, one)) for ban in banned.split()):
                found.append(one)
    return sorted({*found, *used(path).intersection(may_not.names.split())})


@cache
def used(path: Path) -> set[str]:
    """Return the names and attributes that a module uses, by themselves and with what stands before a dot."""
    names = set[str]()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            names |= {node.attr, ast.unparse(node)}
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return names


@pytest.mark.parametrize("name", OF_MODULES)
def test_a_module_does_not_know_what_it_says_it_must_not(name: str) -> None:
    for phrase in unknown(OF_MODULES[name]):
        assert phrase in PHRASES, f"{name}: nothing holds {phrase!r}"
        found = known(OF_MODULES[name], phrase)
        assert not found, f"{name} must not know {phrase}, and knows {found}"


def test_what_must_not_be_known_is_said_in_one_form() -> None:
    """In the opening alone, where it is held, and without a colon."""
    for name, path in OF_MODULES.items():
        said = [match[1] for match in SENTENCE.finditer(" ".join(opening(path).split()))]
        text = path.read_text(encoding="utf-8")
        assert said == [""] * len(re.findall(r"must\s+not\s+know", text, re.IGNORECASE)), name


def test_every_phrase_is_said_of_a_module() -> None:
    said = {phrase for path in OF_MODULES.values() for phrase in unknown(path)}
    assert {*PHRASES} <= said


def test_what_a_phrase_names_of_ours_is_there() -> None:
    """Else a module that is moved could be imported again, and nothing would say so."""
    for may_not in PHRASES.values():
        for dotted in f"{may_not.imports} {may_not.but} {may_not.run}".split():
            ours = is_in(dotted, "chatproto") or is_in(dotted, "bench")
            assert not ours or is_there(dotted), dotted


def is_there(dotted: str) -> bool:
    """Return whether a package, a module, or a class or function of a module is there."""
    path = ROOT / dotted.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    module = path.parent.with_suffix(".py")
    wanted = rf"^(?:class|def) {path.name}\b"
    return module.exists() and bool(re.search(wanted, module.read_text("utf-8"), re.MULTILINE))


def test_the_table_of_words_says_no_more_than_the_modules() -> None:
    """Each phrase of the column "it must not know" in docs/design.md stands in the docstring of that file."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = page.partition("| it must not know |\n")[2].partition("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()[1:]]
    assert len(rows) > 40
    for word, where, _, said in rows:
        for place in re.findall(r"`([a-z_/]+(?:\.py)?)`", where):
            path = PACKAGE / place
            held = unknown(path / "__init__.py" if path.is_dir() else path)
            assert said == "-" or {*phrases(said)} <= {*held}, f"{word}: {place} holds {held}"
