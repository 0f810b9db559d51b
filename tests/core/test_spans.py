"""Time spans in words."""

from __future__ import annotations

import pytest

from chatproto.core.spans import span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"), (0, "0 seconds"), (1.9, "1 second"), (59, "59 seconds"),
        (60, "1 minute"), (7199, "119 minutes"), (7200, "2 hours"), (172799, "47 hours"),
        (172800, "2 days"),
    ],
)  # fmt: skip
def test_a_time_span_is_told_in_its_largest_whole_unit(seconds: float, words: str) -> None:
    assert str(span(seconds)) == words
