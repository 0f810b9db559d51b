"""What has surely arrived at a peer."""

from __future__ import annotations

from chatproto.limits import HEARD_SECONDS
from chatproto.sessions.arrived import Arrived


def test_before_any_sign_of_life_it_is_what_the_peer_came_with() -> None:
    assert Arrived(5).seq == 5


def test_what_was_brought_before_a_sign_of_life_has_arrived_with_the_next() -> None:
    arrived = Arrived(5)
    arrived.note_heard(100, 7)
    assert arrived.seq == 5
    arrived.note_heard(100 + HEARD_SECONDS, 9)
    assert arrived.seq == 7


def test_a_sign_of_life_too_soon_after_another_tells_nothing() -> None:
    """It may have been sent before that was brought which it would be taken to answer."""
    arrived = Arrived(5)
    for part in (0, 0.5, 0.99):
        arrived.note_heard(100 + part * HEARD_SECONDS, 7)
    assert arrived.seq == 5
