"""That a connection ends."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from chatproto.doors.ssh.disconnection import Disconnection
from chatproto.limits import GOODBYE_SECONDS
from fakes import Clock


class Socket:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def unregisterProducer(self) -> None:
        self.calls.append("unregister")

    def loseConnection(self) -> None:
        self.calls.append("close")

    def abortConnection(self) -> None:
        self.calls.append("abort")


def made() -> tuple[Disconnection, Socket, Clock]:
    socket, clock = Socket(), Clock()
    return Disconnection(socket, clock), socket, clock


def test_a_peer_that_keeps_a_closed_connection_open_is_cut_off() -> None:
    disconnection, socket, clock = made()
    disconnection.close()
    assert disconnection.is_over
    clock.advance(GOODBYE_SECONDS - 0.1)
    assert socket.calls == ["unregister", "close"]  # a producer would hold it open
    clock.advance(0.2)
    assert socket.calls[-1] == "abort"
    assert not clock.calls


def test_a_connection_that_is_lost_in_time_is_left_alone() -> None:
    disconnection, socket, clock = made()
    why = Failure(ConnectionDone())
    disconnection.expect()
    disconnection.expect()
    assert not disconnection.is_over
    disconnection.lost(why)
    disconnection.expect()
    assert not clock.calls
    assert not socket.calls
    assert (disconnection.is_over, disconnection.why) == (True, why)
