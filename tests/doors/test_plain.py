"""The plain door: for programs that send a name, then lines, with or without ends."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core import names
from chatproto.doors import plain
from chatproto.doors.plain import QUIET_SECONDS, STREAM_SECONDS, PlainProtocol
from fakes import InMemoryServer, Peer, SocketPeer

ALICE = (
    "-- You are in #lobby. Nobody else is here yet.\n-- You are alice. /help lists the commands.\n"
)


def pair() -> tuple[InMemoryServer, SocketPeer, SocketPeer]:
    """Return a server, a member who talks and a member who listens."""
    server = InMemoryServer()
    peer, listener = server.seat(PlainProtocol, "alice"), server.seat(PlainProtocol, "bob")
    peer.read()
    return server, peer, listener


def heard(listener: Peer | SocketPeer) -> str:
    if isinstance(listener, SocketPeer):
        listener.turn()
    return listener.read()


def test_the_name_is_asked_for_at_once_and_nothing_else_is_sent() -> None:
    assert InMemoryServer().knock(PlainProtocol).read() == "Your name: "


def test_the_first_line_is_the_name() -> None:
    peer = InMemoryServer().knock(PlainProtocol)
    peer.read()
    peer.send("alice")
    assert peer.read() == ALICE


def test_the_first_line_may_be_name_and_message() -> None:
    server = InMemoryServer()
    listener = server.seat(PlainProtocol, "bob")
    peer = server.dial(PlainProtocol)
    peer.send("alice: hello there")
    assert "You are alice." in peer.read()
    assert heard(listener) == "-- alice joined\nalice: hello there\n"


@pytest.mark.parametrize("line", ["alice:hi", "alice : hi", "alice:   hi", "alice:\thi"])
def test_spaces_about_the_colon_do_not_matter(line: str) -> None:
    server = InMemoryServer()
    listener = server.seat(PlainProtocol, "bob")
    server.dial(PlainProtocol).send(line)
    assert heard(listener).splitlines()[-1] == "alice: hi"


def test_a_name_with_nothing_behind_its_colon_is_a_name() -> None:
    server = InMemoryServer()
    server.dial(PlainProtocol).send("alice:")
    assert [member.nick for member in server.chat.members.values()] == ["alice"]


def test_a_taken_name_with_a_message_says_nothing() -> None:
    server, _peer, listener = pair()
    other = server.dial(PlainProtocol)
    other.read()
    other.send("alice: it is me")
    assert "“alice” is taken. Choose another name.\nYour name: " in other.read()
    assert heard(listener) == ""


@pytest.mark.parametrize("said", ["alice: hi", "alice:hi", "ALICE: hi", "Alice : hi", "hi"])
def test_ones_own_name_is_not_said_twice(said: str) -> None:
    _house, peer, listener = pair()
    peer.send(said)
    assert heard(listener) == "alice: hi\n"


@pytest.mark.parametrize(
    "said", ["bob: hi", "note: this", "alicex: hi", "http://example.org", ": hi", "hi alice: you"]
)
def test_any_other_name_is_kept(said: str) -> None:
    _house, peer, listener = pair()
    peer.send(said)
    assert heard(listener) == f"alice: {said}\n"


def test_ones_own_name_is_taken_off_once() -> None:
    _house, peer, listener = pair()
    peer.send("alice: alice: hi")
    assert heard(listener) == "alice: alice: hi\n"


def test_in_the_first_line_too() -> None:
    server = InMemoryServer()
    listener = server.seat(PlainProtocol, "bob")
    server.dial(PlainProtocol).send("alice: alice: hi")
    assert heard(listener).splitlines()[-1] == "alice: alice: hi"


def test_ones_name_with_nothing_behind_it_is_nothing() -> None:
    _house, peer, listener = pair()
    peer.send("alice: ")
    assert heard(listener) == ""
    assert peer.read() == ""


def test_the_new_name_counts_after_a_rename() -> None:
    _house, peer, listener = pair()
    peer.send("/nick ann")
    peer.send("ann: hi\nalice: hi")
    assert heard(listener) == "-- alice is now ann\nann: hi\nann: alice: hi\n"


def test_a_command_behind_ones_name_is_a_command() -> None:
    _house, peer, listener = pair()
    peer.send("alice: /me waves")
    assert heard(listener) == "* alice waves\n"


def test_what_has_no_end_is_a_line_when_nothing_more_comes() -> None:
    server, peer, listener = pair()
    peer.send(b"hello")
    server.clock.advance(QUIET_SECONDS * 0.9)
    assert heard(listener) == ""
    server.clock.advance(QUIET_SECONDS * 0.2)
    assert heard(listener) == "alice: hello\n"


def test_more_within_that_time_belongs_to_the_line() -> None:
    server, peer, listener = pair()
    for piece in (b"hel", b"lo ", b"you"):
        peer.send(piece)
        server.clock.advance(QUIET_SECONDS * 0.9)
    peer.send(b"\n")
    server.clock.advance(1)
    assert heard(listener) == "alice: hello you\n"


def test_the_rest_behind_whole_lines_waits_longer_for_its_end() -> None:
    server, peer, listener = pair()
    peer.send(b"one\ntwo\nthr")
    server.clock.advance(STREAM_SECONDS * 0.9)
    peer.send(b"e")
    server.clock.advance(STREAM_SECONDS * 0.9)
    peer.send(b"e\nfour\n")
    assert heard(listener) == "alice: one\nalice: two\nalice: three\nalice: four\n"


def test_the_rest_behind_whole_lines_is_a_line_when_nothing_more_comes_for_long() -> None:
    server, peer, listener = pair()
    peer.send(b"one\ntwo")
    server.clock.advance(STREAM_SECONDS)
    assert heard(listener) == "alice: one\nalice: two\n"
    peer.send(b"three")
    server.clock.advance(QUIET_SECONDS)
    assert heard(listener) == "alice: three\n"


def test_a_name_without_end_is_a_name() -> None:
    server = InMemoryServer()
    peer = server.dial(PlainProtocol)
    peer.read()
    peer.send(b"alice")
    server.clock.advance(QUIET_SECONDS)
    assert peer.read() == ALICE


def test_half_a_character_waits_for_the_other_half() -> None:
    server, peer, listener = pair()
    text = "привет".encode()
    peer.send(text[:-1])
    server.clock.advance(1)
    assert heard(listener) == ""
    peer.send(text[-1:])
    server.clock.advance(QUIET_SECONDS)
    assert heard(listener) == "alice: привет\n"


@pytest.mark.parametrize("tail", [b"\xff", b"\x80", b"\xc3\x28"])
def test_what_is_no_character_does_not_wait(tail: bytes) -> None:
    server, peer, _listener = pair()
    peer.send(b"hi " + tail)
    server.clock.advance(QUIET_SECONDS)
    assert "not UTF-8" in peer.read()


def test_what_was_sent_last_is_said_though_the_connection_closed() -> None:
    _house, peer, listener = pair()
    peer.send(b"goodbye all")
    peer.hang_up()
    assert heard(listener) == "alice: goodbye all\n-- alice left\n"


def test_a_cr_before_the_end_is_part_of_the_end() -> None:
    server, peer, listener = pair()
    peer.send(b"one\r\n")
    peer.send(b"two\r")
    server.clock.advance(QUIET_SECONDS)
    assert heard(listener) == "alice: one\nalice: two\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("alice", "is taken"), ("AIice", "looks like"), ("x" * 33, "33 characters"),
     ("two words", "A name is one word"), ("-x", "begins with"), ("a/b", "but no “/”")],
)  # fmt: skip
def test_a_name_that_will_not_do_is_asked_for_again_with_the_reason(name: str, reason: str) -> None:
    server = InMemoryServer()
    server.seat(PlainProtocol, "Alice")
    peer = server.knock(PlainProtocol)
    peer.read()
    peer.send(name)
    answer = peer.read()
    assert reason in answer
    assert answer.startswith("-- ")
    assert answer.endswith("\nYour name: ")
    peer.send("carol")
    assert "You are carol." in peer.read()


@pytest.mark.parametrize(
    ("line", "before", "text"),
    [
        ("alice: hi", "alice", "hi"),
        ("alice  :hi: there", "alice", "hi: there"),
        ("alice:", "alice", ""),
        (": hi", "", ": hi"),
        (" alice: hi", "", " alice: hi"),
        ("hi", "", "hi"),
    ],
)
def test_what_stands_before_a_colon_may_be_a_name(line: str, before: str, text: str) -> None:
    assert plain._prefixed(line) == (before, text)


def test_a_line_that_begins_with_something_too_long_for_a_name_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _house, alice, listener = pair()
    known = Mock(wraps=unicodedata)
    monkeypatch.setattr(names, "unicodedata", known)
    said = "\ufdfa" * 600 + ": hi"
    alice.send(said)
    assert heard(listener).endswith(f"alice: {said}\n")
    assert not known.normalize.mock_calls


def test_who_gives_no_name_is_a_guest() -> None:
    peer = InMemoryServer().knock(PlainProtocol)
    peer.send("")
    assert "You are guest-1." in peer.read()


def test_no_telnet_bytes_are_answered() -> None:
    peer = InMemoryServer().enter(PlainProtocol, "alice")
    peer.send(b"\xff\xfd\x06\n")
    assert "not UTF-8" in peer.read()


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])), max_size=6)


@given(LINES, st.sets(st.integers(1, 120), max_size=8))
def test_lines_with_ends_are_the_same_at_any_split(lines: list[str], cuts: set[int]) -> None:
    data = "".join(f"{line}\n" for line in ["alice", *lines]).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    outcomes = []
    for arrivals in (pieces, [data]):
        server = InMemoryServer()
        listener = server.enter(PlainProtocol, "bob")
        peer = server.knock(PlainProtocol)
        for piece in arrivals:
            peer.send(piece)
        outcomes.append((peer.read(), listener.read()))
    assert outcomes[0] == outcomes[1]
