"""What may come with a line is measured before anything is done with it."""

from __future__ import annotations

import pytest

from chatproto.core.drafts import beside, measured
from chatproto.core.events import Json
from chatproto.errors import NotAllowed, NotFound, TooLong
from chatproto.limits import DATA_BYTES, REF_BYTES
from following import said

LINE = said("hello")


@pytest.mark.parametrize("ref", ["", "a", "x" * REF_BYTES, "ё" * (REF_BYTES // 2)])
def test_a_ref_may_have_so_many_bytes(ref: str) -> None:
    draft = LINE._replace(ref=ref, data=Json("x" * DATA_BYTES))
    assert measured(draft) is draft


@pytest.mark.parametrize("ref", ["x" * (REF_BYTES + 1), "ё" * (REF_BYTES // 2) + "x"])
def test_one_byte_more_is_too_long(ref: str) -> None:
    with pytest.raises(TooLong) as error:
        measured(LINE._replace(ref=ref))
    assert str(error.value) == "The id of that line has 65 bytes; the most is 64. It was not sent."


def test_so_is_one_byte_more_of_data() -> None:
    with pytest.raises(TooLong, match="data of that line has 4095 bytes; the most is 4094"):
        measured(LINE._replace(data=Json("x" * (DATA_BYTES + 1))))


@pytest.mark.parametrize("half", ["\ud83e", "a\udd94"])
def test_what_is_no_text_keeps_nobody_elses_line_from_the_disk(half: str) -> None:
    for draft in (LINE._replace(ref=half), LINE._replace(data=Json(half))):
        with pytest.raises(NotAllowed, match="is not UTF-8"):
            measured(draft)


@pytest.mark.parametrize(("reply_to", "kept"), [(None, 0), (1, 1), (7, 7)])
def test_what_answers_another_line_says_which(reply_to: int | None, kept: int) -> None:
    assert beside(LINE, "mine", reply_to, 7) == LINE._replace(ref="mine", reply_to=kept)


@pytest.mark.parametrize("reply_to", [-1, 0, 8, 10**20])
def test_what_nobody_has_read_is_not_answered(reply_to: int) -> None:
    with pytest.raises(NotFound) as error:
        beside(LINE, "", reply_to, 7)
    assert str(error.value) == (
        f"There is no line #{reply_to} to answer; the last one is #7. It was not sent."
    )


def test_a_ref_is_measured_with_all_else() -> None:
    with pytest.raises(TooLong):
        beside(LINE, "x" * (REF_BYTES + 1), 1, 7)
