"""How many may be on their way in at once."""

from __future__ import annotations

import pytest

from chatproto.doors.startups import Startups
from chatproto.errors import NotAllowed


def begun(count: int, chance: float) -> Startups:
    startups = Startups(free=10, rate=30, most=20, chance=lambda: chance)
    startups.count = count
    return startups


@pytest.mark.parametrize(
    ("count", "chance", "passes"),
    [(9, 0.0, True), (10, 0.29, False), (10, 0.31, True), (15, 0.64, False), (15, 0.66, True),
     (20, 0.99, False)],
)  # fmt: skip
def test_a_share_is_turned_away_that_grows(count: int, chance: float, passes: bool) -> None:
    startups = begun(count, chance)
    if passes:
        startups.begin()
        assert startups.count == count + 1
    else:
        with pytest.raises(NotAllowed):
            startups.begin()
        assert startups.count == count


def test_who_is_in_makes_room() -> None:
    startups = begun(20, 0.99)
    startups.end()
    startups.begin()
    assert startups.count == 20
