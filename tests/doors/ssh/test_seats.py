"""A member with a key is known again by SSH: beside another of its connections, and after one that broke."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from ssh_client import Client, Link
from twisted.conch.ssh.keys import Key
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from chatproto.core.pace import Rate
from chatproto.doors.gated import GatedFactory
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.limits import SEAT_KEPT_SECONDS
from fakes import InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes import SocketPeer


@pytest.fixture
def key() -> Key:
    return Key(ed25519.Ed25519PrivateKey.generate())


@pytest.fixture
def bob(server: InMemoryServer, dial: object) -> Iterator[SocketPeer]:
    """Return a member at another door, who goes before the ssh door is looked at."""
    bob = server.seat(PlainProtocol, "bob")
    yield bob
    bob.hang_up()


ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\a]")


def rows(link: Link) -> list[str]:
    """Return what a terminal was sent, without what moves its cursor or paints, and without prompts."""
    lines = ESCAPES.sub("", link.read()).split("\n")
    lines = [re.sub(r"^(Your name: )?(> )*", "", line) for line in lines]
    return [line for line in lines if line]


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
    link = dial(b"alice", key=key, term=b"xterm")
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
    assert bob.read() == ""  # no member is told
    again = dial(b"alice", key=key, term=b"xterm")
    lines = rows(again)
    assert lines[:3] == [
        "-- Welcome to the test.",
        "-- Welcome back, alice. You go on where your connection broke.",
        "-- You are in #garden with bob.",
    ]
    assert lines[-3:] == [
        "bob: before",
        "bob: while she was gone",
        "[bob -> you] and to you alone",
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
    link = dial(b"alice", key=key, term=b"xterm")
    link.say(b"/language ru")
    break_off(link)
    again = dial(b"alice", key=key, term=b"xterm")
    assert any("С возвращением, alice." in row for row in rows(again))


def test_who_never_comes_back_is_lost(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    link = dial(b"alice", key=key, term=b"xterm")
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
    break_off(dial(b"alice", key=key, term=b"xterm"))
    assert server.chat.members
    server.context.say_goodbye()
    server.chat.close()


def test_what_a_member_missed_is_not_for_a_script(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    link = dial(b"alice", key=key, term=b"xterm")
    server.clock.advance(2)
    break_off(link)
    bob.send("/msg alice the door code is 4711")
    pipe = dial(b"alice", key=key)
    pipe.say(b"built")
    pipe.client.connection.sendEOF(pipe.client.session)
    pipe.pump()
    pipe.wait(10)
    assert "4711" not in pipe.read()
    bob.turn()
    assert "left" not in bob.read()
    again = rows(dial(b"alice", key=key, term=b"xterm"))
    assert "[bob -> you] the door code is 4711" in again
    assert "alice: built" in again


def test_what_the_network_lost_after_the_last_sign_of_life_is_shown_again(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    link = dial(b"alice", key=key, term=b"xterm")
    link.wait(10)
    link.say(b"a sign of life")
    link.wait(10)
    link.say(b"another")
    bob.send("/msg alice the door code is 4711")
    server.clock.advance(
        60
    )  # nothing comes of her: the server has sent it, and that is all it knows
    break_off(link)
    assert "[bob -> you] the door code is 4711" in rows(dial(b"alice", key=key, term=b"xterm"))


def test_who_was_renamed_finds_themself_by_the_name_they_came_by(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    link = dial(b"alice", key=key, term=b"xterm")
    link.say(b"/nick annie")
    break_off(link)
    assert any(
        "Welcome back, annie." in row for row in rows(dial(b"alice", key=key, term=b"xterm"))
    )
    assert len(server.chat.members) == 1


def test_who_leaves_for_good_leaves_nothing_kept(
    server: InMemoryServer, dial: Callable[..., Link], key: Key, bob: SocketPeer
) -> None:
    first, second = (dial(b"alice", key=key, term=b"xterm") for _ in range(2))
    server.clock.advance(2)
    bob.turn()
    bob.read()
    break_off(first)
    second.say(b"/quit tea")
    server.clock.advance(2)
    bob.turn()
    assert bob.read() == "-- alice left: tea\n"
    assert [member.nick for member in server.chat.members.values()] == ["bob"]


def test_a_room_that_is_left_at_one_seat_is_said_at_the_other(
    server: InMemoryServer, dial: Callable[..., Link], key: Key
) -> None:
    first, second = (dial(b"alice", key=key, term=b"xterm") for _ in range(2))
    for link in (first, second):
        link.say(b"/join garden")
    rows(first)
    second.say(b"/leave")
    first.pump()
    assert "-- You left #garden. You are talking in #lobby now." in rows(first)


def test_a_member_talks_at_one_pace_from_all_seats(key: Key) -> None:
    server = InMemoryServer(rate=Rate(5, 2))
    factory = GatedFactory(server.gate, SSHDoorFactory(server.context, None))
    links = [Link(server, factory, Client(b"alice", key=key)) for _ in range(3)]
    for link in links:
        for number in range(5):
            link.client.session.write(b"line %d\n" % number)
        link.pump()
    server.clock.turn(9)
    said = [event for event in server.archive._kept if event.text.startswith("line")]
    assert len(said) <= 5 + len(
        links
    )  # the burst, and the line at which each learns that it is over
    for link in links:
        link.hang_up()
