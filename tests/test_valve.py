"""A valve: shut while there is any reason."""

from __future__ import annotations

from itertools import permutations

import pytest

from chatproto.valve import PauseReason, Valve
from fakes import MemoryProducer


def made() -> tuple[Valve, list[str]]:
    flow = list[str]()
    return Valve(MemoryProducer(lambda: flow.append("pause"), lambda: flow.append("resume"))), flow


def test_a_reason_pauses_and_its_end_resumes() -> None:
    valve, flow = made()
    valve.shut(PauseReason.PACE)
    assert flow == ["pause"]
    valve.open(PauseReason.PACE)
    assert flow == ["pause", "resume"]


@pytest.mark.parametrize(
    "order", list(permutations([PauseReason.PACE, PauseReason.BEHIND, PauseReason.DISK]))
)
def test_only_the_last_reason_resumes(order: tuple[PauseReason, ...]) -> None:
    valve, flow = made()
    for why in (PauseReason.PACE, PauseReason.BEHIND, PauseReason.DISK):
        valve.shut(why)
    for why in order[:-1]:
        valve.open(why)
    assert flow == ["pause"]
    valve.open(order[-1])
    assert flow == ["pause", "resume"]


def test_the_same_reason_twice_is_one() -> None:
    valve, flow = made()
    valve.shut(PauseReason.BEHIND)
    valve.shut(PauseReason.BEHIND)
    valve.open(PauseReason.BEHIND)
    assert flow == ["pause", "resume"]


def test_a_reason_that_was_not_there_resumes_nothing() -> None:
    valve, flow = made()
    valve.open(PauseReason.DISK)
    valve.shut(PauseReason.GONE)
    valve.open(PauseReason.DISK)
    assert flow == ["pause"]


def test_it_may_be_shut_again_while_it_resumes() -> None:
    valve, flow = made()

    def resume() -> None:
        flow.append("resume")
        valve.shut(PauseReason.PACE)

    valve = Valve(MemoryProducer(lambda: flow.append("pause"), resume))
    valve.shut(PauseReason.TURN)
    valve.open(PauseReason.TURN)
    assert flow == ["pause", "resume", "pause"]


def test_whoever_waits_for_it_is_called_when_theirs_is_the_only_reason() -> None:
    valve, flow = made()
    valve.shut(PauseReason.KEYS, alone=lambda: flow.append("alone"))
    valve.shut(PauseReason.PACE)
    valve.shut(PauseReason.DISK)
    assert valve.is_shut_but_for(PauseReason.KEYS)
    valve.open(PauseReason.PACE)
    assert flow == ["pause"]
    valve.open(PauseReason.DISK)
    assert flow == ["pause", "alone"]
    assert not valve.is_shut_but_for(PauseReason.KEYS)
    assert valve.is_shut
    valve.open(PauseReason.KEYS)
    assert flow == ["pause", "alone", "resume"]


def test_a_reason_that_nobody_waits_by_is_left_alone_in_silence() -> None:
    valve, flow = made()
    valve.shut(PauseReason.BEHIND)
    valve.shut(PauseReason.KEYS, alone=lambda: flow.append("alone"))
    valve.open(PauseReason.KEYS)
    assert flow == ["pause"]
