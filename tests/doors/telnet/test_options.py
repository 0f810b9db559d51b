"""Options: asked and answered once for each change, so that answers come to an end (RFC 1143)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.doors.telnet import options
from chatproto.doors.telnet.options import BINARY, ECHO, NAWS, SGA, TIMING_MARK, TTYPE, Options
from chatproto.doors.telnet.parser import DO, DONT, IAC, WILL, WONT, Negotiation, Parser

EOR = 25  # RFC 885
VERBS = st.sampled_from([WILL, WONT, DO, DONT])
OPTIONS = st.sampled_from([BINARY, ECHO, SGA, TTYPE, NAWS, 99, 255])
ASKED = st.lists(st.tuples(VERBS, OPTIONS), max_size=30)


def negotiations(data: bytes) -> list[Negotiation]:
    return [token for token in Parser().receive(data) if isinstance(token, Negotiation)]


def test_ttype_is_asked_for_once() -> None:
    agreed = Options()
    assert agreed.ask(TTYPE) == bytes((IAC, DO, TTYPE))
    assert agreed.ask(TTYPE) == b""


def test_a_yes_to_our_question_is_not_answered() -> None:
    agreed = Options()
    agreed.ask(TTYPE)
    assert agreed.receive(WILL, TTYPE) == b""
    assert agreed.they(TTYPE)
    assert agreed.ask(TTYPE) == b""


def test_a_no_to_our_question_is_not_answered() -> None:
    agreed = Options()
    agreed.ask(TTYPE)
    assert agreed.receive(WONT, TTYPE) == b""
    assert not agreed.they(TTYPE)


def test_an_offer_of_ttype_is_taken_once() -> None:
    agreed = Options()
    assert agreed.receive(WILL, TTYPE) == bytes((IAC, DO, TTYPE))
    assert agreed.receive(WILL, TTYPE) == b""


def test_taking_the_offer_back_is_answered_once() -> None:
    agreed = Options()
    agreed.receive(WILL, TTYPE)
    assert agreed.receive(WONT, TTYPE) == bytes((IAC, DONT, TTYPE))
    assert agreed.receive(WONT, TTYPE) == b""
    assert not agreed.they(TTYPE)


def test_they_may_change_their_mind() -> None:
    agreed = Options()
    agreed.ask(TTYPE)
    agreed.receive(WONT, TTYPE)
    assert agreed.receive(WILL, TTYPE) == bytes((IAC, DO, TTYPE))
    assert agreed.they(TTYPE)


def test_we_never_send_binary_ourselves() -> None:
    """inetutils telnet would show what it echoes in stairs."""
    agreed = Options()
    assert agreed.ask(BINARY) == bytes((IAC, DO, BINARY))
    assert agreed.receive(DO, BINARY) == bytes((IAC, WONT, BINARY))


@pytest.mark.parametrize("option", [ECHO, SGA, EOR, 99, 255])
def test_what_we_do_not_know_is_refused(option: int) -> None:
    agreed = Options()
    assert agreed.receive(WILL, option) == bytes((IAC, DONT, option))
    assert agreed.receive(DO, option) == bytes((IAC, WONT, option))
    assert not agreed.they(option)


@pytest.mark.parametrize("verb", [WONT, DONT])
@pytest.mark.parametrize("option", [ECHO, TTYPE, TIMING_MARK, 99])
def test_a_no_to_nothing_is_not_answered(verb: int, option: int) -> None:
    assert Options().receive(verb, option) == b""


def test_every_timing_mark_is_answered() -> None:
    """Unlike an option: inetutils telnet shows nothing more until it is."""
    agreed = Options()
    for _ in range(3):
        assert agreed.receive(DO, TIMING_MARK) == bytes((IAC, WONT, TIMING_MARK))


@given(ASKED)
def test_only_a_change_or_a_wish_for_one_is_answered(asked: list[tuple[int, int]]) -> None:
    """Yes is said once until there was a no; no is said to a wish, or once to the end of a yes."""
    agreed, on = Options(), dict.fromkeys(range(256), False)
    for verb, option in asked:
        answer = agreed.receive(verb, option)
        if verb == WILL and option in (BINARY, TTYPE, NAWS):
            expected = b"" if on[option] else bytes((IAC, DO, option))
            on[option] = True
        elif verb == WONT and on[option]:
            expected = bytes((IAC, DONT, option))
            on[option] = False
        elif verb in (WILL, DO):
            expected = bytes((IAC, DONT if verb == WILL else WONT, option))
        else:
            expected = b""
        assert answer == expected


@given(ASKED, ASKED, st.booleans(), st.booleans())
def test_two_of_us_go_quiet(
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
    one_asks: bool,
    other_asks: bool,
) -> None:
    sides = Options(), Options()
    on_the_way = [[Negotiation(*pair) for pair in second], [Negotiation(*pair) for pair in first]]
    for side, asks in enumerate((one_asks, other_asks)):
        if asks:
            on_the_way[1 - side] += negotiations(sides[side].ask(TTYPE) + sides[side].ask(BINARY))
    exchanged = len(first) + len(second) + 4
    for _ in range(6 * exchanged):
        for side in (0, 1):
            if on_the_way[side]:
                got = on_the_way[side].pop(0)
                on_the_way[1 - side] += negotiations(sides[side].receive(*got))
    assert on_the_way == [[], []]


def test_two_sides_that_both_do_everything_go_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "OURS", frozenset({TTYPE}))
    asks, answers = Options(), Options()
    answer = answers.receive(*negotiations(asks.ask(TTYPE))[0])
    assert answer == bytes((IAC, WILL, TTYPE))
    assert asks.receive(WILL, TTYPE) == b""
    assert asks.they(TTYPE)


def test_an_offer_is_agreed_to_and_withdrawn() -> None:
    agreed = Options()
    assert agreed.offer(ECHO, SGA) == bytes((IAC, WILL, ECHO, IAC, WILL, SGA))
    assert agreed.receive(DO, ECHO) == b""
    assert not agreed.we(ECHO, SGA)
    assert agreed.receive(DO, SGA) == b""
    assert agreed.we(ECHO, SGA)
    assert agreed.withdraw(ECHO) == bytes((IAC, WONT, ECHO))
    assert not agreed.we(ECHO)
    assert agreed.receive(DONT, ECHO) == b""


def test_an_offer_that_is_refused_is_not_made_twice_at_once() -> None:
    agreed = Options()
    agreed.offer(ECHO)
    assert agreed.offer(ECHO) == b""
    assert agreed.receive(DONT, ECHO) == b""
    assert not agreed.we(ECHO)


def test_a_change_of_mind_waits_for_the_answer() -> None:
    """Saying WONT before WILL is answered would leave both sides guessing which was meant."""
    agreed = Options()
    agreed.offer(ECHO)
    assert agreed.withdraw(ECHO) == b""
    assert agreed.receive(DO, ECHO) == bytes((IAC, WONT, ECHO))
    assert agreed.receive(DONT, ECHO) == b""
    assert not agreed.we(ECHO)
