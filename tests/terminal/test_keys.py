"""Bytes to keys: every sequence once, and any bytes in any pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproto.terminal.keys import (
    PASTE_LIMIT,
    SEQUENCE_LIMIT,
    SEQUENCES,
    Key,
    Keys,
    Pasted,
    Stroke,
    Typed,
)


def pressed(*pieces: bytes) -> list[Stroke]:
    """All keys, with runs of typed text made one: where they are divided means nothing."""
    keys = Keys()
    strokes: list[Stroke] = []
    for stroke in (stroke for piece in pieces for stroke in keys.receive(piece)):
        if isinstance(stroke, Typed) and strokes and isinstance(strokes[-1], Typed):
            strokes[-1] = Typed(strokes[-1].text + stroke.text)
        else:
            strokes.append(stroke)
    return strokes


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x1b[A", Key.UP),
        (b"\x1bOA", Key.UP),
        (b"\x10", Key.UP),
        (b"\x1b[B", Key.DOWN),
        (b"\x0e", Key.DOWN),
        (b"\x1b[C", Key.RIGHT),
        (b"\x06", Key.RIGHT),
        (b"\x1bOD", Key.LEFT),
        (b"\x02", Key.LEFT),
        (b"\x1b[1;2D", Key.LEFT),  # with Shift
        (b"\x1b[H", Key.HOME),
        (b"\x1bOH", Key.HOME),
        (b"\x1b[1~", Key.HOME),
        (b"\x1b[7~", Key.HOME),
        (b"\x1b[1;5H", Key.HOME),
        (b"\x01", Key.HOME),
        (b"\x1b[F", Key.END),
        (b"\x1bOF", Key.END),
        (b"\x1b[4~", Key.END),
        (b"\x1b[8~", Key.END),
        (b"\x05", Key.END),
        (b"\x1b[1;5D", Key.WORD_LEFT),
        (b"\x1b[1;3D", Key.WORD_LEFT),
        (b"\x1b[1;6D", Key.WORD_LEFT),
        (b"\x1b[5D", Key.WORD_LEFT),
        (b"\x1bO5D", Key.WORD_LEFT),
        (b"\x1bOd", Key.WORD_LEFT),
        (b"\x1b\x1b[D", Key.WORD_LEFT),
        (b"\x1bb", Key.WORD_LEFT),
        (b"\x1b[1;5C", Key.WORD_RIGHT),
        (b"\x1b[1;3C", Key.WORD_RIGHT),
        (b"\x1bf", Key.WORD_RIGHT),
        (b"\x7f", Key.BACKSPACE),
        (b"\x08", Key.BACKSPACE),
        (b"\x1b[3~", Key.DELETE),
        (b"\x1b[3;5~", Key.KILL_NEXT_WORD),
        (b"\x1bd", Key.KILL_NEXT_WORD),
        (b"\x1b\x7f", Key.KILL_WORD),
        (b"\x17", Key.KILL_BIG_WORD),
        (b"\x15", Key.KILL_TO_START),
        (b"\x0b", Key.KILL_TO_END),
        (b"\x19", Key.YANK),
        (b"\x14", Key.TRANSPOSE),
        (b"\x0c", Key.REDRAW),
        (b"\x12", Key.SEARCH),
        (b"\x13", Key.SEARCH_NEWER),
        (b"\x07", Key.CANCEL),
        (b"\x03", Key.INTERRUPT),
        (b"\x04", Key.END_OF_INPUT),
        (b"\t", Key.TAB),
        (b"\x1b[Z", Key.BACK_TAB),
        (b"\r", Key.ENTER),
        (b"\n", Key.ENTER),
        (b"\r\n", Key.ENTER),
        (b"\x1bOM", Key.ENTER),  # the keypad's
    ],
)
def test_a_key_is_known_by_its_bytes(data: bytes, key: Key) -> None:
    assert pressed(data) == [key]


@pytest.mark.parametrize(
    "data",
    [b"\x00", b"\x1b[5~", b"\x1b[15~", b"\x1b[[A", b"\x1bOP", b"\x1b[I", b"\x1b[?1;2c", b"\x1b"],
)
def test_keys_that_mean_nothing_here_do_nothing(data: bytes) -> None:
    assert pressed(data) == []


@pytest.mark.parametrize(
    ("data", "strokes"),
    [
        (b"\r\r", [Key.ENTER, Key.ENTER]),
        (b"\n\n", [Key.ENTER, Key.ENTER]),
        (b"\r\n\r\n", [Key.ENTER, Key.ENTER]),
        (b"\r\n\n", [Key.ENTER, Key.ENTER]),
        (b"\ra\n", [Key.ENTER, Typed("a"), Key.ENTER]),
        (b"\r\x00\n", [Key.ENTER, Key.ENTER]),
        (b"\r\x1b[A\n", [Key.ENTER, Key.UP, Key.ENTER]),
    ],
)
def test_cr_lf_is_one_enter(data: bytes, strokes: list[Stroke]) -> None:
    assert pressed(data) == strokes


def test_utf_8_may_come_in_pieces() -> None:
    text = "é世👩🏽‍🚀"
    assert pressed(*(bytes([byte]) for byte in text.encode())) == [Typed(text)]


@pytest.mark.parametrize(
    ("data", "strokes"),
    [
        (b"a\xffb", [Typed("a"), Key.NONSENSE, Typed("b")]),
        (b"\xc3\r", [Key.NONSENSE, Key.ENTER]),
        (b"\xe4\xb8\x1b[A", [Key.NONSENSE, Key.NONSENSE, Key.UP]),
        (b"\xc0\xaf", [Key.NONSENSE, Key.NONSENSE]),  # an overlong "/"
        (b"\xed\xa0\x80", [Key.NONSENSE] * 3),  # a surrogate
    ],
)
def test_what_is_no_utf_8_is_dropped_and_the_rest_is_not(
    data: bytes, strokes: list[Stroke]
) -> None:
    assert pressed(data) == strokes


@pytest.mark.parametrize(
    ("data", "strokes"),
    [
        (b"\x1bx", [Typed("x")]),  # Esc, and then x
        ("\x1bж".encode(), [Typed("ж")]),
        (b"\x1b\r", [Key.ENTER]),
        (b"\x1b\x1b\x1b\x1b[A", [Key.UP]),
        (b"\x1b[1;\x03", [Key.INTERRUPT]),  # broken off by ^C
        (b"\x1b[1\x1b[A", [Key.UP]),
        ("\x1b[1ж".encode(), [Typed("ж")]),
    ],
)
def test_a_sequence_that_breaks_off_takes_nothing_with_it(
    data: bytes, strokes: list[Stroke]
) -> None:
    assert pressed(data) == strokes


def test_a_sequence_without_an_end_is_given_up() -> None:
    endless = b"\x1b[" + b"1;" * 100
    assert pressed(endless + b"A")[0] is Key.NONSENSE
    keys = Keys()
    for _ in range(100):
        keys.receive(b"\x1b[" + b"9" * 50)
        assert len(keys._rest) <= SEQUENCE_LIMIT


def test_the_longest_sequence_known_is_within_the_limit() -> None:
    assert max(map(len, SEQUENCES)) < SEQUENCE_LIMIT


@pytest.mark.parametrize(
    ("paste", "text"),
    [
        (b"one", "one"),
        (b"", ""),
        (b"one\rtwo\r\nthree\nfour", "one\ntwo\nthree\nfour"),
        (b"\x1b[A\x01", "\x1b[A\x01"),  # no keys in here: what can be shown is the line's business
        ("世界".encode(), "世界"),
    ],
)
def test_a_paste_comes_as_one(paste: bytes, text: str) -> None:
    assert pressed(b"a\x1b[200~" + paste + b"\x1b[201~b") == [Typed("a"), Pasted(text), Typed("b")]


def test_bad_bytes_in_a_paste_are_dropped() -> None:
    assert pressed(b"\x1b[200~a\xffb\x1b[201~") == [Pasted("ab"), Key.NONSENSE]


def test_a_paste_has_a_limit() -> None:
    paste = b"\x1b[200~" + b"x" * (PASTE_LIMIT + 1) + b"\x1b[201~y"
    assert pressed(paste) == [Pasted("x" * PASTE_LIMIT, cut=True), Typed("y")]
    exactly = b"\x1b[200~" + b"x" * PASTE_LIMIT + b"\x1b[201~y"
    assert pressed(exactly) == [Pasted("x" * PASTE_LIMIT), Typed("y")]


def test_an_endless_paste_takes_no_more_memory_than_that() -> None:
    keys = Keys()
    keys.receive(b"\x1b[200~")
    for _ in range(100):
        assert keys.receive(b"x" * 10_000) == []
    assert keys._paste is not None
    assert len(keys._paste) + len(keys._rest) < PASTE_LIMIT + SEQUENCE_LIMIT


def test_control_c_gives_up_a_paste_whose_end_never_came() -> None:
    assert pressed(b"\x1b[200~lost lost\x03a") == [Key.INTERRUPT, Typed("a")]


interesting = st.sampled_from(
    [
        *(bytes([byte]) for byte in range(0x21)),
        *(b"\x1b", b"\x1b[", b"\x1bO", b"\x1b[[", b"\x1b[200~", b"\x1b[201~", b"\x1b[1;5", b"\r\n"),
        *(b"\xff", b"\xc3", b"\xe4\xb8", b"A", b"~", b";", b"1" * 61),
        "世👩🏽‍🚀é".encode(),
    ]
)
noise = st.lists(st.one_of(interesting, st.binary(max_size=8))).map(b"".join)


@given(noise, st.lists(st.integers(0, 200)))
@example(b"\x1b\x1b[D", [1])
@example(b"\x1b[[A", [2])
@example(b"\x1b[200~a\x1b[201~", [6, 8, 9])
def test_any_bytes_are_the_same_keys_in_any_pieces(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert pressed(*pieces) == pressed(data)
    assert pressed(*(bytes([byte]) for byte in data)) == pressed(data)


@given(noise)
def test_nothing_that_is_typed_is_a_control_character_or_half_of_one(data: bytes) -> None:
    for stroke in pressed(data):
        if isinstance(stroke, Typed):
            assert stroke.text
            assert stroke.text.encode().decode() == stroke.text
            assert not any(character < " " or character == "\x7f" for character in stroke.text)
