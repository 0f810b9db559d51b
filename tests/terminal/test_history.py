"""Recalling what was sent."""

from __future__ import annotations

from chatproto.terminal.history import HISTORY_LIMIT, History


def remembering(*lines: str) -> History:
    history = History()
    for line in lines:
        history.remember(line)
    return history


def test_up_and_down_go_through_the_lines_and_back_to_the_draft() -> None:
    history = remembering("one", "two")
    assert history.older("draft") == "two"
    assert history.older("two") == "one"
    assert history.older("one") is None
    assert history.newer() == "two"
    assert history.newer() == "draft"
    assert history.newer() is None


def test_blank_lines_and_repeats_are_not_kept() -> None:
    history = remembering("one", "", "  ", "one", "two", "one")
    assert [history[n] for n in range(len(history))] == ["one", "two", "one"]


def test_sending_starts_from_the_newest_again() -> None:
    history = remembering("one", "two")
    history.older("")
    history.older("")
    history.remember("three")
    assert history.older("") == "three"


def test_only_so_many_are_kept() -> None:
    history = remembering(*(f"line {n}." for n in range(HISTORY_LIMIT + 10)))
    assert len(history) == HISTORY_LIMIT
    assert history[0] == "line 10."
    assert history.found("line 10.", HISTORY_LIMIT - 1, -1) == 0
