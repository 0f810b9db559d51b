"""Mentions: the members named in what is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.mentions import folded, named, pattern

CALLED = {"alice": 1, "bob.": 2, "jean-luc": 3, "straße".casefold(): 4, "борис": 5}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("alice", [1]), ("ALICE: hello", [1]), ("ask Alice.", [1]), ("(alice)", [1]), ("alice...", [1]),
        ("Alice-", [1]), ("@alice", [1]), ("alice's", [1]), ("malice", []), ("alice-ann", []),
        ("alice.example", []), (".alice", []), ("al ice", []), ("", []), ("bob", []), ("bob.", [2]),
        ("Jean-Luc, Борис!", [3, 5]), ("STRASSE", [4]), ("alice alice", [1]),
    ],
)  # fmt: skip
def test_a_name_is_found_as_a_word_of_its_own(text: str, numbers: list[int]) -> None:
    assert list(named(text, CALLED).values()) == numbers


@given(st.text("ab.-: АА", max_size=12), st.text("abА", min_size=1, max_size=2))
def test_one_name_is_found_where_all_are_looked_for(text: str, nick: str) -> None:
    is_named = bool(named(text, {folded(nick): nick}))
    assert (pattern(nick).search(text) is not None) == is_named
