"""What may be preferred."""

from __future__ import annotations

import pytest

from chatproto.core import preferences
from chatproto.core.preferences import Preferences, moment, prefer
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
    assert prefer(Preferences(), "zone", wish).zone == zone


def test_what_zones_there_are_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences, "available_timezones", None)  # whoever calls it fails
    with pytest.raises(NotAllowed, match="not “nowhere”"):
        prefer(Preferences(), "zone", "nowhere")


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
        prefer(Preferences(), name, "x" * LINE_BYTES)
    assert f"not “{'x' * EXCERPT_LENGTH}…”" in str(raised.value)


def test_an_option_without_an_end_is_told_as_an_excerpt() -> None:
    with pytest.raises(NotAllowed, match=r"no option “x{80}…”"):
        prefer(Preferences(), "x" * LINE_BYTES, "on")
