"""Whether a silent client is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.pulse import Pulse
from chatproto.limits import ALIVE_SECONDS, SSH_ALIVE_ASKED, SSH_ALIVE_INTERVAL
from fakes import Clock, InMemoryServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssh_client import Link


class Patient:
    def __init__(self, *, answers: bool = False) -> None:
        self.clock = Clock()
        self.asked = 0
        self.answers = answers
        self.is_given_up = False
        self.pulse = Pulse(self.clock, self.ask, self.give_up)

    def ask(self) -> None:
        self.asked += 1
        self.pulse.is_heard = self.answers

    def give_up(self) -> None:
        self.is_given_up = True

    def wait(self, looks: int) -> None:
        for _ in range(looks):
            self.clock.advance(SSH_ALIVE_INTERVAL)


def test_a_client_that_answers_is_asked_again_and_again() -> None:
    patient = Patient(answers=True)
    patient.wait(100)
    assert patient.asked == 50  # each answer serves for the next look
    assert not patient.is_given_up
    patient.pulse.stop()
    assert not patient.clock.calls


def test_a_client_that_answers_nothing_is_given_up() -> None:
    patient = Patient()
    patient.wait(1 + SSH_ALIVE_ASKED)
    assert (patient.asked, patient.is_given_up) == (SSH_ALIVE_ASKED, False)
    patient.wait(1)
    assert (patient.asked, patient.is_given_up) == (SSH_ALIVE_ASKED, True)
    assert not patient.clock.calls


def test_a_client_that_sends_is_not_asked() -> None:
    patient = Patient()
    for _ in range(20):
        patient.pulse.is_heard = True
        patient.wait(1)
    assert not patient.asked
    patient.pulse.stop()


# -- at the door ----------------------------------------------------------------------------------


def test_a_client_that_is_there_stays(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = dial()
    for _ in range(100):
        link.wait(SSH_ALIVE_INTERVAL)
    assert link.is_open
    assert len(server.context.sessions) == 1


def test_a_refusal_is_a_sign_of_life(dial: Callable[..., Link]) -> None:
    """OpenSSH refuses every request of that kind."""
    link = dial()
    link.client.connection.gotGlobalRequest = lambda *_: False
    for _ in range(20):
        link.wait(SSH_ALIVE_INTERVAL)
    assert link.is_open


@pytest.mark.parametrize("term", [b"", b"xterm"])
def test_a_client_that_answers_nothing_leaves_its_name_to_others(
    server: InMemoryServer, dial: Callable[..., Link], term: bytes
) -> None:
    link = dial(term=term)
    anna = server.seat(PlainProtocol, "anna")
    link.client.dataReceived = lambda _data: None  # type: ignore[method-assign]  # as if its process were stopped
    seconds = 0
    while link.is_open:
        link.wait(1)
        seconds += 1
        assert seconds <= ALIVE_SECONDS + SSH_ALIVE_INTERVAL
    assert seconds >= ALIVE_SECONDS
    server.clock.advance(2)
    anna.turn()
    assert "-- alice left: the connection broke" in anna.read()
    anna.hang_up()


def test_a_client_that_reads_slowly_is_not_asked_while_it_is_not_read(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial()
    asked: list[Any] = []
    link.transport.service.ask_for_life = lambda: asked.append(1)
    for _ in range(10):
        link.wait(SSH_ALIVE_INTERVAL - 1)
        link.transport.flow.pauseProducing()
        link.wait(1)
        link.transport.flow.resumeProducing()
    assert not asked
    assert link.is_open
    link.wait(SSH_ALIVE_INTERVAL)
    link.wait(SSH_ALIVE_INTERVAL)
    assert asked
