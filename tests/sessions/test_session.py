"""A session: from the first line to the last, and what the others are told of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.language import _, language
from chatproto.limits import CROWD_SECONDS, GOODBYE_SECONDS, RECENT_LINES
from chatproto.sessions.goodbye import not_sent
from chatproto.sessions.lines import LEAVING
from chatproto.voices.screen import Screen
from fakes import InMemoryServer, Peer, SocketPeer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.lines import LineProtocol


def come(server: InMemoryServer, name: str) -> Peer:
    peer = server.knock(PlainProtocol)
    peer.read()
    peer.send(name)
    return peer


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


# -- what fits on a screen --------------------------------------------------------------------------


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


def test_the_message_of_the_day_comes_first_line_by_line() -> None:
    server = InMemoryServer(motd="Be kind.\nNo {braces} harm.")
    assert come(server, "alice").read().startswith("-- Be kind.\n-- No {braces} harm.\n-- You are")


def test_people_are_greeted_in_the_language_of_the_house() -> None:
    server = InMemoryServer(language="ru")
    wanted = language("ru").read(_("Your name: "))
    assert server.knock(TelnetProtocol).read().endswith(wanted)
    assert wanted != "Your name: "


def test_quit_says_goodbye_and_closes() -> None:
    peer = InMemoryServer().enter(PlainProtocol, "alice")
    peer.send("/quit")
    assert peer.read() == "-- Goodbye.\n"
    assert peer.transport.disconnecting


def test_who_quits_before_giving_a_name_was_never_here() -> None:
    server = InMemoryServer()
    listener = server.enter(PlainProtocol, "bob")
    peer = come(server, "/quit")
    assert peer.read() == "-- Goodbye.\n"
    server.clock.advance(2)
    assert listener.read() == ""


def test_the_reason_is_told_to_the_others() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.read()
    alice.send("/quit my train leaves")
    server.clock.advance(2)
    assert bob.read() == "-- alice left: my train leaves\n"


def test_a_broken_connection_is_told_to_the_others() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.door.connectionLost(Failure(ConnectionLost()))
    server.clock.advance(2)
    assert bob.read() == "-- alice left: the connection broke\n"


def test_a_closed_one_is_no_broken_one() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.door.connectionLost(Failure(ConnectionDone()))
    server.clock.advance(2)
    assert bob.read() == "-- alice left\n"


def test_who_left_is_told_once_though_the_connection_ends_later() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.send("/quit")
    server.clock.advance(1)
    alice.hang_up()
    server.clock.advance(2)
    assert bob.read() == "-- alice left\n"


def test_a_name_is_free_again_when_its_owner_left() -> None:
    server = InMemoryServer()
    server.enter(PlainProtocol, "alice").hang_up()
    assert "You are alice." in come(server, "alice").read()


def test_a_rename_is_told() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.read()
    alice.send("/nick ann")
    assert alice.read() == "-- You are ann now.\n"
    assert bob.read() == "-- alice is now ann\n"


def test_who_come_together_are_told_together() -> None:
    server = InMemoryServer()
    listener = server.enter(PlainProtocol, "alice")
    for name in ("bob", "carol", "dave", "eve"):
        come(server, name)
    assert listener.read() == "-- bob joined\n"
    server.clock.advance(1)
    server.clock.turn()
    assert listener.read() == "-- carol, dave and eve joined\n"


def test_a_slash_may_be_said() -> None:
    server = InMemoryServer()
    alice, bob = server.enter(PlainProtocol, "alice"), server.enter(PlainProtocol, "bob")
    alice.send("//shrug")
    assert bob.read() == "alice: /shrug\n"


@pytest.mark.parametrize(
    "word", ["exit", "Quit", "ВЫХОД", " exit ", "/quit", "/Q", "/exit", "/bye", "/quit so long"]
)
def test_a_word_for_leaving_is_no_name_and_leaves_at_once(word: str) -> None:
    server = InMemoryServer()
    peer = server.knock(PlainProtocol)
    peer.read()
    peer.send(word)
    assert peer.read() == "-- Goodbye.\n"
    assert peer.transport.disconnecting
    assert not server.chat.members


@pytest.mark.parametrize("word", sorted(LEAVING))
def test_a_word_for_leaving_is_nobodys_name_later(word: str) -> None:
    alice = InMemoryServer().enter(PlainProtocol, "alice")
    alice.send(f"/nick {word}")
    assert alice.read() == f"-- “{word}” is kept for the server. Choose another name.\n"


@pytest.mark.parametrize("word", ["exits", "/exits", "quit it", "/help"])
def test_other_words_leave_nothing_when_a_name_is_asked_for(word: str) -> None:
    peer = InMemoryServer().knock(PlainProtocol)
    peer.send(word)
    assert not peer.transport.disconnecting


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


def test_a_stopping_server_says_goodbye_to_all() -> None:
    server = InMemoryServer()
    named, nameless = server.enter(PlainProtocol, "alice"), server.knock(PlainProtocol)
    nameless.read()
    server.context.say_goodbye()
    for peer in (named, nameless):
        assert peer.read() == "-- The server is going down. Goodbye.\n"
        assert peer.transport.disconnecting


@pytest.mark.parametrize("door", [PlainProtocol, TelnetProtocol])
@pytest.mark.parametrize(("sent", "count"), [(6, 1), (8, 3), (30, 25)])
@pytest.mark.parametrize("code", ["en", "ru"])
def test_a_stopping_server_refuses_what_waits_and_says_how_much(
    door: type[LineProtocol], sent: int, count: int, code: str
) -> None:
    server = InMemoryServer(rate=Rate(5, 2.0), language=code)
    alice = server.dial(door)
    alice.send("alice")
    server.clock.advance(60)
    alice.turn()
    alice.send("".join(f"{number}\n" for number in range(sent)).encode())
    server.clock.turn()
    alice.read()
    assert len(server.archive._kept) == sent - count
    server.context.say_goodbye()
    alice.turn()
    read = language(code).read
    goodbye = read(_("The server is going down. Goodbye."))
    assert alice.read().splitlines() == [f"-- {read(not_sent(count))}", f"-- {goodbye}"]
    assert not alice.is_connected


def test_a_line_without_an_end_is_refused_where_it_would_have_been_said() -> None:
    server = InMemoryServer()
    said, typed = server.enter(PlainProtocol, "alice"), server.enter(TelnetProtocol, "bob")
    said.send(b"no end")
    typed.send(b"no end")
    server.context.say_goodbye()
    assert "-- Not sent: 1 line that was still waiting for its turn." in said.read()
    assert typed.read() == "-- The server is going down. Goodbye.\r\n"
    said.hang_up()


def test_an_answer_that_is_late_does_not_come_behind_a_goodbye() -> None:
    server = InMemoryServer()
    alice = server.seat(PlainProtocol, "alice")
    answers: list[Callable[[], None]] = []
    server.chat.history.recall = lambda _room, call: answers.append(call)  # type: ignore[assignment,method-assign]
    alice.send("/join #kitchen")
    server.context.say_goodbye()
    for answer in answers:
        answer()
    server.clock.turn()
    alice.turn()
    assert alice.read() == "-- The server is going down. Goodbye.\n"


def test_nothing_comes_behind_a_goodbye() -> None:
    server = InMemoryServer()
    alice, bob = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    server.chat.say(next(iter(server.chat.members.values())).seats[0], "last words")
    server.context.say_goodbye()
    server.clock.turn()
    alice.turn()
    bob.turn()
    assert bob.read().endswith("-- The server is going down. Goodbye.\n")
    assert not bob.is_connected


def in_the_past(server: InMemoryServer, name: str) -> SocketPeer:
    """Seat somebody who is held: what they asked for of the past is on its way."""
    peer = server.seat(PlainProtocol, name)
    server.archive.back = lambda *_question: Deferred()  # type: ignore[method-assign]
    peer.send("/history")
    return peer


def test_what_was_held_does_not_come_behind_a_goodbye() -> None:
    server = InMemoryServer()
    alice, bob = in_the_past(server, "alice"), server.seat(PlainProtocol, "bob")
    bob.send("hello")
    alice.turn()
    assert alice.read() == ""
    alice.door.session.dismiss(_("Goodbye."))  # type: ignore[union-attr]
    alice.turn()
    assert alice.read() == "-- Goodbye.\n"
    assert not alice.is_connected


def test_who_quits_while_lines_of_theirs_wait_does_not_come_in_by_one_of_them() -> None:
    server = InMemoryServer()
    alice, bob = in_the_past(server, "alice"), server.seat(PlainProtocol, "bob")
    alice.door.dataReceived(b"carol\n")
    bob.send("hello")
    alice.door.session.quit("")  # type: ignore[union-attr]
    alice.turn()
    assert alice.read() == "-- Goodbye.\n"
    assert [member.nick for member in server.chat.members.values()] == ["bob"]


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


class Broken:
    """An editor that fails at everything."""

    def above(self, lines: bytes = b"") -> bytes:
        raise ZeroDivisionError(lines)

    set_prompt = stop = clear = above


@pytest.mark.parametrize("reads", [True, False])
def test_whose_editor_fails_is_sent_home_as_everybody_is(
    reads: bool, failures: list[Failure]
) -> None:
    server = InMemoryServer()
    alice, bob = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    reader = alice.door.session.reader  # type: ignore[union-attr]
    reader.editor = cast("Any", Broken())
    server.delivery.set_typing(reader, typing=True)
    alice.take(None if reads else 0)
    bob.send("hello")
    alice.turn()
    server.clock.advance(GOODBYE_SECONDS)
    bob.turn()
    server.clock.advance(CROWD_SECONDS)
    bob.turn()
    assert ("Something went wrong" in alice.read()) is reads
    assert bob.read().splitlines()[-1].startswith("-- alice left")
    assert len(server.context.sessions) == 1
    assert {failure.type for failure in failures} == {ZeroDivisionError}


def test_who_cannot_be_told_goodbye_goes_all_the_same(failures: list[Failure]) -> None:
    server = InMemoryServer()
    alice, bob = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    alice.door.session.reader.editor = cast("Any", Broken())  # type: ignore[union-attr]
    server.context.say_goodbye()
    alice.turn()
    bob.turn()
    assert bob.read() == "-- The server is going down. Goodbye.\n"
    assert not alice.is_connected
    assert not server.context.sessions
    assert [failure.type for failure in failures] == [ZeroDivisionError]


# -- the end of all ---------------------------------------------------------------------------------


def test_a_server_without_sessions_is_empty_at_once() -> None:
    assert InMemoryServer().context.when_empty().called


def test_it_is_empty_when_the_last_session_is_over() -> None:
    server = InMemoryServer()
    alice, bob = (server.knock(PlainProtocol) for _ in range(2))
    empty = server.context.when_empty()
    alice.hang_up()
    assert not empty.called
    bob.hang_up()
    assert empty.called


def test_whoever_waits_for_it_may_stop_waiting() -> None:
    server = InMemoryServer()
    alice = server.knock(PlainProtocol)
    first, second = server.context.when_empty(), server.context.when_empty()
    first.addErrback(lambda failure: failure.trap(CancelledError))
    first.cancel()
    alice.hang_up()
    assert second.called
