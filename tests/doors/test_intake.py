"""How many bytes are read from one connection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.pace import Rate
from chatproto.doors.intake import Intake
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import INPUT_BURST, INPUT_BYTES_PER_SECOND
from fakes import Clock, InMemoryServer, SocketPeer

RATE = Rate(5, 2.0)
CHARACTER_MODE = b"\xff\xfb\x18\xff\xfa\x18\x00XTERM\xff\xf0\xff\xfd\x01\xff\xfd\x03"


class Pipe:
    """What an intake pauses."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.flows = True
        self.intake = Intake(self.clock, self.pause, self.resume)

    def pause(self) -> None:
        assert self.flows
        self.flows = False

    def resume(self) -> None:
        assert not self.flows
        self.flows = True


def test_a_paste_goes_through_at_once() -> None:
    pipe = Pipe()
    pipe.intake.take(INPUT_BURST - 1)
    assert pipe.flows
    assert not pipe.clock.calls


def test_more_than_that_waits_until_it_is_paid_for() -> None:
    pipe = Pipe()
    pipe.intake.take(INPUT_BURST + 2 * INPUT_BYTES_PER_SECOND)
    assert not pipe.flows
    pipe.clock.advance(1.9)
    assert not pipe.flows
    pipe.clock.advance(0.2)
    assert pipe.flows


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=50))
def test_no_more_is_read_than_a_burst_and_the_rate(sizes: list[int]) -> None:
    pipe = Pipe()
    begun, taken = pipe.clock.seconds(), 0
    for size in sizes:
        while not pipe.flows:
            pipe.clock.advance(1)
        # what was paid for before the last piece
        assert taken <= INPUT_BURST + INPUT_BYTES_PER_SECOND * (pipe.clock.seconds() - begun)
        pipe.intake.take(size)
        taken += size
    pipe.intake.stop()
    assert pipe.flows
    assert not pipe.clock.calls


def test_who_is_gone_is_waited_for_no_more() -> None:
    pipe = Pipe()
    pipe.intake.take(10 * INPUT_BURST)
    pipe.intake.stop()
    assert pipe.flows
    assert not pipe.clock.calls


MOST = 1_000_000


def read_within(peer: SocketPeer, data: bytes, seconds: int) -> int:
    """Send all that is taken for a time, but no more than MOST; return how many bytes were read."""
    sent = 0
    for _ in range(seconds * 10):
        while peer.is_read_from and sent < MOST:
            peer.socket.arrived.append(data[:65536])
            sent += len(data[:65536])
            peer.turn(1)
        peer.clock.advance(0.1)
    return sent


@pytest.mark.parametrize("named", [False, True])
def test_keys_that_are_no_line_are_read_no_faster(named: bool) -> None:
    server = InMemoryServer(RATE)
    peer = server.seat(TelnetProtocol, "alice") if named else server.dial(TelnetProtocol)
    peer.send(CHARACTER_MODE)
    assert read_within(peer, b"\x1b[D" * 30_000, 20) <= INPUT_BURST + 20 * 10_240 + 65_536
    peer.hang_up()
    assert not server.clock.calls


def test_signs_of_life_are_read_no_faster() -> None:
    server = InMemoryServer(RATE)
    peer = server.seat(TelnetProtocol, "alice")
    assert read_within(peer, b"\xff\xf1" * 40_000, 20) <= INPUT_BURST + 20 * 10_240 + 65_536
    assert peer.is_connected


def test_nothing_that_came_too_fast_is_lost() -> None:
    server = InMemoryServer(Rate(10_000, 10_000.0))
    peer, listener = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    lines = [f"line {number} {'x' * 1000}" for number in range(300)]
    peer.send("".join(f"{line}\n" for line in lines).encode())
    assert not peer.is_read_from
    server.clock.advance(60)
    peer.turn()
    assert peer.is_read_from
    listener.turn()
    heard = [line for line in listener.read().splitlines() if line.startswith("alice: ")]
    assert heard == [f"alice: {line}" for line in lines]


def test_without_a_rate_nothing_is_paced() -> None:
    server = InMemoryServer()
    peer = server.seat(TelnetProtocol, "alice")
    assert read_within(peer, b"\xff\xf1" * 40_000, 1) >= MOST
