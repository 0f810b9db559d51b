"""What /search is asked for, taken apart."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproto.commands.sought import taken_apart
from chatproto.errors import NotAllowed
from chatproto.limits import SEARCH_WORDS

TODAY = date(2026, 11, 24)
WORD = st.from_regex(r"[^\W_]{1,8}", fullmatch=True).filter(lambda word: not _is_on(word))
DAYS = st.dates(date(1970, 1, 1), date(9998, 12, 31))
FORMS = st.sampled_from(["{0:%Y-%m-%d}", "{0.day}.{0.month}.{0:%Y}", "{0:%d.%m.%Y}"])


def _is_on(word: str) -> bool:
    return word.casefold() in ("on", "за")


def sought(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str, str]:
    words, rooms, nick, day = taken_apart(text, TODAY)
    return words, rooms, nick, day.isoformat() if day else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apple", (("apple",), (), "", "")),
        ("apple  pie apple", (("apple", "pie"), (), "", "")),
        ("apple #Garden #pub @bob", (("apple",), ("Garden", "pub"), "bob", "")),
        ("@bob", ((), (), "bob", "")),
        ("on today", ((), (), "", "2026-11-24")),
        ("x on YESTERDAY y", (("x", "y"), (), "", "2026-11-23")),
        ("за вчера", ((), (), "", "2026-11-23")),
        ("За Сегодня", ((), (), "", "2026-11-24")),
        ("on 2026-1-2", ((), (), "", "2026-01-02")),
        ("за 02.01.2026", ((), (), "", "2026-01-02")),
        ("за 24.11", ((), (), "", "2026-11-24")),
        ("on 25.11.", ((), (), "", "2025-11-25")),
        ("on 29.2", ((), (), "", "2024-02-29")),
        ("come on baby", (("come", "on", "baby"), (), "", "")),
        ("on", (("on",), (), "", "")),
        ("on on today", (("on",), (), "", "2026-11-24")),
        ("today", (("today",), (), "", "")),
        ("2026-11-24", (("2026-11-24",), (), "", "")),
        ("# @ a", (("a",), (), "", "")),
        ("a - b", (("a", "b"), (), "", "")),
    ],
)
def test_it_is_taken_apart(
    text: str, expected: tuple[tuple[str, ...], tuple[str, ...], str, str]
) -> None:
    assert sought(text) == expected


@pytest.mark.parametrize(
    "day", ["2026-13-01", "30.2.2026", "31.02", "24/11/2026", "1.2.3.4", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_day_is_told_with_what_would_be_one(day: str) -> None:
    with pytest.raises(NotAllowed) as error:
        taken_apart(f"apple on {day}", TODAY)
    assert str(error.value) == (
        f"“{day}” is no day. On which: on 2026-11-24, on 24.11.2026, on 24.11, on today or on yesterday."
    )


@pytest.mark.parametrize("text", ["@bob @alice", "on today on yesterday"])
def test_there_is_one_author_and_one_day(text: str) -> None:
    with pytest.raises(NotAllowed, match="A line has one author and one day"):
        taken_apart(text, TODAY)


@pytest.mark.parametrize("text", ["!", "... ,,, 🦔", "_ __"])
def test_what_has_no_letter_cannot_be_searched_for(text: str) -> None:
    with pytest.raises(NotAllowed, match="Only letters and digits"):
        taken_apart(text, TODAY)


@pytest.mark.parametrize(
    "text", [" ".join(map(str, range(11))), "-".join("abcdefghijk"), "#a #b " + "a.b.c d e f g h i"]
)
def test_words_and_rooms_are_counted(text: str) -> None:
    with pytest.raises(NotAllowed, match=f"That is 11 words and rooms; the most is {SEARCH_WORDS}"):
        taken_apart(text, TODAY)


@given(st.lists(WORD, max_size=6, unique=True), st.lists(WORD, max_size=4, unique=True), st.none() | WORD,
       st.none() | st.tuples(DAYS, FORMS), st.randoms(use_true_random=False))  # fmt: skip
def test_any_order_comes_to_the_same(
    words: list[str],
    rooms: list[str],
    nick: str | None,
    day: tuple[date, str] | None,
    order: Any,
) -> None:
    parts = [*words, *(f"#{room}" for room in rooms), *([f"@{nick}"] if nick else [])]
    if day:
        parts.append(f"on {day[1].format(day[0])}")
    order.shuffle(parts)
    found = taken_apart(" ".join(parts), TODAY)
    assert set(found.words) == set(words)
    assert set(found.rooms) == set(rooms)
    assert found.nick == (nick or "")
    assert found.day == (day[0] if day else None)


@given(st.text(max_size=200) | st.text("on за#@0123456789.-/ today", max_size=60))
@example("on ٣-٤-٥")
@example("on 1.1.")
def test_whatever_is_typed_is_taken_apart_or_refused(text: str) -> None:
    try:
        found = taken_apart(text, TODAY)
    except NotAllowed:
        return
    assert len(found.words) + len(found.rooms) <= SEARCH_WORDS
    if found.day:
        assert found.day + timedelta(days=1) > date(1970, 1, 1)
