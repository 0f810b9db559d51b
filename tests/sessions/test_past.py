"""The past on a session's screen: what fits there, and what is newer comes after it."""

from __future__ import annotations

import re

import pytest
from coming import come
from twisted.internet.defer import Deferred

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import RECENT_LINES
from chatproto.voices.screen import Screen
from fakes import InMemoryServer


def come_on_a_screen(server: InMemoryServer, columns: int, rows: int) -> list[str]:
    """Come to a telnet door with a terminal of that size; return the rows, as it wraps them."""
    peer = server.knock(TelnetProtocol)
    shown = peer.read().removeprefix("\\xff\\xfd\x18\r\0")
    assert peer.door.session
    peer.door.session.display.look_on(Screen(b"\r\n", columns, rows=rows))
    peer.send("bob")
    lines = (shown + "bob\r\n" + peer.read()).split("\r\n")
    return [
        line[start : start + columns]
        for line in lines
        for start in range(0, len(line) or 1, columns)
    ]


def talkative(length: int = 5) -> InMemoryServer:
    server = InMemoryServer(motd="Be kind.")
    alice = server.enter(PlainProtocol, "alice")
    alice.send("/topic tea and cake")
    for number in range(RECENT_LINES + 5):
        alice.send(f"line {number} {'x' * length}")
    return server


@pytest.mark.parametrize("length", [5, 75, 150, 400])
@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 24), (100, 13), (200, 50)])
def test_whoever_joins_sees_the_greeting_and_how_to_get_help(
    length: int, columns: int, rows: int
) -> None:
    shown = come_on_a_screen(talkative(length), columns, rows)
    assert shown[0] == "-- Welcome to the test."
    assert "".join(shown).endswith("-- You are bob. /help lists the commands.")
    assert len(shown) <= rows


def test_the_past_fills_the_rest_of_the_screen() -> None:
    shown = come_on_a_screen(talkative(), 80, 24)
    assert len(shown) == 24
    assert sum(" alice: line" in row for row in shown) == 17


def test_a_screen_with_no_room_for_the_past_shows_the_rest_of_it() -> None:
    shown = come_on_a_screen(talkative(), 80, 5)
    assert not any(" alice: line" in row for row in shown)
    assert "-- Topic: tea and cake (by alice)" in shown


def test_a_program_is_shown_all_of_the_last_lines() -> None:
    assert come(talkative(200), "bob").read().count(" alice: line") == RECENT_LINES


def test_history_goes_on_where_the_screen_had_no_more_room() -> None:
    server = talkative()
    peer = server.knock(TelnetProtocol)
    assert peer.door.session
    peer.door.session.display.look_on(Screen(b"\r\n", 80, rows=10))
    peer.send("bob")
    first = min(int(n) for n in re.findall(r"alice: line (\d+)", peer.read()))
    peer.send("/history")
    assert f"alice: line {first - 1} " in peer.read()


def test_what_is_said_while_the_past_is_read_comes_after_it_and_once() -> None:
    server = InMemoryServer()
    alice = server.enter(PlainProtocol, "alice")
    alice.send("old")
    server.chat.rooms["lobby"].recent = None
    answers = []

    def before(*question: object) -> Deferred[object]:
        answers.append(answer := Deferred[object]())
        answer.question = real(*question)  # type: ignore[attr-defined,arg-type]
        return answer

    real, server.archive.before = server.archive.before, before  # type: ignore[assignment,method-assign]
    bob = come(server, "bob")
    alice.send("new")
    assert bob.read() == ""
    answers[0].question.addCallback(answers[0].callback)  # type: ignore[attr-defined]
    lines = bob.read().splitlines()
    said = [
        line.removeprefix(line.split("alice", maxsplit=1)[0]) for line in lines if "alice:" in line
    ]
    assert said == ["alice: old", "alice: new"]
    assert lines.index("-- You are bob. /help lists the commands.") < lines.index("alice: new")


def test_who_leaves_while_the_past_is_read_is_shown_nothing() -> None:
    server = InMemoryServer()
    server.enter(PlainProtocol, "alice").send("old")
    server.chat.rooms["lobby"].recent = None
    answer: Deferred[list[object]] = Deferred()
    server.archive.before = lambda *_question: answer  # type: ignore[assignment,method-assign]
    bob = come(server, "bob")
    bob.hang_up()
    answer.callback([])
    assert bob.read() == ""


def test_an_answer_that_comes_after_they_left_goes_nowhere() -> None:
    server = InMemoryServer()
    alice = server.enter(PlainProtocol, "alice")
    alice.send("something")
    answer: Deferred[list[object]] = Deferred()
    past = list(server.archive._kept)
    server.archive.before = lambda *_question: answer  # type: ignore[assignment,method-assign]
    alice.send("/history")
    alice.hang_up()
    alice.read()
    answer.callback(past)  # type: ignore[arg-type]
    assert "something" not in alice.read()
