"""Pace: how fast a member may talk, and how often something may be done."""

from __future__ import annotations

import pytest

from chatproto.core.pace import Bucket, Rate, Window

RATE = Rate(burst=5, per_second=2.0)
HOUR = 3600.0


def burst(bucket: Bucket, now: float) -> int:
    """Return how many may be taken at once."""
    taken = 1
    while bucket.take(now) == 0.0:
        taken += 1
    return taken


def test_a_burst_goes_at_once_and_then_one_waits() -> None:
    bucket = Bucket(RATE, 100.0)
    assert [bucket.take(100.0) for _ in range(6)] == [0.0, 0.0, 0.0, 0.0, 0.5, 1.0]


def test_who_waits_as_told_goes_on_at_the_rate() -> None:
    bucket, now, taken = Bucket(RATE, 0.0), 0.0, 0
    while now < 60.0:
        now += bucket.take(now)
        taken += 1
    assert taken == 4 + 2 * 60  # the fifth is the first to wait


def test_it_fills_again_with_time_and_no_higher_than_a_burst() -> None:
    bucket = Bucket(RATE, 0.0)
    assert burst(bucket, 0.0) == 5
    assert burst(bucket, 1.0) == 2
    assert burst(bucket, 1000.0) == 5


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_neither_gives_nor_punishes(jump: float) -> None:
    bucket = Bucket(RATE, 10 * HOUR)
    assert burst(bucket, 10 * HOUR) == 5
    after = burst(bucket, 10 * HOUR + jump)
    assert after == (5 if jump > 0 else 1)
    assert bucket.take(10 * HOUR + jump + 3.0) == 0.0


def test_a_clock_that_jumped_back_is_gone_by_from_then_on() -> None:
    bucket = Bucket(RATE, 10 * HOUR)
    burst(bucket, 10 * HOUR)
    bucket.take(9 * HOUR)
    assert burst(bucket, 9 * HOUR + 10.0) == 5


def test_a_window_takes_so_many_within_so_long() -> None:
    window = Window(3, HOUR)
    for now in (0.0, 600.0, 1200.0):
        assert window.wait(now) == 0.0
        window.take(now)
    assert window.wait(1300.0) == HOUR - 1300.0
    assert window.wait(HOUR) == 0.0
    window.take(HOUR)
    assert window.wait(HOUR) == 600.0


def test_what_is_given_back_was_not_taken() -> None:
    window = Window(1, HOUR)
    window.take(0.0)
    window.give_back()
    window.give_back()
    assert window.wait(0.0) == 0.0


def test_a_clock_that_jumps_back_opens_the_window_rather_than_shut_it_for_ever() -> None:
    window = Window(1, HOUR)
    window.take(10 * HOUR)
    assert window.wait(0.0) == 0.0


def test_a_clock_that_jumps_back_keeps_what_was_done_before_that() -> None:
    window = Window(2, HOUR)
    window.take(HOUR)
    window.take(1.9 * HOUR)
    assert window.wait(1.5 * HOUR) == 0.0
    window.take(1.5 * HOUR)
    assert window.wait(1.75 * HOUR) == 0.25 * HOUR
