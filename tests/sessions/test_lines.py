"""Lines that a person types: commands, talk, and words by which they may mean to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.doors.plain import PlainProtocol
from fakes import InMemoryServer

if TYPE_CHECKING:
    from chatproto.sessions.lines import LineSession


def test_a_slash_may_be_said() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.send("//shrug")
    assert bob.read() == "alice: /shrug\n"


@pytest.mark.parametrize("word", ["exit", "quit", "EXIT", "выход", "Выход"])
def test_a_word_that_leaves_other_programs_asks_first(word: str) -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.read()
    alice.send(word)
    assert alice.read() == f"-- To leave, type /quit. To say “{word}”, type it again.\n"
    assert bob.read() == ""
    alice.send(word)
    assert bob.read() == f"alice: {word}\n"
    alice.send(word)
    assert bob.read() == ""


@pytest.mark.parametrize("line", ["exit here", "no exit", "quit it", "exits", "//exit"])
def test_a_word_among_others_is_said(line: str) -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.send(line)
    assert bob.read() == f"alice: {line.removeprefix('/')}\n"


def test_such_a_word_asks_again_when_something_else_came_between() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    for line in ("exit", "hello", "exit"):
        alice.send(line)
    assert bob.read() == "alice: hello\n"


def test_escape_sequences_stop_here() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.send(b"\x1b[2Jhi\x07\x1b]0;title\x07 there\n")
    assert bob.read() == "alice: hi there\n"


def test_a_line_of_nothing_is_not_said() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.read()
    alice.send(b"   \n\x1b[0m\n\n")
    assert alice.read() == bob.read() == ""


def test_who_is_in_no_room_is_told_so() -> None:
    peer = InMemoryServer().enter(PlainProtocol, "alice")
    peer.send("/leave")
    peer.read()
    peer.send("hello?")
    assert peer.read() == "-- You are in no room. /join #lobby brings you into one.\n"


class Riddle:
    """Asks a member something until they know it."""

    def __init__(self, session: LineSession) -> None:
        self._session = session
        self.answers: list[str] = []

    def question(self) -> str:
        return "What walks on four legs? "

    def take(self, line: str) -> None:
        self.answers.append(line)
        if line == "a cat":
            self._session.stop_asking()
        else:
            self._session.ask(self)


def test_whatever_asks_takes_the_next_line_and_nothing_of_it_is_said_or_done() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    session = alice.door.session
    assert session
    riddle = Riddle(session)
    alice.read()
    session.ask(riddle)
    for line in ("alice: hello", "/quit", "exit", "", "a cat"):
        alice.send(line)
    assert alice.read() == riddle.question() * 5
    assert riddle.answers == ["alice: hello", "/quit", "exit", "", "a cat"]
    assert bob.read() == ""
    alice.send("alice: miaow")
    assert bob.read() == "alice: miaow\n"
