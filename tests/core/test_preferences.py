"""What may be preferred."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from chatproto.core import preferences
from chatproto.core.preferences import Preferences, moment, with_preference
from chatproto.errors import NotAllowed
from chatproto.limits import EXCERPT_LENGTH, LINE_BYTES


@pytest.mark.parametrize(
    ("wish", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("asia/TOKYO", "Asia/Tokyo"),
        ("tokyo", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("server", "server"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_known_by_its_name_or_the_last_part_of_it(wish: str, zone: str) -> None:
    assert with_preference(Preferences(), "zone", wish).zone == zone


def test_what_zones_there_are_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences, "available_timezones", None)  # a call of it fails
    with pytest.raises(NotAllowed, match="not “nowhere”"):
        with_preference(Preferences(), "zone", "nowhere")


def test_a_zone_is_read_from_disk_once(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = sorted(preferences._ZONES.values())[:20]  # more than zoneinfo remembers by itself
    for zone in zones:
        moment(0, zone)
    known = preferences._zone_info.cache_info().misses
    for zone in zones:
        moment(0, zone)
    assert preferences._zone_info.cache_info().misses == known


@pytest.mark.parametrize("name", ["theme", "zone"])
def test_a_wish_without_an_end_is_told_as_an_excerpt(name: str) -> None:
    with pytest.raises(NotAllowed) as raised:
        with_preference(Preferences(), name, "x" * LINE_BYTES)
    assert f"not “{'x' * EXCERPT_LENGTH}…”" in str(raised.value)


def test_an_option_without_an_end_is_told_as_an_excerpt() -> None:
    with pytest.raises(NotAllowed, match=r"no option “x{80}…”"):
        with_preference(Preferences(), "x" * LINE_BYTES, "on")


def test_the_lines_of_one_second_are_stamped_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock(wraps=preferences.moment)
    monkeypatch.setattr(preferences, "moment", asked)
    preferences._stamp.cache_clear()
    stamps = [preferences.stamp(1_000 + past, "HH:MM:SS", "Asia/Tokyo") for past in range(1000)]
    assert set(stamps) == {"09:00:01"}
    assert asked.call_count == 1
    assert preferences.stamp(2_000, "HH:MM:SS", "Asia/Tokyo") == "09:00:02"
