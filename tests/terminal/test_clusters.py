"""What counts as one character, and how wide it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from chatproto.terminal.clusters import LONGEST, WIDEST, measured, printable, segmented

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("cluster", "width", "reach", "steady"),
    [
        ("a", 1, 1, True),
        ("ж", 1, 1, True),
        ("世", 2, 2, True),
        ("e\u0301", 1, 1, True),
        ("한", 2, 2, True),
        (FAMILY, 2, 8, False),
        ("🇷🇺", 2, 4, False),
        ("❤\ufe0f", 2, 2, False),  # 1 in xterm
        ("⌚\ufe0e", 1, 2, False),
        ("🙂", 2, 2, False),  # 1 where emoji are not known
        ("คำ", 2, 2, False),
        ("कि", 2, 2, False),
    ],
)
def test_a_cluster_has_a_width_and_a_widest_width(
    cluster: str, width: int, reach: int, *, steady: bool
) -> None:
    assert segmented(cluster) == [cluster]
    assert measured(cluster) == (cluster, width, reach, steady)


@pytest.mark.parametrize("alone", ["\u0301", "\u200d", "\ufe0f", "\u1161"])
def test_what_has_no_width_is_shown_on_a_dotted_circle(alone: str) -> None:
    shown, width, _, steady = measured(alone)
    assert (shown, width, steady) == ("◌" + alone, 1, False)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\tb", "a    b"),
        ("a\x00\x1b\x7f\x9bb", "ab"),  # C0 and C1: U+009B would be CSI
        ("a\u202eb\u2066c\u200fd", "abcd"),  # they turn the writing round
        ("a\u2028b\xadc\ufeffd", "abcd"),
        (FAMILY, FAMILY),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("\U0001fae8", "\U0001fae8"),  # younger than Python 3.11's tables
    ],
)
def test_what_steers_is_dropped_and_what_joins_is_kept(text: str, kept: str) -> None:
    assert printable(text) == kept


ANY = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("a👨\u200d👩\ufe0f🏽🇷🇺\u0301\u0335क\u094d\u093fᄀ\u1161\u11ab\u0600\u0e33"),
    )
).map(printable)


@given(ANY)
def test_no_text_is_lost(text: str) -> None:
    assert "".join(segmented(text)) == text


@given(ANY)
def test_clusters_are_those_of_the_standard_unless_too_long_or_too_wide(text: str) -> None:
    standard = list(iter_graphemes(text))
    honest = all(
        len(c) == 1 or (len(c) <= LONGEST and measured(c).reach <= WIDEST) for c in standard
    )
    assert (segmented(text) == standard) is honest


@given(ANY)
def test_every_cluster_fits_in_the_narrowest_row(text: str) -> None:
    for cluster in segmented(text):
        _, width, reach, _ = measured(cluster)
        assert 1 <= width <= reach <= WIDEST


@given(ANY, ANY)
def test_text_may_be_divided_as_it_is_typed(before: str, after: str) -> None:
    clusters = segmented(before)
    last = clusters[-1:]
    assert clusters[:-1] + segmented("".join(last) + after) == segmented(before + after)
