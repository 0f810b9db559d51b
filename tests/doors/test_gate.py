"""The gate: so many connections in all, and so many from one address."""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs, eventAsJSON, formatEvent

from chatproto.core.pace import Rate
from chatproto.doors.gate import Gate, room_for_connections
from chatproto.doors.origins import Origins, PerAddress
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.startups import Startups
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.errors import CannotStart, NotAllowed
from chatproto.limits import (
    ARRIVALS_PER_ADDRESS,
    ARRIVALS_SECONDS,
    CONNECTIONS_PER_ADDRESS,
    ROOMS_OPENED,
    SPARE_DESCRIPTORS,
)
from fakes import Clock, InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.doors.gate import Ticket
    from fakes import SocketPeer


def enter(gate: Gate, host: str = "192.0.2.1") -> Ticket:
    return gate.enter(host, "telnet")


def gate_for(connections: int, arrivals: int = 100, most: int = 1000) -> Gate:
    return Gate(Clock(), PerAddress(connections, arrivals), most=most)


# -- how many at once ---------------------------------------------------------------------------


def test_one_address_has_so_many_and_no_more() -> None:
    gate = gate_for(2)
    enter(gate)
    enter(gate)
    with pytest.raises(NotAllowed, match="There are 2 connections from your address"):
        enter(gate)
    enter(gate, "192.0.2.2")


def test_who_leaves_makes_room() -> None:
    gate = gate_for(1)
    enter(gate).leave()
    enter(gate)


def test_who_was_refused_has_not_come_in() -> None:
    gate = gate_for(1, most=2)
    ticket = enter(gate)
    for _ in range(3):
        with pytest.raises(NotAllowed):
            enter(gate)
    ticket.leave()
    enter(gate)
    enter(gate, "192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("::ffff:192.0.2.1", "192.0.2.1"),
     ("fe80::1%eth0", "fe80::2%eth1")],
)  # fmt: skip
def test_these_are_one_origin(one: str, other: str) -> None:
    gate = gate_for(1)
    enter(gate, one)
    with pytest.raises(NotAllowed):
        enter(gate, other)


def test_another_64_is_another_origin() -> None:
    gate = gate_for(1)
    enter(gate, "2001:db8:0:1::1")
    enter(gate, "2001:db8:0:2::1")


HERE = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("host", [*HERE, ""])
def test_this_machine_is_exempt(host: str) -> None:
    gate = Gate(Clock(), PerAddress(1, 1), startups=Startups(free=0, most=1))
    for _ in range(3):
        enter(gate, host)


@pytest.mark.parametrize("host", HERE)
def test_this_machine_need_not_be_exempt(host: str) -> None:
    gate = Gate(Clock(), PerAddress(1), loopback_is_exempt=False)
    enter(gate, host)
    with pytest.raises(NotAllowed, match="There is 1 connection from your address"):
        enter(gate, host)


def test_a_full_house_lets_in_nobody() -> None:
    gate = Gate(Clock(), most=1)
    ticket = enter(gate, "127.0.0.1")
    with pytest.raises(NotAllowed, match="full"):
        enter(gate, "127.0.0.1")
    ticket.leave()
    enter(gate, "127.0.0.1")


# -- how many come ------------------------------------------------------------------------------


def test_one_address_comes_so_often_within_ten_minutes() -> None:
    gate = gate_for(5, arrivals=30)
    for _ in range(30):
        enter(gate).leave()
        gate.clock.advance(10)  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed, match=r"came from your address\. Try again in 5 minutes"):
        enter(gate)
    enter(gate, "192.0.2.2").leave()
    gate.clock.advance(ARRIVALS_SECONDS - 300)  # type: ignore[attr-defined]
    enter(gate).leave()  # ten minutes after the first one
    with pytest.raises(NotAllowed, match=r"Try again in 10 seconds"):
        enter(gate)
    gate.clock.advance(ARRIVALS_SECONDS)  # type: ignore[attr-defined]
    for _ in range(30):
        enter(gate).leave()


@given(st.lists(st.floats(0, 120), max_size=200))
def test_in_no_ten_minutes_more_than_so_many_come(pauses: list[float]) -> None:
    """A peer may come at any pace: a bucket that refills meanwhile lets nearly twice as many in."""
    gate = Gate(Clock())
    came = []
    for pause in [*pauses, *[10.0] * 70]:
        gate.clock.advance(pause)  # type: ignore[attr-defined]
        with suppress(NotAllowed):
            enter(gate).leave()
            came.append(gate.clock.seconds())
    assert len(came) >= ARRIVALS_PER_ADDRESS
    pairs = zip(came, came[ARRIVALS_PER_ADDRESS:], strict=False)
    assert all(later - first >= ARRIVALS_SECONDS for first, later in pairs)


def test_who_is_turned_away_is_not_turned_away_for_longer() -> None:
    gate = gate_for(5, arrivals=1)
    enter(gate).leave()
    for _ in range(100):
        with pytest.raises(NotAllowed):
            enter(gate)
    gate.clock.advance(ARRIVALS_SECONDS)  # type: ignore[attr-defined]
    enter(gate)


def test_no_number_of_addresses_is_remembered_without_end() -> None:
    """One peer may have a /48, which is 65,536 networks."""
    origins = Origins(PerAddress(), Rate(5, 2.0), most=100)
    stays = origins.find("stays", 0.0)
    origins.enter(stays)
    for number in range(1000):
        origin = origins.find(f"2001:db8:0:{number:x}::/64", 0.0)
        origins.enter(origin)
        origins.leave(origin)
    assert origins.count == 101
    assert origins.find("stays", 0.0) is stays
    assert origins.find("2001:db8:0:3e7::/64", 0.0).arrivals.wait(0.0) == 0.0
    origins.leave(stays)
    assert origins.count == 100


def test_who_only_asks_is_not_remembered() -> None:
    gate = Gate(Clock(), startups=Startups(most=0))
    for number in range(100):
        with pytest.raises(NotAllowed, match="at once"):
            enter(gate, f"192.0.2.{number}")
    assert gate.origins is not None
    assert gate.origins.count == 0


def test_one_address_may_be_let_do_as_it_likes() -> None:
    gate = Gate(Clock(), limits=None)
    tickets = [enter(gate) for _ in range(CONNECTIONS_PER_ADDRESS + ARRIVALS_PER_ADDRESS)]
    for ticket in tickets:
        ticket.leave()


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.floats(0, 300))))
def test_nobody_is_inside_twice_or_less_than_not_at_all(
    moves: list[tuple[int, bool, float]],
) -> None:
    gate = gate_for(3, arrivals=8, most=12)
    inside: dict[int, list[Ticket]] = {}
    for number, comes, seconds in moves:
        here = inside.setdefault(number, [])
        if not comes and here:
            here.pop().leave()
        elif comes:
            with suppress(NotAllowed):
                here.append(enter(gate, f"192.0.2.{number}"))
        gate.clock.advance(seconds)  # type: ignore[attr-defined]
        assert gate.startups.count == sum(map(len, inside.values())) <= 12
        assert max(map(len, inside.values())) <= 3


# -- descriptors --------------------------------------------------------------------------------


def test_by_default_there_are_as_many_as_descriptors_less_the_spare_ones() -> None:
    gate = Gate(Clock())
    assert gate._most == resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_DESCRIPTORS


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(128, 64), (256, 192), (512, 384), (1024, 768), (4096, 3840), (1 << 20, (1 << 20) - 256)],
)
def test_the_fewer_there_are_the_fewer_are_kept_back(descriptors: int, connections: int) -> None:
    assert room_for_connections(descriptors) == connections


@pytest.mark.parametrize("descriptors", [10, 64, 127])
def test_with_too_few_it_does_not_start(descriptors: int) -> None:
    wanted = rf"may open {descriptors} files and connections \(ulimit -n\); it needs 128 at"
    with pytest.raises(CannotStart, match=wanted):
        room_for_connections(descriptors)


# -- at the doors -------------------------------------------------------------------------------


@pytest.mark.parametrize("door", [TelnetProtocol, PlainProtocol])
def test_who_is_refused_is_told_why_and_closed(door: type[TelnetProtocol | PlainProtocol]) -> None:
    server = InMemoryServer()
    for _ in range(CONNECTIONS_PER_ADDRESS):
        server.dial(door, host="192.0.2.1")
    peer = server.dial(door, host="192.0.2.1")
    peer.turn()
    assert peer.read().startswith("-- There are 16 connections from your address")
    assert not peer.is_connected
    assert len(server.context.sessions) == CONNECTIONS_PER_ADDRESS
    assert server.dial(door, host="127.0.0.1").is_read_from


def test_what_is_sent_after_a_refusal_is_nothing_to_us() -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, most=0)
    peer = server.knock(PlainProtocol)
    peer.send("alice")
    assert peer.read() == "-- The server is full. Try again later.\n"
    assert not server.chat.members


def test_a_door_tells_the_gate_who_left() -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, PerAddress(1))
    server.dial(PlainProtocol, host="192.0.2.1").hang_up()
    assert server.dial(PlainProtocol, host="192.0.2.1").is_read_from


@pytest.mark.parametrize("door", [TelnetProtocol, PlainProtocol])
def test_who_has_a_name_leaves_the_start_to_others(
    door: type[TelnetProtocol | PlainProtocol],
) -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, startups=Startups(free=1, most=1))
    first = server.dial(door, host="192.0.2.1")
    late = server.dial(door, host="192.0.2.2")
    late.turn()
    assert "Too many people are logging in at once." in late.read()
    first.send("alice")
    second = server.dial(door, host="192.0.2.2")
    second.hang_up()
    server.dial(door, host="192.0.2.2").hang_up()
    first.hang_up()
    assert server.gate.startups.count == 0


# -- one address is a few talkers ----------------------------------------------------------------


RATE = Rate(5, 2.0)


def crowd(server: InMemoryServer, count: int, host: str) -> list[SocketPeer]:
    peers = []
    for number in range(count):
        peer = server.dial(PlainProtocol, host=host)
        peer.send(f"peer{number}")
        peers.append(peer)
    server.clock.advance(600)  # as if all of them had been here for a while
    return peers


def said_within(server: InMemoryServer, peers: list[SocketPeer], seconds: int) -> int:
    """Let all of them say as much as they can; return how many lines were said."""
    before = server.chat.head
    for peer in peers:
        peer.send(b"hi\n" * 1000)
    for _ in range(seconds * 10):
        server.clock.advance(0.1)
    for peer in peers:
        peer.turn()
    return server.chat.head - before


def test_sixteen_connections_from_one_address_are_four_talkers() -> None:
    server = InMemoryServer(RATE)
    peers = crowd(server, 16, "192.0.2.1")
    assert 20 + 8 * 60 <= said_within(server, peers, 60) <= 20 + 8 * 61 + 16


def test_sixteen_addresses_are_sixteen_talkers() -> None:
    server = InMemoryServer(RATE)
    peers = [crowd(server, 1, f"192.0.2.{number}")[0] for number in range(1)]
    for number in range(1, 16):
        peer = server.dial(PlainProtocol, host=f"192.0.2.{number}")
        peer.send(f"other{number}")
        peers.append(peer)
    assert said_within(server, peers, 60) >= 16 * 2 * 60


def test_this_machine_is_many_talkers_unless_it_is_not_exempt() -> None:
    counts = []
    for exempt in (True, False):
        server = InMemoryServer(RATE, loopback_is_exempt=exempt)
        counts.append(said_within(server, crowd(server, 16, "127.0.0.1"), 60))
    assert counts[0] >= 16 * 2 * 60
    assert counts[1] <= 20 + 8 * 61 + 16


def test_a_class_of_thirty_behind_one_address_talks_as_it_likes() -> None:
    """Each says something every five seconds; an operator lets in thirty from there."""
    server = InMemoryServer(RATE)
    server.gate = Gate(server.clock, PerAddress(30, 60), RATE)
    pupils = crowd(server, 30, "192.0.2.1")
    before = server.chat.head
    for turn in range(60 * 5):
        pupils[turn % 30].send("hi")
        assert pupils[turn % 30].is_read_from  # none is made to wait
        server.clock.advance(5 / 30)
    assert server.chat.head - before == 300


def test_who_floods_by_fifteen_connections_leaves_their_neighbour_a_line_in_two_seconds() -> None:
    server = InMemoryServer(RATE)
    *flooders, pupil = crowd(server, 16, "192.0.2.1")
    for peer in flooders:
        peer.send(b"flood\n" * 1000)
    waits = []
    for _ in range(10):
        pupil.send("hi")
        before = server.clock.seconds()
        while not pupil.is_read_from:
            server.clock.advance(0.1)
            for peer in flooders:
                peer.turn()
        waits.append(server.clock.seconds() - before)
    assert 1.0 < max(waits) < 2.2


def test_without_a_limit_for_addresses_there_is_none_for_what_they_say_together() -> None:
    server = InMemoryServer(RATE)
    server.gate = Gate(server.clock, limits=None, rate=RATE)
    assert said_within(server, crowd(server, 16, "192.0.2.1"), 60) >= 16 * 2 * 60


def test_without_a_pace_for_one_there_is_none_for_an_address() -> None:
    server = InMemoryServer(None)
    assert said_within(server, crowd(server, 16, "192.0.2.1"), 1) == 16 * 1000


# -- rooms made from one address ------------------------------------------------------------------


def make_rooms(server: InMemoryServer, name: str, count: int, host: str = "192.0.2.1") -> str:
    """Come in, make so many rooms, and leave; return what was answered to the last command."""
    peer = server.dial(PlainProtocol, host=host)
    peer.send(name)
    for number in range(count):
        peer.read()
        peer.send(f"/join #{name}-{number}")
    answer = peer.read()
    peer.hang_up()
    return answer


TOO_MANY = "or one address may make {most} rooms in an hour. Try again in {minutes} minutes."


def test_who_comes_back_has_made_the_rooms_they_made_before() -> None:
    server = InMemoryServer()
    assert "You are in" in make_rooms(server, "anna", ROOMS_OPENED - 1)
    server.clock.advance(600)
    assert "You are in" in make_rooms(server, "berta", 1)
    assert TOO_MANY.format(most=15, minutes=50) in make_rooms(server, "clara", 1)
    assert "You are in" in make_rooms(server, "doris", 1, "192.0.2.2")
    server.clock.advance(3000)
    assert "You are in" in make_rooms(server, "clara", 1)


def test_a_room_that_the_log_has_counts_for_nobody_at_the_address() -> None:
    server = InMemoryServer()
    anna = server.dial(PlainProtocol, host="192.0.2.1")
    anna.send("anna")
    anna.send("/join #garden")
    anna.send("roses")
    anna.hang_up()
    server.chat.rooms.forget("garden")
    berta = server.dial(PlainProtocol, host="192.0.2.1")
    berta.send("berta")
    berta.send("/join #garden")
    assert "You are in" in make_rooms(server, "clara", ROOMS_OPENED - 1)
    assert "may make 15 rooms" in make_rooms(server, "doris", 1)


def test_an_address_that_may_have_more_connections_may_make_more_rooms() -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, PerAddress(60, 600))
    for name in ("anna", "berta", "clara"):
        assert "You are in" in make_rooms(server, name, ROOMS_OPENED)
    assert TOO_MANY.format(most=56, minutes=60) in make_rooms(server, "doris", 12)
    assert TOO_MANY.format(most=15, minutes=60) in make_rooms(server, "emma", 16, "192.0.2.2")


def test_an_address_that_may_have_fewer_may_make_as_many() -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, PerAddress(1))
    assert "You are in" in make_rooms(server, "anna", ROOMS_OPENED)
    assert TOO_MANY.format(most=15, minutes=60) in make_rooms(server, "berta", 1)


@pytest.mark.parametrize("host", [*HERE, ""])
def test_of_this_machine_each_member_is_counted_alone(host: str) -> None:
    server = InMemoryServer()
    assert "may make 15 rooms" in make_rooms(server, "anna", ROOMS_OPENED + 1, host)
    assert "You are in" in make_rooms(server, "berta", 1, host)


def test_without_a_limit_for_addresses_each_member_is_counted_alone() -> None:
    server = InMemoryServer()
    server.gate = Gate(server.clock, limits=None)
    assert "may make 15 rooms" in make_rooms(server, "anna", ROOMS_OPENED + 1)
    assert "You are in" in make_rooms(server, "berta", 1)


# -- the log ------------------------------------------------------------------------------------


def told(events: Sequence[Any]) -> list[str]:
    return [formatEvent(event) for event in events if "event" in event]


@pytest.mark.parametrize(
    ("door", "host", "words"),
    [
        (TelnetProtocol, "192.0.2.1", "telnet from 192.0.2.1"),
        (PlainProtocol, "2001:db8::7", "plain from 2001:db8::7"),
        (PlainProtocol, "::ffff:192.0.2.1", "plain from 192.0.2.1"),
        (PlainProtocol, "\n[evil]\x1b[2J", "plain from this machine"),
    ],
)
def test_the_log_has_one_line_of_each_coming_and_each_going(
    door: type[TelnetProtocol | PlainProtocol], host: str, words: str
) -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        peer = server.dial(door, host=host)
        assert not events
        peer.send("alice")
        peer.send("/nick Alicia")
        server.clock.advance(125)
        peer.hang_up()
    assert told(events) == [
        f"alice came in by {words}.",
        f"alice, as Alicia, left after 2 minutes; came by {words}.",
    ]


@pytest.mark.parametrize(
    ("seconds", "span"), [(0, "at once"), (0.9, "at once"), (1, "after 1 second")]
)
def test_the_log_says_of_who_goes_at_once_that_they_do(seconds: float, span: str) -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        peer = server.dial(PlainProtocol, host="192.0.2.1")
        peer.send("alice")
        server.clock.advance(seconds)
        peer.hang_up()
    assert told(events)[1] == f"alice left {span}; came by plain from 192.0.2.1."


def test_who_goes_by_the_name_they_came_by_has_one_name_in_the_log() -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        peer = server.dial(PlainProtocol, host="192.0.2.1")
        for line in ("alice", "/nick bob", "/nick alice"):
            peer.send(line)
        peer.hang_up()
    assert told(events)[1].startswith("alice left")
    assert [event["came_as"] for event in events] == ["alice", "alice"]


def test_the_log_is_read_by_machines_too() -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        peer = server.dial(TelnetProtocol, host="192.0.2.1")
        peer.send("alice")
        peer.hang_up()
    assert events[1]["seconds"] == 0
    for event, kind in zip(events, ("came", "went"), strict=True):
        assert (event["event"], event["nick"], event["door"], event["address"]) == (
            kind, "alice", "telnet", "192.0.2.1",
        )  # fmt: skip
        assert event["log_level"].name == "info"
        assert f'"event": "{kind}"' in eventAsJSON(event)


def test_a_name_that_is_read_behind_the_end_of_its_connection_has_both_lines() -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        peer = server.dial(TelnetProtocol, host="192.0.2.1")
        session = peer.door.session
        assert session
        peer.door.leave_gate()
        session.receive(b"alice")
        peer.door.session = None
    assert [event["event"] for event in events] == ["came", "went"]
    assert server.gate.startups.count == 0


def test_who_gives_no_name_leaves_no_line() -> None:
    server = InMemoryServer()
    with capturedLogs() as events:
        server.dial(TelnetProtocol, host="192.0.2.1").hang_up()
    assert not events
