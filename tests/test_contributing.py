"""CONTRIBUTING.md, followed to the letter in a copy of the project.

Each example of the page has its tests first, which must fail, then the code and what is to be done with it, and then
they must pass.  A page that fits the code no more fails here: a block whose place is not there, a sentence that is not
in the catalogue, a command that does not run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pytest
from babel.messages.pofile import read_po, write_po

from chatproto.core.events import Event
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from running import Running

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "CONTRIBUTING.md"
PATIENCE: Final = 120.0  # seconds that one program may take before a test gives up
LINES_OF_A_DOOR: Final = 60

EXAMPLES: Final = ("A command", "A kind", "A voice", "A door", "A language", "When it is whole")
_HEADING: Final = re.compile(r"^###? (.+)$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE: Final = re.compile(r"# (\S+?)(, at its end)?\n")


@dataclass(frozen=True)
class Block:
    """A block of the page: what it is written in, and the file that its first line names; "" for commands."""

    written_in: str
    path: str
    is_at_end: bool
    text: str

    @classmethod
    def of(cls, written_in: str, text: str) -> Self:
        if written_in == "sh":
            return cls(written_in, "", False, text)
        place = _PLACE.match(text)
        assert place, f"it does not say where it goes: {text[:60]}"
        return cls(written_in, place[1], bool(place[2]), text[place.end() :])

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")


def examples(page: str) -> dict[str, list[Block]]:
    """Return the blocks below each heading of a page."""
    _before, *parts = _HEADING.split(page)
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    return {
        title: [Block.of(*block) for block in _BLOCK.findall(texts[title])] for title in EXAMPLES
    }


class Copy:
    """A copy of the project, in which the page is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignore = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "chat-data", "*.pot")
        shutil.copytree(ROOT, folder, ignore=ignore)
        (folder / ".venv").symlink_to(sys.prefix)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=os.environ | self.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def test(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)

    def apply(self, block: Block) -> None:
        if block.written_in == "sh":
            self._obey(block.text)
        elif block.written_in == "po":
            self._translate(block)
        elif block.written_in == "diff":
            self._change(block)
        else:
            self._write(block)

    def _obey(self, commands: str) -> None:
        for line in commands.splitlines():
            words = line.partition("#")[0].split()
            if words[0] == "make":  # but not the virtual environment, which is here
                words[1:1] = ["-o", ".venv/.ready"]
            done = self.run(*words)
            assert done.returncode == 0, f"{line}\n{done.stdout}"

    def _write(self, block: Block) -> None:
        path = self.folder / block.path
        assert path.exists() == block.is_at_end, block.path
        if block.is_at_end:
            path.write_text(f"{path.read_text('utf-8')}\n\n{block.text}", "utf-8")
        else:
            path.write_text(block.text, "utf-8")

    def _change(self, block: Block) -> None:
        path = self.folder / block.path
        text = path.read_text("utf-8")
        for hunk in block.text.split("@@\n")[1:]:
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
            new = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
            assert text.count(old) == 1, f"{block.path} has this {text.count(old)} times:\n{old}"
            text = text.replace(old, new)
        path.write_text(text, "utf-8")

    def _translate(self, block: Block) -> None:
        """Fill in the words of a catalogue, as one does in an editor."""
        path = self.folder / block.path
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in read_po(block.text.splitlines(keepends=True)):
            if message.id:
                there = catalogue.get(message.id)
                assert there, f"{block.path} has no {message.id}"
                there.string = message.string
        with path.open("wb") as file:
            write_po(file, catalogue)


class Followed:
    """What came of following the page.

    failing   the files with tests that failed before the code was there
    said      what the tests said when it was, and how they ended
    """

    def __init__(self, copy: Copy, page: str) -> None:
        """Follow it, but for its last step, which must wait for the whole of a language."""
        self.copy = copy
        self.examples = examples(page)
        tests = self._apply(EXAMPLES, tests=True)
        before = copy.test("-rfE", "--continue-on-collection-errors", *tests).stdout
        self.failing = set(re.findall(r"^(?:FAILED|ERROR) ([\w/]+\.py)", before, re.MULTILINE))
        self._apply(EXAMPLES[:-1], tests=False)
        done = copy.test(*(test for title in EXAMPLES[:-1] for test in self.tests(title)))
        self.said, self.ended = done.stdout, done.returncode

    def _apply(self, titles: Iterable[str], *, tests: bool) -> list[str]:
        blocks = [
            block for title in titles for block in self.examples[title] if block.is_test == tests
        ]
        for block in blocks:
            self.copy.apply(block)
        return [block.path for block in blocks]

    def tests(self, title: str) -> list[str]:
        """Return the files with the tests of an example."""
        return [block.path for block in self.examples[title] if block.is_test]

    def end(self) -> None:
        """Take the last step."""
        self._apply(EXAMPLES[-1:], tests=False)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    copy = Copy(tmp_path_factory.mktemp("contributing") / "copy")
    return Followed(copy, PAGE.read_text("utf-8"))


@pytest.mark.parametrize("title", EXAMPLES)
def test_each_example_has_a_test_that_fails_without_it(followed: Followed, title: str) -> None:
    tests = set(followed.tests(title))
    assert tests
    assert tests <= followed.failing


def test_with_the_examples_their_tests_pass(followed: Followed) -> None:
    assert followed.ended == 0, followed.said


def test_all_of_them_together_keep_the_rules_of_the_house(followed: Followed) -> None:
    done = followed.copy.test(
        "tests/test_house.py", "tests/test_catalogue.py", "tests/commands/test_table.py",
        "tests/core/test_reserved.py", "tests/test_tap.py", "tests/sessions/test_prompt.py",
        "-k", "not wheel",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    for check in (["check"], ["format", "--check"]):
        done = followed.copy.run(sys.executable, "-m", "ruff", *check, "--no-cache", ".")
        assert done.returncode == 0, done.stdout


def test_a_row_that_was_added_stands_in_the_page_of_commands(followed: Followed) -> None:
    page = (followed.copy.folder / "docs" / "commands.md").read_text("utf-8")
    assert "| `/shrug [TEXT]` | say that you do not know | `/shrug no idea` |  |" in page


def test_every_file_and_test_that_the_page_names_is_there(followed: Followed) -> None:
    prose = _BLOCK.sub("", PAGE.read_text("utf-8"))
    named = set(re.findall(r"`([\w./]+\.(?:py|md))`|\]\(([\w./]+)\)", prose))
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    folders = (followed.copy.folder, followed.copy.folder / "chatproto")
    for path in map("".join, named):
        assert any((folder / path).exists() for folder in folders), path
    for name in re.findall(r"`(test_\w+)`", prose):
        assert f"def {name}(" in tests, name


def test_a_kind_that_was_added_is_unknown_to_those_who_have_it_not() -> None:
    asked = Event(7, 5, 5, "lobby", "alice", 99, "", 0, "who has the notes?")
    for voice in (LineVoice("ru"), TerminalVoice("en")):
        assert voice.render([asked], "lobby") == [b""]


def test_the_door_is_a_short_one() -> None:
    (door,) = (
        block.text
        for block in examples(PAGE.read_text("utf-8"))["A door"]
        if block.path == "chatproto/doors/json_lines.py"
    )
    assert code_lines(door) < LINES_OF_A_DOOR


def code_lines(source: str) -> int:
    """Count the lines of a module that are neither empty nor imports nor docstrings."""
    tree = ast.parse(source)
    aside: set[int] = set()
    for node in ast.walk(tree):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            assert isinstance(node, ast.stmt)
            aside.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for number, line in lines if line.strip() and number not in aside)


@pytest.mark.e2e
def test_the_door_opens_on_a_port_and_answers(
    followed: Followed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in followed.copy.environment.items():
        monkeypatch.setenv(name, value)
    with (
        Running(tmp_path, doors=("json", "plain")) as server,
        socket.create_connection(("127.0.0.1", server.ports["json"]), PATIENCE) as connection,
        connection.makefile("rw", encoding="utf-8", newline="\n") as program,
    ):

        def ask(**what: str) -> dict[str, object]:
            program.write(json.dumps(what) + "\n")
            program.flush()
            answer: dict[str, object] = json.loads(program.readline())
            return answer

        assert ask(nick="bot") == {"nick": "bot"}
        assert ask(join="lobby") == {"room": "lobby", "here": ["bot"]}
        assert json.loads(program.readline())["nick"] == "bot"  # it came in
        said = ask(say="/quit")
        assert (said["seq"], said["text"]) == (1, "/quit")


def test_a_language_that_is_offered_too_early_is_read_and_the_tests_say_what_it_lacks(
    followed: Followed,
) -> None:
    followed.end()
    done = followed.copy.test(
        *followed.tests(EXAMPLES[-1]), "tests/test_catalogue.py", "tests/test_client.py",
        "-k", "german or complete or goodbye",
    )  # fmt: skip
    assert "not translated: " in done.stdout
    assert "GOING_DOWN" in done.stdout
    assert re.search(r"^2 failed, \d+ passed", done.stdout, re.MULTILINE), done.stdout
