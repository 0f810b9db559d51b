"""How long logging in may take."""

from __future__ import annotations

from chatproto.doors.ssh.grace import Grace
from chatproto.limits import LOGIN_SECONDS
from fakes import Clock


def test_it_is_over_once() -> None:
    clock, late = Clock(), list[bool]()
    grace = Grace(clock, lambda: late.append(True))
    clock.advance(LOGIN_SECONDS - 1)
    assert not late
    clock.advance(1)
    assert late == [True]
    grace.end()


def test_a_client_that_is_in_is_not_watched() -> None:
    clock, late = Clock(), list[bool]()
    grace = Grace(clock, lambda: late.append(True))
    grace.end()
    grace.end()
    clock.advance(LOGIN_SECONDS)
    assert not late
    assert not clock.calls
