"""When a connection's socket is read."""

from __future__ import annotations

from chatproto.doors.ssh.flow import Flow
from chatproto.limits import INPUT_BURST, SSH_PACKETS_PER_TURN
from fakes import Clock


class Socket:
    is_read = True

    def pauseProducing(self) -> None:
        self.is_read = False

    def resumeProducing(self) -> None:
        self.is_read = True


class Reading:
    """A socket, its flow, and how often packets that waited were asked for."""

    def __init__(self, *, is_paced: bool = False) -> None:
        self.clock = Clock()
        self.socket = Socket()
        self.turns = 0
        self.flow = Flow(self.socket, self.clock, self.read_on, is_paced=is_paced)
        self.flow.receive(0)

    def read_on(self) -> None:
        self.turns += 1
        self.flow.receive(0)

    def take(self) -> int:
        """Return how many packets may be read in this turn."""
        count = 0
        while self.flow.take_packet():
            count += 1
        return count


def test_so_many_packets_may_be_read_in_a_turn_and_the_rest_in_the_next() -> None:
    reading = Reading()
    assert reading.take() == SSH_PACKETS_PER_TURN
    assert not reading.socket.is_read
    assert not reading.flow.is_read
    reading.clock.turn(1)
    assert reading.turns == 1
    assert reading.socket.is_read
    assert reading.take() == SSH_PACKETS_PER_TURN


def test_a_turn_that_was_asked_for_twice_comes_once() -> None:
    reading = Reading()
    reading.take()
    reading.take()
    reading.clock.turn()
    assert reading.turns == 1


def test_a_peer_that_does_not_read_is_not_read() -> None:
    reading = Reading()
    changes: list[bool] = []
    reading.flow.changed = lambda: changes.append(reading.flow.is_full)
    reading.flow.pauseProducing()
    assert not reading.socket.is_read
    reading.flow.resumeProducing()
    assert reading.socket.is_read
    assert changes == [True, False]


def test_more_bytes_than_a_person_types_wait() -> None:
    reading = Reading(is_paced=True)
    reading.flow.receive(INPUT_BURST + 1)
    assert not reading.socket.is_read
    reading.clock.advance(1)
    assert reading.socket.is_read


def test_it_is_read_when_all_reasons_are_gone() -> None:
    reading = Reading(is_paced=True)
    reading.flow.receive(INPUT_BURST * 2)
    reading.flow.pauseProducing()
    reading.take()
    for gone in (
        reading.clock.turn,
        reading.flow.resumeProducing,
        lambda: reading.clock.advance(60),
    ):
        assert not reading.socket.is_read
        gone()
    assert reading.socket.is_read


def test_nothing_is_left_to_do_after_the_end() -> None:
    reading = Reading(is_paced=True)
    reading.flow.receive(INPUT_BURST * 2)
    reading.take()
    reading.flow.stop()
    assert not reading.clock.calls
    assert not reading.turns
