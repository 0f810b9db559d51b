"""The parser: the same text and tokens however the bytes were split, and nothing that kills it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.doors.telnet.parser import (
    ABORT,
    AYT,
    DO,
    EOF,
    IAC,
    NOP,
    SB,
    SE,
    SUSP,
    WILL,
    Command,
    Negotiation,
    Parser,
    Subnegotiation,
    Token,
    TooLong,
)
from chatproto.limits import SUBNEGOTIATION_BYTES

BYTE = st.integers(0, 255)
BODY = st.binary(max_size=40)
FRAGMENTS = st.one_of(
    st.sampled_from([b"\r\n", b"\r\0", b"\n", b"\r", b"\xff\xff", b"\0", b"\xff\xfa\xff\xf0"]),
    st.text(max_size=8).map(str.encode),
    BYTE.map(lambda code: bytes((IAC, code))),
    st.tuples(st.integers(251, 254), BYTE).map(lambda pair: bytes((IAC, *pair))),
    BODY.map(lambda body: b"\xff\xfa" + body.replace(b"\xff", b"\xff\xff") + b"\xff\xf0"),
    BODY.map(lambda body: b"\xff\xfa" + body),  # never ended
)
STREAMS = st.one_of(
    st.binary(max_size=200),
    st.lists(BYTE | st.sampled_from([255, 250, 240, 13, 10, 0]), max_size=200).map(bytes),
    st.lists(FRAGMENTS, max_size=20).map(b"".join),
)


def merged(tokens: list[Token]) -> list[Token]:
    """Join texts that stand side by side."""
    joined: list[Token] = []
    for token in tokens:
        if isinstance(token, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def parsed(*pieces: bytes) -> list[Token]:
    parser = Parser()
    return merged([token for piece in pieces for token in parser.receive(piece)])


def split(data: bytes, cuts: set[int]) -> list[bytes]:
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(STREAMS, st.sets(st.integers(0, 200)))
def test_any_split_gives_the_same(data: bytes, cuts: set[int]) -> None:
    assert parsed(*split(data, cuts)) == parsed(data)


@given(STREAMS)
def test_byte_by_byte_gives_the_same(data: bytes) -> None:
    assert parsed(*(bytes((byte,)) for byte in data)) == parsed(data)


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\0", "я".encode()]), max_size=30))
def test_the_fast_path_gives_what_the_slow_one_does(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    fast, slow = parsed(text), parsed(text + b"\xff\xf1")
    assert slow.pop() == Command(NOP)
    assert fast == slow


@given(st.binary(max_size=100).filter(lambda data: not set(data) & {0xFF, 0x0D}))
def test_text_without_iac_and_cr_is_left_as_it_is(data: bytes) -> None:
    assert parsed(data) == ([data] if data else [])


@given(BYTE, st.binary(max_size=1000))
def test_what_is_doubled_in_a_subnegotiation_comes_out_single(option: int, data: bytes) -> None:
    body = (bytes((option,)) + data).replace(b"\xff", b"\xff\xff")
    assert parsed(b"\xff\xfa" + body + b"\xff\xf0") == [Subnegotiation(option, data)]


@pytest.mark.parametrize("end", [b"\r\n", b"\r\0", b"\n", b"\r"])
def test_every_end_of_line_comes_out_as_lf(end: bytes) -> None:
    assert parsed(b"one" + end + b"two" + end) == [b"one\ntwo\n"]


def test_a_lone_cr_ends_the_line_at_once() -> None:
    assert Parser().receive(b"hi\r") == [b"hi\n"]


@pytest.mark.parametrize("second", [b"\n", b"\0"])
def test_the_second_half_of_an_end_of_line_makes_no_second_line(second: bytes) -> None:
    parser = Parser()
    parser.receive(b"hi\r")
    assert parser.receive(second + b"there") == [b"there"]


def test_two_crs_are_two_ends() -> None:
    assert parsed(b"\r\r\n") == [b"\n\n"]


def test_a_command_between_cr_and_lf_makes_no_second_line() -> None:
    assert parsed(b"hi\r\xff\xf1\nyou") == [b"hi\n", Command(NOP), b"you"]


def test_a_doubled_iac_is_the_byte() -> None:
    assert parsed(b"a\xff\xffb") == [b"a\xffb"]


def test_a_doubled_iac_between_cr_and_lf_keeps_both_ends() -> None:
    assert parsed(b"\r\xff\xff\n") == [b"\n\xff\n"]


@pytest.mark.parametrize("code", [AYT, EOF, SUSP, ABORT, SE, 0x01, 0x00, 0x7F])
def test_every_command_is_a_token(code: int) -> None:
    """IAC EOF, SUSP, ABORT, SE and unknown ones end a stock twisted.conch session."""
    assert parsed(bytes((IAC, code)) + b"on") == [Command(code), b"on"]


def test_a_negotiation_is_a_token() -> None:
    assert parsed(bytes((IAC, DO, 99, IAC, WILL, 0xFF))) == [
        Negotiation(DO, 99),
        Negotiation(WILL, 0xFF),
    ]


def test_an_empty_subnegotiation_is_nothing() -> None:
    assert parsed(bytes((IAC, SB, IAC, SE)) + b"on") == [b"on"]


def test_a_command_inside_a_subnegotiation_ends_it() -> None:
    assert parsed(b"\xff\xfa\x18\x00XT" + bytes((IAC, AYT)) + b"on") == [Command(AYT), b"on"]


def test_a_subnegotiation_of_the_most_bytes_passes() -> None:
    body = b"a" * SUBNEGOTIATION_BYTES
    assert parsed(b"\xff\xfa" + body + b"\xff\xf0") == [Subnegotiation(ord("a"), body[1:])]


@given(st.sets(st.integers(0, SUBNEGOTIATION_BYTES + 10), max_size=5))
def test_one_byte_more_is_too_long_at_any_split(cuts: set[int]) -> None:
    data = b"\xff\xfa" + b"a" * (SUBNEGOTIATION_BYTES + 1)
    with pytest.raises(TooLong):
        parsed(*split(data, cuts))


@given(st.sets(st.integers(0, 2 * SUBNEGOTIATION_BYTES), max_size=5))
def test_doubled_bytes_count_as_well(cuts: set[int]) -> None:
    data = b"\xff\xfa" + b"\xff\xff" * (SUBNEGOTIATION_BYTES + 1)
    with pytest.raises(TooLong, match=f"{SUBNEGOTIATION_BYTES + 1} bytes"):
        parsed(*split(data, cuts))


def test_a_subnegotiation_begun_again_counts_from_the_start() -> None:
    parser = Parser()
    for _ in range(3):
        parser.receive(b"\xff\xfa" + b"a" * SUBNEGOTIATION_BYTES)
    assert parser.receive(b"\xff\xf0") == [Subnegotiation(97, b"a" * (SUBNEGOTIATION_BYTES - 1))]
