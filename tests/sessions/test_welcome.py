"""The welcome: what a member is shown on coming in."""

from __future__ import annotations

from coming import come

from chatproto.doors.plain import PlainProtocol
from chatproto.limits import RECENT_LINES
from fakes import InMemoryServer


def test_who_is_first_is_told_so() -> None:
    assert come(InMemoryServer(), "alice").read() == (
        "-- You are in #lobby. Nobody else is here yet.\n"
        "-- You are alice. /help lists the commands.\n"
    )


def test_who_comes_is_told_who_is_here() -> None:
    server = InMemoryServer()
    server.enter(PlainProtocol, "alice")
    server.enter(PlainProtocol, "bob")
    assert "-- You are in #lobby with alice and bob.\n" in come(server, "carol").read()


def test_who_comes_is_told_what_the_room_is_about() -> None:
    server = InMemoryServer()
    server.enter(PlainProtocol, "alice").send("/topic tea and cake")
    assert "-- Topic: tea and cake (by alice)\n" in come(server, "bob").read()


def test_who_comes_is_shown_the_last_lines_then_their_name() -> None:
    server = InMemoryServer()
    alice = server.enter(PlainProtocol, "alice")
    for number in range(RECENT_LINES + 5):
        alice.send(f"line {number}")
    lines = come(server, "bob").read().splitlines()
    past = [line.split(" ", 1)[1] for line in lines if not line.startswith("--")]
    assert past == [f"alice: line {number}" for number in range(5, RECENT_LINES + 5)]
    assert lines[-1] == "-- You are bob. /help lists the commands."


def test_the_message_of_the_day_comes_first_line_by_line() -> None:
    server = InMemoryServer(motd="Be kind.\nNo {braces} harm.")
    assert come(server, "alice").read().startswith("-- Be kind.\n-- No {braces} harm.\n-- You are")
