"""A session: its end, whatever brings it about, and what the others are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from coming import come
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.language import _, language
from chatproto.limits import CROWD_SECONDS, GOODBYE_SECONDS
from chatproto.sessions.goodbye import not_sent
from fakes import InMemoryServer, SocketPeer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.lines import LineProtocol


def test_quit_says_goodbye_and_closes() -> None:
    peer = InMemoryServer().enter(PlainProtocol, "alice")
    peer.send("/quit")
    assert peer.read() == "-- Goodbye.\n"
    assert peer.transport.disconnecting


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
    """Return a peer that is held: what it asked for of the past is on its way."""
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
