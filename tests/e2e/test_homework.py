"""Homework clients, each as another student would write it, unmodified, in one room with telnet."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from running import PATIENCE, Running, Terminal, needs, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

FOLDER: Final = Path(__file__).parent.parent / "homework"
CLIENTS: Final = sorted(file.stem for file in FOLDER.glob("*.py"))


class Student:
    """A person with a homework client."""

    def __init__(self, client: str, port: int, folder: Path) -> None:
        self.name = client.replace("_", "-")
        self.seen = folder / f"{client}.out"
        with self.seen.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-u", str(FOLDER / f"{client}.py"), "127.0.0.1", str(port), self.name],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
                env={"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
            )  # fmt: skip

    def settle(self) -> None:
        """Let a name that was sent at once, without an end, arrive as a line of its own."""
        end = time.monotonic() + 0.5
        wait_for(lambda: "You are" in self.seen.read_text() or time.monotonic() > end)

    def say(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()

    def sees(self, text: str) -> None:
        wait_for(lambda: text in self.seen.read_text(), self.seen.read_text)

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)


@pytest.fixture
def students(server: Running, tmp_path: Path) -> Iterator[list[Student]]:
    students = [Student(client, server.ports["plain"], tmp_path) for client in CLIENTS]
    yield students
    for student in students:
        student.leave()


def test_there_are_five_of_them() -> None:
    assert len(CLIENTS) >= 5


def test_they_talk_to_each_other_and_to_telnet(server: Running, students: list[Student]) -> None:
    with Terminal(needs("telnet"), "127.0.0.1", str(server.ports["telnet"]), rows=60) as teacher:
        teacher.type("teacher\r")
        for student in students:
            student.sees("Your name:")
            student.settle()
            student.say("здравствуйте")  # to some servers the first words are the name
        wait_for(
            lambda: all(f"{one.name}: здравствуйте" in teacher.lines() for one in students),
            lambda: "\n".join(teacher.lines()),
        )
        teacher.type("who did the homework?\r")
        for student in students:
            student.sees("teacher: who did the homework?")
            student.say(f"I did, says {student.name}")
            for other in students:
                if other is not student:
                    other.sees(f"{student.name}: I did, says {student.name}")
        assert not any(f"{one.name}: {one.name}:" in "\n".join(teacher.lines()) for one in students)


def test_one_that_waits_for_a_keyword_is_seen_as_soon_as_it_speaks(
    server: Running, tmp_path: Path
) -> None:
    port = server.ports["plain"]
    teacher = Student("classic", port, tmp_path)
    teacher.sees("You are classic.")
    quiet = Student("nick_request", port, tmp_path)
    quiet.sees("Your name:")
    teacher.say("/who")
    teacher.sees("is here")
    assert "nick-request" not in teacher.seen.read_text()
    quiet.say("hello")
    teacher.sees("-- nick-request joined")
    teacher.sees("nick-request: hello")
    quiet.sees("You are nick-request.")
    for student in (teacher, quiet):
        student.leave()
