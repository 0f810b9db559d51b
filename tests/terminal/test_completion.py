"""Tab, without a line."""

from __future__ import annotations

import pytest

from chatproto.terminal.completion import CANDIDATE_LIMIT, Cycle, Words

WORDS = Words(
    commands=lambda: ["/join", "/nick", "/names"],
    rooms=lambda: ["#python", "#lab"],
    nicks=lambda: ["anna", "Anton", "Борис"],
    arguments=lambda command, given: ["#secret"] if (command, [*given]) == ("/join", []) else [],
)


@pytest.mark.parametrize(
    ("before", "candidates"),
    [
        ("/n", ["/names ", "/nick "]),
        ("/join #", ["#secret "]),
        ("/join #p", ["#python "]),  # no argument fits, but a room does
        ("/join #secret #", ["#lab ", "#python "]),
        ("/msg AN", ["anna ", "Anton "]),
        ("see #l", ["#lab "]),
        ("an", ["anna: ", "Anton: "]),
        ("ask бо", ["Борис "]),
        ("hello ", ["anna ", "Anton ", "Борис "]),
        ("x", []),
        ("say /n", []),
    ],
)
def test_words(before: str, candidates: list[str]) -> None:
    assert WORDS.complete(before) == candidates


def test_nobody_to_ask_means_nothing_to_offer() -> None:
    assert Words().complete("/an") == []


def test_a_cycle_goes_round_past_what_was_typed() -> None:
    cycle = Cycle(0, "an", ["anna: ", "anton: "])
    assert [cycle.turn(1) for _ in range(4)] == ["anna: ", "anton: ", "an", "anna: "]
    assert [cycle.turn(-1) for _ in range(2)] == ["an", "anton: "]


def test_a_cycle_has_a_limit() -> None:
    assert Cycle(0, "", ["x"] * 1000).turn(-1) == "x"
    assert len(Cycle(0, "", ["x"] * 1000)._choices) == CANDIDATE_LIMIT + 1
