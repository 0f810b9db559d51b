"""What a peer sent before it was gone is said, at its pace, within a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import LAST_LINES_AT_ONCE, LAST_LINES_SECONDS
from fakes import InMemoryServer, SocketPeer

if TYPE_CHECKING:
    from chatproto.doors.lines import LineProtocol

DOORS = [TelnetProtocol, PlainProtocol]
SLOW = Rate(5, 2.0)


def heard(server: InMemoryServer, listener: SocketPeer, seconds: float = 0.0) -> list[str]:
    """Let time go by; return what was said and which members went."""
    lines = []
    for _ in range(int(seconds * 2) + 4):
        listener.turn()
        lines += [line for line in listener.read().splitlines() if "joined" not in line]
        server.clock.advance(0.5)
    return lines


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("end", ["\n", ""])
def test_who_writes_and_closes_is_heard(door: type[LineProtocol], end: str) -> None:
    server = InMemoryServer(rate=SLOW)
    listener = server.seat(PlainProtocol, "bob")
    peer = server.dial(door)
    peer.socket.broken = True  # the peer has closed: every send fails
    peer.send(f"anna\nhello{end}".encode())
    peer.hang_up()
    assert heard(server, listener) == ["anna: hello", "-- anna left"]
    assert len(server.context.sessions) == 1


@pytest.mark.parametrize("door", DOORS)
def test_twenty_lines_are_said_at_their_pace(door: type[LineProtocol]) -> None:
    server = InMemoryServer(rate=SLOW)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(door, "anna")
    peer.socket.broken = True
    peer.send("".join(f"{number}\n" for number in range(20)).encode())
    peer.hang_up()
    assert len(heard(server, listener)) < 12
    assert "anna" in [member.nick for member in server.chat.members.values()]
    assert heard(server, listener, 10)[-2:] == ["anna: 19", "-- anna left"]


def test_others_who_talk_meanwhile_lose_nothing_and_it_costs_nothing() -> None:
    server = InMemoryServer(rate=SLOW)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(PlainProtocol, "anna")
    peer.socket.broken = True
    peer.send("".join(f"{number}\n" for number in range(8)).encode())
    listener.send("hi")
    peer.hang_up()
    listener.send("still there?")
    assert [line for line in heard(server, listener, 5) if ":" in line] == [
        f"anna: {number}" for number in range(8)
    ]
    assert peer.held == 0


@pytest.mark.parametrize("door", DOORS)
def test_there_is_an_end_to_it(door: type[LineProtocol]) -> None:
    server = InMemoryServer(rate=SLOW)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(door, "anna")
    peer.send(b"x\n" * 4000)
    peer.hang_up()
    lines = heard(server, listener, LAST_LINES_SECONDS + 1)
    assert lines[-1] == "-- anna left"
    assert 200 < len(lines) < 300
    assert len(server.context.sessions) == 1


def test_at_the_end_of_it_nobody_comes_in_by_a_line_that_waits() -> None:
    server = InMemoryServer(rate=SLOW)
    peer = server.seat(PlainProtocol, "anna")
    server.archive.back = lambda *_question: Deferred()  # type: ignore[method-assign]
    peer.send("1\n2\n3\n4\n5\n/history\ncarol\n")
    peer.hang_up()
    server.clock.advance(1)  # the page is asked for, when no peer is there to read it
    server.clock.advance(LAST_LINES_SECONDS)
    server.clock.turn()
    assert not server.chat.members
    assert not server.context.sessions


def test_a_quit_among_the_last_lines_is_the_end() -> None:
    server = InMemoryServer(rate=SLOW)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(PlainProtocol, "anna")
    peer.send("one\ntwo\nthree\nfour\nfive\n/quit so long\nnever")
    peer.hang_up()
    assert heard(server, listener, 5)[-2:] == ["anna: five", "-- anna left: so long"]
    assert len(server.context.sessions) == 1


@pytest.mark.parametrize("rest", [b"\x04", b"hello", b"one\ntwo\n\x04", b"one\n/quit\n\x04"])
def test_who_hangs_up_while_the_past_is_on_its_way_leaves_no_fault(rest: bytes) -> None:
    server = InMemoryServer()
    peer = server.seat(TelnetProtocol, "anna")
    server.chat.say(peer.door.session.seat, "a line")  # type: ignore[union-attr]
    peer.turn()
    peer.socket.window = 0
    peer.socket.arrived.append(b"/history\n" + rest)
    peer.transport.turn()
    peer.hang_up()
    server.clock.turn(10)
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_at_the_end_of_the_server_they_are_said_at_once(door: type[LineProtocol]) -> None:
    """The peer is gone, and cannot be told that they are not said."""
    server = InMemoryServer(rate=SLOW)
    peer = server.seat(door, "anna")
    peer.send("".join(f"{number}\n" for number in range(40)))
    peer.hang_up()
    assert server.context.sessions
    server.context.say_goodbye()
    server.clock.turn()
    assert [event.text for event in server.archive._kept] == [str(number) for number in range(40)]
    assert not server.context.sessions
    assert not [call for call in server.clock.getDelayedCalls() if "LastLines" in str(call)]


def test_so_they_are_when_only_a_failed_send_tells_that_the_peer_is_gone() -> None:
    """Its end is behind what waits, and has not been read."""
    server = InMemoryServer(rate=SLOW)
    peer, other = server.seat(PlainProtocol, "anna"), server.seat(PlainProtocol, "bob")
    peer.send("".join(f"{number}\n" for number in range(40)).encode())
    peer.socket.broken = True
    other.send("hello")
    server.context.say_goodbye()
    server.clock.turn()
    assert [event.text for event in server.archive._kept][-1] == "39"
    peer.stop_sending()
    assert not peer.is_connected


def test_not_more_of_them_than_there_would_have_been_time_for() -> None:
    server = InMemoryServer(rate=SLOW)
    peer = server.seat(PlainProtocol, "anna")
    peer.send("x\n" * 4000)
    peer.hang_up()
    server.context.say_goodbye()
    server.clock.turn()
    assert len(server.archive._kept) < LAST_LINES_AT_ONCE + 10


def test_a_flood_is_said_in_turns_then() -> None:
    server = InMemoryServer(rate=None)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(PlainProtocol, "anna")
    peer.socket.arrived.append(b"x\n" * 1000)
    peer.transport.turn()
    peer.hang_up()
    server.context.say_goodbye()
    server.clock.turn(10)
    listener.turn()
    assert len(server.archive._kept) == 1000
    assert not listener.is_connected
    assert not server.context.sessions


def test_what_a_hostile_peer_sent_is_not_said() -> None:
    server = InMemoryServer(rate=SLOW)
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(TelnetProtocol, "anna")
    peer.send(b"1\n2\n3\n4\n5\n6\n7\n")
    peer.door.abort()
    server.clock.advance(0)
    peer.hang_up()
    assert "anna: 6" not in heard(server, listener, 5)
    assert len(server.context.sessions) == 1


def test_the_gate_counts_them_until_they_have_left() -> None:
    server = InMemoryServer(rate=SLOW)
    first = server.dial(PlainProtocol, host="192.0.2.1")
    first.send("anna\n" + "x\n" * 20)
    first.hang_up()
    for number in range(15):
        server.dial(PlainProtocol, host="192.0.2.1").send(f"n{number}")
    refused = server.dial(PlainProtocol, host="192.0.2.1")
    refused.turn()
    assert "from your address" in refused.read()
    for _ in range(30):
        server.clock.advance(1)
    assert "Your name" in server.dial(PlainProtocol, host="192.0.2.1").read()
