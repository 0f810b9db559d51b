"""The context: all sessions, and the end of them."""

from __future__ import annotations

from twisted.internet.defer import CancelledError

from chatproto.doors.plain import PlainProtocol
from fakes import InMemoryServer


def test_a_stopping_server_says_goodbye_to_all() -> None:
    server = InMemoryServer()
    named, nameless = server.enter(PlainProtocol, "alice"), server.knock(PlainProtocol)
    nameless.read()
    server.context.say_goodbye()
    for peer in (named, nameless):
        assert peer.read() == "-- The server is going down. Goodbye.\n"
        assert peer.transport.disconnecting


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
