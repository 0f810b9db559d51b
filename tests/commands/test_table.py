"""The table of commands: every row is reachable, documented and tested."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asking import ask
from chatproto.commands import table
from chatproto.commands.arguments import Kind
from chatproto.commands.every import COMMANDS
from chatproto.commands.markdown import as_markdown
from chatproto.commands.row import first_word, usage
from chatproto.core.permissions import Asks
from chatproto.errors import NotFound
from chatproto.language import ENGLISH, LANGUAGES, language

if TYPE_CHECKING:
    from chatproto.commands.row import Command
    from fakes import Peer

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs" / "commands.md"


def test_every_command_is_given_in_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    given = set(re.findall(r'ask\(\w+, f?"/(\w+)', tests))
    assert set(COMMANDS.commands) - given == set()


def test_no_two_commands_share_a_name_or_an_alias() -> None:
    every = [
        name
        for subject in COMMANDS.subjects
        for command in subject.commands
        for name in (command.name, *command.aliases)
    ]
    assert sorted(every) == sorted(set(every)) == sorted(COMMANDS.names)


@pytest.mark.parametrize("alias", sorted(set(COMMANDS.names) - set(COMMANDS.commands)))
def test_an_alias_is_its_command(alias: str) -> None:
    command = COMMANDS.find(f"/{alias.upper()}")
    assert alias in command.aliases
    assert COMMANDS.commands[command.name] is command


def test_a_command_is_found_in_any_case(alice: Peer) -> None:
    assert ask(alice, "/WHO") == ask(alice, "/names") == ["-- 1 person in #lobby: alice"]


@pytest.mark.parametrize(
    ("seen", "near"), [("hsitory", "history"), ("jion", "join"), ("serach", "search")]
)
def test_a_slip_is_answered_with_the_nearest_there_is(alice: Peer, seen: str, near: str) -> None:
    assert ask(alice, f"/{seen} something") == [
        f"-- There is no /{seen}. Did you mean /{near}? /help lists all."
    ]


def test_what_is_like_nothing_is_answered_with_help() -> None:
    with pytest.raises(
        NotFound, match=r"There is no /xyzzy\. /help lists .* to say it, type //xyzzy\."
    ):
        COMMANDS.find("xyzzy")


def test_nothing_near_is_looked_for_when_a_name_is_too_long_to_be_near_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    longest = max(COMMANDS.names, key=len)
    monkeypatch.setattr(table, "get_close_matches", None)  # a call of it fails
    with pytest.raises(NotFound, match=r"There is no /x{80}…\. /help lists"):
        COMMANDS.find("x" * 2000)
    with pytest.raises(NotFound):
        COMMANDS.find("x" * (2 * len(longest) + 1))


def test_help_names_every_command_on_a_third_of_a_screen(alice: Peer) -> None:
    lines = ask(alice, "/help")
    assert lines[0].startswith("-- Talking: /me, ")
    named = re.findall(r"/(\w+)", " ".join(lines[: len(COMMANDS.subjects)]))
    assert named == list(COMMANDS.commands)
    assert lines[-2:] == [
        "-- /help COMMAND shows how to use one; /help all lists what each does.",
        "-- Anything else you type is said. To say a line that begins with /, type //.",
    ]
    assert len(lines) <= 24 // 3


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_line_of_help_is_wider_than_a_screen(alice: Peer, code: str) -> None:
    ask(alice, f"/language {code}")
    assert max(map(len, ask(alice, "/help"))) <= 80


@pytest.mark.parametrize("line", ["/help all", "/help ALL"])
def test_help_all_lists_every_command_under_its_subject(alice: Peer, line: str) -> None:
    lines = ask(alice, line)
    assert [line.removeprefix("-- ") for line in lines if not line.startswith("--   ")] == [
        str(subject.title) for subject in COMMANDS.subjects
    ]
    for command in COMMANDS.commands.values():
        assert f"--   {usage(command)} - {command.summary}" in lines


@pytest.mark.parametrize("line", ["/help msg", "/help /msg", "/help tell", "/? w"])
def test_help_tells_more_of_one(alice: Peer, line: str) -> None:
    assert ask(alice, line) == [
        "-- /msg NICK|#ROOM TEXT",
        "-- say something to one person, or in another room",
        "-- For example: /msg bob see you at noon",
        "-- Also: /m, /tell, /w",
    ]


def test_help_says_why_a_command_cannot_be_given_just_now(alice: Peer) -> None:
    assert "no room" not in ask(alice, "/help topic")[-1]
    ask(alice, "/leave")
    nowhere = "-- You are in no room. /join #lobby brings you into one."
    assert ask(alice, "/help topic")[-1] == nowhere
    ask(alice, "/language ru")
    assert ask(alice, "/help topic")[-1].startswith("-- Вы ни в одной комнате.")


EXAMPLES = {
    command.name: command.example for command in COMMANDS.commands.values() if command.example
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_says(alice: Peer, bob: Peer, name: str, code: str) -> None:
    line = language(code).read(EXAMPLES[name])
    assert line.startswith(f"/{name} ")
    ask(alice, "/join #garden")
    ask(alice, "/join #сад")
    ask(bob, "/msg alice noon?")
    ask(alice, "/nick ann")
    wrong = ("-- Usage:", "-- There is no", "-- You are not in", "-- Nobody here", "-- COUNT")
    assert not any(answer.startswith(wrong) for answer in ask(alice, line))


def test_every_command_that_takes_words_has_an_example() -> None:
    lacking = {command.name for command in COMMANDS.commands.values() if command.arguments} - set(
        EXAMPLES
    )
    assert not lacking


def test_help_has_nothing_on_what_there_is_not(alice: Peer) -> None:
    assert ask(alice, "/help jion") == [
        "-- There is no /jion. Did you mean /join? /help lists all."
    ]


def test_help_is_read_in_the_readers_language(alice: Peer) -> None:
    ask(alice, "/language ru")
    assert ask(alice, "/help me") == [
        "-- /me ТЕКСТ",
        "-- написать, что вы делаете: «* alice машет рукой»",
        "-- Например: /me машет рукой",
    ]


@pytest.mark.parametrize(
    "command",
    [command for command in COMMANDS.commands.values() if command.least],
    ids=lambda command: command.name,
)
def test_a_command_without_its_words_is_answered_with_its_usage(
    alice: Peer, command: Command
) -> None:
    words = " ".join(["word"] * (command.least - 1))
    assert ask(alice, f"/{command.name} {words}") == [f"-- Usage: {usage(command)}"]


@pytest.mark.parametrize(
    ("rest", "word", "more"),
    [
        ("", "", ""),
        ("  one  ", "one", ""),
        ("one  two  three ", "one", "two  three"),
        ("one\ttwo", "one", "two"),
        ("one\u3000two", "one", "two"),
    ],
)
def test_the_first_word_is_told_from_the_rest(rest: str, word: str, more: str) -> None:
    assert first_word(rest) == (word, more)


@pytest.mark.parametrize("command", COMMANDS.commands.values(), ids=lambda command: command.name)
def test_a_row_agrees_with_itself(command: Command) -> None:
    """Its function takes what its arguments give, it does something, and no argument hides the one after it."""
    taken = [*signature(command.run).parameters][1:]
    assert len(taken) == (1 if command.any_order else len(command.arguments))
    assert command.actions
    for argument in command.arguments[:-1]:
        assert command.any_order or not argument.is_rest
    optional = [argument.optional for argument in command.arguments]
    assert optional == sorted(optional), "what must be given stands before what may be left out"


@pytest.mark.parametrize("command", COMMANDS.commands.values(), ids=lambda command: command.name)
def test_more_than_a_command_takes_is_refused_with_its_usage(alice: Peer, command: Command) -> None:
    if any(argument.is_rest for argument in command.arguments) or command.any_order:
        return
    words = {Kind.NUMBER: "1", Kind.MEMBER: "alice", Kind.OWN_ROOM: "#lobby"}
    given = [words.get(one.kind, "help") for one in command.arguments]
    given[:1] = ["@alice"] if command.name == "history" else given[:1]
    line = " ".join([f"/{command.name}", *given])
    assert ask(alice, f"{line} and more") == [
        f"-- That is more than /{command.name} takes: “and more”. Usage: {usage(command)}"
    ]


ANYWHERE = {"history": "/history @bob", "join": "/join #lobby"}


@pytest.mark.parametrize("command", COMMANDS.commands.values(), ids=lambda command: command.name)
def test_what_a_row_does_is_refused_in_no_room_as_its_permission_says(
    alice: Peer, bob: Peer, command: Command
) -> None:
    nowhere = "-- You are in no room. /join #lobby brings you into one."
    needs_room = all(action.asks is Asks.ROOM for action in command.actions)
    ask(bob, "/msg alice psst")
    ask(alice, "/leave")
    assert (nowhere in ask(alice, f"/help {command.name}")) == needs_room
    line = f"/{command.name} {'word' * command.least}"
    if not needs_room:
        line = ANYWHERE.get(command.name) or str(command.example or line)
    assert (nowhere in ask(alice, line)) == needs_room


def test_the_page_of_commands_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == as_markdown(COMMANDS), "run: make docs"


def test_every_row_of_the_page_has_four_cells() -> None:
    rows = [line for line in as_markdown(COMMANDS).splitlines() if line.startswith("| `")]
    assert len(rows) == len(COMMANDS.commands)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_the_page_is_the_same_table_in_russian() -> None:
    english, russian = as_markdown(COMMANDS, ENGLISH), as_markdown(COMMANDS, language("ru"))
    assert re.findall(r"`/(\w+)", russian) == re.findall(r"`/(\w+)", english)
    assert "## Разговор" in russian
