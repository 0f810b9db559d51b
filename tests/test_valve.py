"""A valve: shut while there is any reason."""

from __future__ import annotations

from itertools import permutations

import pytest

from chatproto.valve import Valve, Why


def made() -> tuple[Valve, list[str]]:
    flow = list[str]()
    return Valve(lambda: flow.append("pause"), lambda: flow.append("resume")), flow


def test_a_reason_pauses_and_its_end_resumes() -> None:
    valve, flow = made()
    valve.shut(Why.PACE)
    assert flow == ["pause"]
    valve.open(Why.PACE)
    assert flow == ["pause", "resume"]


@pytest.mark.parametrize("order", list(permutations([Why.PACE, Why.BEHIND, Why.DISK])))
def test_only_the_last_reason_resumes(order: tuple[Why, ...]) -> None:
    valve, flow = made()
    for why in (Why.PACE, Why.BEHIND, Why.DISK):
        valve.shut(why)
    for why in order[:-1]:
        valve.open(why)
    assert flow == ["pause"]
    valve.open(order[-1])
    assert flow == ["pause", "resume"]


def test_the_same_reason_twice_is_one() -> None:
    valve, flow = made()
    valve.shut(Why.BEHIND)
    valve.shut(Why.BEHIND)
    valve.open(Why.BEHIND)
    assert flow == ["pause", "resume"]


def test_a_reason_that_was_not_there_resumes_nothing() -> None:
    valve, flow = made()
    valve.open(Why.DISK)
    valve.shut(Why.GONE)
    valve.open(Why.DISK)
    assert flow == ["pause"]


def test_it_may_be_shut_again_while_it_resumes() -> None:
    valve, flow = made()

    def resume() -> None:
        flow.append("resume")
        valve.shut(Why.PACE)

    valve = Valve(lambda: flow.append("pause"), resume)
    valve.shut(Why.TURN)
    valve.open(Why.TURN)
    assert flow == ["pause", "resume", "pause"]


def test_whoever_waits_for_it_is_called_when_theirs_is_the_only_reason() -> None:
    valve, flow = made()
    valve.shut(Why.KEYS, alone=lambda: flow.append("alone"))
    valve.shut(Why.PACE)
    valve.shut(Why.DISK)
    assert valve.is_shut_but_for(Why.KEYS)
    valve.open(Why.PACE)
    assert flow == ["pause"]
    valve.open(Why.DISK)
    assert flow == ["pause", "alone"]
    assert not valve.is_shut_but_for(Why.KEYS)
    assert valve.is_shut
    valve.open(Why.KEYS)
    assert flow == ["pause", "alone", "resume"]


def test_a_reason_that_nobody_waits_by_is_left_alone_in_silence() -> None:
    valve, flow = made()
    valve.shut(Why.BEHIND)
    valve.shut(Why.KEYS, alone=lambda: flow.append("alone"))
    valve.open(Why.KEYS)
    assert flow == ["pause"]
