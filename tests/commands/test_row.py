"""What stands after a command's name, taken apart."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.commands.row import first_word, number
from chatproto.errors import NotFound
from chatproto.language import _

WRONG = NotFound(_("That is no number."))


@given(st.integers(1, 500))
def test_a_number_that_there_is_is_returned(written: int) -> None:
    assert number(str(written), 500, WRONG) == written
    assert number(f"00{written}", 500, WRONG) == written


@pytest.mark.parametrize("word", ["", "0", "501", "-1", "+1", "1.0", "1_0", "²", "٣", "9" * 2048])
def test_what_is_no_number_or_too_large_a_one_raises_the_error(word: str) -> None:
    with pytest.raises(NotFound) as caught:
        number(word, 500, WRONG)
    assert caught.value is WRONG


@given(st.text(max_size=20))
def test_whatever_is_written_is_a_number_in_its_range_or_an_error(word: str) -> None:
    with suppress(NotFound):
        assert 1 <= number(word, 500, WRONG) <= 500


@given(st.text())
def test_the_first_word_has_no_space_and_nothing_is_lost_but_spaces(rest: str) -> None:
    word, more = first_word(rest)
    assert word.split() == ([word] if word else [])
    assert "".join((word + more).split()) == "".join(rest.split())
