"""Who comes by SSH with a key is known again: beside another connection of theirs, and after one that broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh.keys import Key
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from chatproto.doors.plain import PlainProtocol
from chatproto.limits import SEAT_KEPT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssh_client import Link

    from fakes import InMemoryServer, SocketPeer


@pytest.fixture
def key() -> Key:
    return Key(ed25519.Ed25519PrivateKey.generate())


@pytest.fixture
def bob(server: InMemoryServer, dial: object) -> Iterator[SocketPeer]:
    """Return a member at another door, who goes before the ssh door is looked at."""
    bob = server.seat(PlainProtocol, "bob")
    yield bob
    bob.hang_up()


def break_off(link: Link) -> None:
    """Lose the connection without a word, as a laptop does that is closed."""
    link.socket.connectionLost(Failure(ConnectionLost()))
    link.pump()


def test_the_same_key_is_the_same_member(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    first, second = (dial(b"alice", key=key) for _ in range(2))
    assert "You are alice. " in first.read()
    assert "-- You are alice, who is here 2 times now." in second.read()
    server.clock.advance(2)
    bob.turn()
    assert bob.read() == "-- alice joined\n"
    first.say(b"typed at the first")
    second.pump()
    bob.turn()
    assert first.read() == ""  # its terminal shows what is typed
    assert second.read() == "alice: typed at the first\n"
    assert bob.read() == "alice: typed at the first\n"


def test_another_key_is_not(server: InMemoryServer, dial: Callable[..., Link], key: Key) -> None:
    dial(b"alice", key=key)
    for other in (Key(ed25519.Ed25519PrivateKey.generate()), None):
        assert "“alice” is taken" in dial(b"alice", key=other).read()
    assert len(server.chat.members) == 1


def test_what_is_written_privately_is_read_at_each_seat(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    links = [dial(b"alice", key=key) for _ in range(2)]
    for link in links:
        link.read()
    bob.send("/msg alice psst")
    links[1].say(b"/msg bob what?")
    for link in links:
        link.pump()
    first, second = (link.read().splitlines() for link in links)
    assert first == ["[bob -> you] psst", "[you -> bob] what?"]
    assert second == ["[bob -> you] psst"]  # the terminal shows what was typed there


def test_a_pipe_says_it_as_who_sits_at_a_terminal(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    sitting = dial(b"alice", key=key)
    sitting.read()
    pipe = dial(b"alice", key=key)
    pipe.say(b"built in 3 s")
    pipe.client.connection.sendEOF(pipe.client.session)
    pipe.pump()
    pipe.wait(10)
    sitting.pump()
    assert pipe.client.status == 0
    assert sitting.read() == "alice: built in 3 s\n"
    assert [len(member.seats) for member in server.chat.members.values()] == [1]


def test_a_connection_that_broke_is_taken_up(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    link = dial(b"alice", key=key)
    link.say(b"/join garden")
    bob.send("/join garden")
    server.clock.advance(2)
    bob.turn()
    bob.send("before")
    link.pump()
    bob.read()
    break_off(link)
    bob.send("while she was gone")
    bob.send("/msg alice and to you alone")
    server.clock.advance(SEAT_KEPT_SECONDS - 10)
    bob.turn()
    assert bob.read() == ""  # nobody is told
    again = dial(b"alice", key=key)
    lines = again.read().replace("\r\n", "\n").splitlines()
    assert lines[:3] == [
        "-- Welcome to the test.",
        "-- Welcome back, alice. You go on where your connection broke.",
        "-- You are in #garden with bob.",
    ]
    assert [line.split(" ", 1)[-1] for line in lines[-3:]] == [
        "bob: before",
        "while she was gone",
        "-> you] and to you alone",
    ]
    again.say(b"back")
    bob.turn()
    assert bob.read() == "alice: back\n"
    server.clock.advance(2 * SEAT_KEPT_SECONDS)
    assert again.is_open


def test_one_that_is_closed_is_not(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    link = dial(b"alice", key=key)
    link.socket.connectionLost(Failure(ConnectionDone()))
    link.pump()
    assert not server.chat.members


def test_how_one_reads_is_taken_up_too(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    link = dial(b"alice", key=key)
    link.say(b"/language ru")
    break_off(link)
    again = dial(b"alice", key=key)
    assert "С возвращением, alice." in again.read()


def test_who_never_comes_back_is_lost(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    link = dial(b"alice", key=key)
    server.clock.advance(2)
    bob.turn()
    bob.read()
    break_off(link)
    server.clock.advance(SEAT_KEPT_SECONDS + 1)
    server.clock.advance(2)
    bob.turn()
    assert bob.read() == "-- alice left: the connection broke\n"


def test_a_server_that_stops_waits_for_nobody_who_may_come_back(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    break_off(dial(b"alice", key=key))
    assert server.chat.members
    server.context.say_goodbye()
    server.chat.close()
