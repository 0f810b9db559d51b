"""Numbers are given without a gap, and once for each ref of a sender, whatever is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.events import Draft, Event, Presence, sender
from chatproto.log.numbering import check, number
from following import joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Asked

DRAFTS = st.builds(
    lambda text, ref, origin, account: said(text)._replace(ref=ref, origin=origin, account=account),
    st.sampled_from("xyz"),
    st.sampled_from(["", "", "a", "b", "1"]),
    st.integers(1, 2),
    st.sampled_from(["", "", "1", "anna"]),
)
ASKED = st.lists(DRAFTS | st.just(joined("bob")), max_size=12)


@given(st.lists(ASKED, max_size=4))
def test_numbering(batches: Sequence[Sequence[Asked]]) -> None:
    log: list[Event] = []

    def find(draft: Draft) -> Event | None:
        assert draft.ref
        same = [e for e in log if (sender(e), e.ref) == (sender(draft), draft.ref)]
        return same[0] if same else None

    for asked in batches:
        numbered = number(asked, len(log), find)
        new = numbered.events
        assert new == [one for one in numbered.happened if isinstance(one, Event)]
        if new:
            check(new, len(log))
        log += new
        # Each of what was asked for is there, in its order, or is a repeat of what is in the log.
        repeated = [id(draft) for draft, _event in numbered.repeats]
        happened = [
            one if isinstance(one, Presence) else Draft(*one[1:]) for one in numbered.happened
        ]
        assert happened == [one for one in asked if id(one) not in repeated]
        for draft, event in numbered.repeats:
            assert find(draft) is event
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    refs = [(sender(event), event.ref) for event in log if event.ref]
    assert len(refs) == len(set(refs))


@pytest.mark.parametrize("numbers", [(1,), (3,), (2, 4), (2, 2), (3, 4)])
def test_what_does_not_follow_is_told(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not follow event 1"):
        check([Event(seq, *said("no")) for seq in numbers], 1)
