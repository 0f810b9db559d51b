"""What the line doors share: lines split for all that has come, limits, pace, and others' turns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.pace import Rate
from chatproto.core.queries import Found
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import (
    ANSWER_SECONDS,
    LINE_BYTES,
    LINES_BEFORE_NAME,
    LINES_PER_TURN,
    LOGIN_SECONDS,
    UNENDED_BYTES,
    UNWRITTEN_EVENTS,
)
from chatproto.sessions.lines import LEAVING
from fakes import InMemoryServer, SocketPeer, late_search

if TYPE_CHECKING:
    from collections.abc import Callable

DOORS = [TelnetProtocol, PlainProtocol]
Doors = type[TelnetProtocol | PlainProtocol]
WORDS = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=9).filter(
    lambda word: word.casefold() not in LEAVING  # which are not said at once
)


def said(listener: SocketPeer) -> list[str]:
    """Return what is said, without what is told of coming and going."""
    listener.turn()
    return [line for line in listener.read().splitlines() if not line.startswith("-- ")]


@pytest.mark.parametrize("door", DOORS)
def test_the_longest_line_is_said(door: Doors) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send("x" * LINE_BYTES)
    assert said(listener) == [f"alice: {'x' * LINE_BYTES}"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("size", [LINE_BYTES + 1, UNENDED_BYTES])
def test_a_longer_one_is_answered_with_an_error_and_not_said(door: Doors, size: int) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send("x" * size)
    assert f"That line has {size} bytes; the most is {LINE_BYTES}." in peer.read()
    peer.send("on we go")
    assert said(listener) == ["alice: on we go"]


@pytest.mark.parametrize("door", DOORS)
def test_the_limit_is_in_bytes(door: Doors) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send("я" * (LINE_BYTES // 2 + 1))
    assert said(listener) == []
    assert "That line has" in peer.read()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("end", [b"", b"\n", b"\nhi\n"])
def test_a_line_without_end_is_closed(door: Doors, end: bytes) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send(b"x" * (UNENDED_BYTES + 1) + end)
    assert f"{UNENDED_BYTES + 1} bytes without an end of line" in peer.read()
    assert not peer.is_connected
    assert said(listener) == []


@pytest.mark.parametrize("door", DOORS)
def test_a_line_without_end_is_closed_however_it_comes(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.seat(door, "alice")
    for _ in range(UNENDED_BYTES // 1000 + 1):
        peer.send(b"x" * 1000)
    assert not peer.is_connected


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("bad", [b"\xe9t\xe9", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
def test_what_is_not_utf8_is_answered_with_an_error(door: Doors, bad: bytes) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send(bad + b"\r\n")
    assert f"That line is not UTF-8 (byte 1 is 0x{bad[0]:02x})" in peer.read()
    peer.send("on we go")
    assert said(listener) == ["alice: on we go"]


@pytest.mark.parametrize("door", DOORS)
def test_a_name_that_is_not_utf8_is_no_name(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.dial(door)
    peer.send(b"\xe9\xe9\n")
    assert "not UTF-8" in peer.read()
    assert not server.chat.members
    peer.send("alice")
    assert "You are alice." in peer.read()


@pytest.mark.parametrize("door", DOORS)
def test_who_talks_too_fast_is_slowed_and_nothing_is_lost(door: Doors) -> None:
    server = InMemoryServer(rate=Rate(5, 2.0))
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    lines = [f"line {number}" for number in range(40)]
    peer.send("\n".join(lines))
    heard = said(listener)
    assert len(heard) == 5
    assert not peer.is_read_from
    for _ in range(20):
        server.clock.advance(0.5)
        heard += said(listener)
    assert len(heard) == 25
    for _ in range(20):
        server.clock.advance(0.5)
        heard += said(listener)
    assert heard == [f"alice: {line}" for line in lines]
    assert peer.is_read_from


def test_who_is_slowed_is_not_read_from_and_all_comes_in_the_end() -> None:
    server = InMemoryServer(rate=Rate(5, 2.0))
    peer, listener = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    for number in range(20):
        peer.send(f"line {number}")
    assert peer.socket.arrived
    heard = []
    for _ in range(40):
        server.clock.advance(0.5)
        peer.turn()
        heard += said(listener)
    assert heard == [f"alice: line {number}" for number in range(20)]


def test_a_flood_leaves_the_others_their_turn() -> None:
    server = InMemoryServer()
    flood, other = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    listener = server.seat(PlainProtocol, "carol")
    lines = [f"line {number}" for number in range(3 * LINES_PER_TURN)]
    flood.door.dataReceived("\n".join(lines).encode() + b"\n")
    other.door.dataReceived(b"may I\n")
    for _ in range(5):
        server.clock.turn()
    heard = said(listener)
    assert heard.index("bob: may I") <= LINES_PER_TURN + 1
    heard.remove("bob: may I")
    assert heard == [f"alice: {line}" for line in lines]


def test_while_the_disk_is_behind_nobody_is_read_from(monkeypatch: pytest.MonkeyPatch) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(server.order, "is_full", lambda: True)
    monkeypatch.setattr(server.order, "when_roomy", waiting.append)
    peer.send("one\ntwo\nthree")
    assert said(listener) == ["alice: one"]
    assert not peer.is_read_from
    monkeypatch.undo()
    for call in waiting:
        call()
    peer.turn()
    assert said(listener) == ["alice: two", "alice: three"]
    assert UNWRITTEN_EVENTS > LINES_PER_TURN  # so a turn alone never fills the log


def test_room_on_the_disk_is_no_news_to_who_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    server = InMemoryServer()
    peer = server.seat(PlainProtocol, "alice")
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(server.order, "is_full", lambda: True)
    monkeypatch.setattr(server.order, "when_roomy", waiting.append)
    peer.send("one\ntwo")
    peer.hang_up()
    monkeypatch.undo()
    for call in waiting:
        call()
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_what_comes_behind_quit_is_ignored(door: Doors) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.read()
    peer.send("/quit\nstill here\nmallory")
    peer.door.dataReceived(b"and here\n")
    assert said(listener) == []
    assert peer.read() == f"-- Goodbye.{door.screen.end.decode()}"
    assert not server.chat.members or [m.nick for m in server.chat.members.values()] == ["bob"]


@pytest.mark.parametrize("door", DOORS)
def test_who_gives_no_name_is_sent_home(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.dial(door)
    server.clock.advance(LOGIN_SECONDS - 1)
    peer.turn()
    assert peer.is_connected
    server.clock.advance(1)
    peer.turn()
    assert "You took too long to give a name." in peer.read()
    assert not peer.is_connected
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_half_a_name_does_not_help_nor_makes_a_member_later(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.dial(door)
    server.clock.advance(LOGIN_SECONDS - 0.01)
    peer.door.dataReceived(b"ali")
    server.clock.advance(0.01)
    assert not server.chat.members
    server.clock.advance(1)
    assert not server.chat.members


@pytest.mark.parametrize("door", DOORS)
def test_who_has_a_name_has_all_the_time_in_the_world(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.seat(door, "alice")
    server.clock.advance(10 * LOGIN_SECONDS)
    peer.turn()
    assert peer.is_connected


@pytest.mark.parametrize("door", DOORS)
def test_nothing_is_left_for_later_when_they_are_gone(door: Doors) -> None:
    server = InMemoryServer(rate=Rate(1, 1.0))
    named, nameless = server.seat(door, "alice"), server.dial(door)
    named.send("one\ntwo\nthree\nfo")
    nameless.send(b"ali")
    named.hang_up()
    nameless.hang_up()
    for _ in range(4):
        server.clock.advance(1)
    server.clock.advance(2)
    assert not server.clock.getDelayedCalls()
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_so_many_lines_may_be_tried_as_a_name(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.dial(door)
    for _ in range(LINES_BEFORE_NAME):
        peer.send(b"\xff #\n")
    assert peer.is_connected
    peer.read()
    peer.send("alice")
    assert peer.read().endswith(
        "-- None of 64 lines was a name: closing." + peer.door.screen.end.decode()
    )
    assert not peer.is_connected
    assert not server.chat.members


def test_whoever_has_a_name_says_as_many_lines_as_they_like() -> None:
    server = InMemoryServer()
    peer = server.seat(PlainProtocol, "alice")
    for number in range(2 * LINES_BEFORE_NAME):
        peer.send(f"line {number}")
    assert peer.is_connected


@given(
    st.lists(WORDS),
    st.sets(st.integers(1, 100), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(DOORS),
)
def test_lines_are_the_same_at_any_split(
    words: list[str], cuts: set[int], end: str, door: Doors
) -> None:
    server = InMemoryServer()
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    data = "".join(word + end for word in words).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    for start, stop in pairwise(places):
        peer.send(data[start:stop])
    whole, listener2 = server.seat(door, "carol"), server.seat(PlainProtocol, "dave")
    before = said(listener)
    whole.send(data)
    after = said(listener2)
    assert before == [line.replace("carol:", "alice:", 1) for line in after]
    assert len(before) == len(words)


# -- a peer that sends nothing more, and reads on -------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("end", ["\n", ""])
def test_what_was_asked_for_last_is_answered(door: Doors, end: str) -> None:
    server = InMemoryServer()
    answer = late_search(server)
    peer, listener = server.seat(door, "alice"), server.seat(PlainProtocol, "bob")
    peer.send(f"hello\n/search apple{end}".encode())
    peer.stop_sending()
    listener.send("and on")
    peer.read()
    answer.callback(Found([]))
    peer.turn()
    server.clock.advance(2)
    assert "Nothing found for “apple”" in peer.read()
    assert not peer.is_connected
    listener.turn()
    assert listener.read().splitlines()[-2:] == ["alice: hello", "-- alice left"]
    listener.hang_up()
    assert not server.clock.calls


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("ask", ["/history 5", "/history 5\n"])
def test_so_is_a_page_of_the_past(door: Doors, ask: str) -> None:
    server = InMemoryServer()
    peer = server.seat(door, "alice")
    server.chat.say(peer.door.session.seat, "apple")  # type: ignore[union-attr]
    server.clock.turn()
    peer.send(ask.encode())
    peer.stop_sending()
    peer.turn(10)
    assert "alice: apple" in peer.read()
    assert not peer.is_connected


@pytest.mark.parametrize("door", DOORS)
def test_who_says_a_name_alone_is_welcomed(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.dial(door)
    peer.socket.arrived.append(b"alice\n")
    peer.transport.turn()
    peer.stop_sending()
    assert "You are alice. /help lists the commands." in peer.read()
    assert not peer.is_connected


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_is_not_waited_for_without_end(door: Doors) -> None:
    server = InMemoryServer()
    late_search(server)
    peer = server.seat(door, "alice")
    peer.send("/search apple")
    peer.stop_sending()
    assert peer.is_connected
    server.clock.advance(ANSWER_SECONDS)
    peer.turn()
    assert not peer.is_connected
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_who_breaks_off_before_the_answer_leaves_nothing(door: Doors) -> None:
    server = InMemoryServer()
    answer = late_search(server)
    peer = server.seat(door, "alice")
    peer.send("/search apple")
    peer.stop_sending()
    peer.hang_up()
    answer.callback(Found([]))
    server.clock.advance(2)
    server.clock.turn()
    assert not server.clock.calls
    assert not server.context.sessions


@pytest.mark.parametrize("door", DOORS)
def test_who_asked_for_nothing_leaves_at_once(door: Doors) -> None:
    server = InMemoryServer()
    peer = server.seat(door, "alice")
    peer.send("hello")
    peer.stop_sending()
    assert not peer.is_connected
    assert not server.context.sessions
