"""Strangers: programs that took this port for something else are told so in one line, and sent home."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.strangers import recognised
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import UNENDED_BYTES
from fakes import InMemoryServer

HTTP = b"GET / HTTP/1.1\r\nHost: localhost:8023\r\nUser-Agent: Mozilla/5.0\r\n\r\n"
POST = b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n/nick eve\r\n"
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
TLS = bytes.fromhex("16030102000100 01fc0303") + bytes(range(256))
STRANGERS = [HTTP, POST, HTTP2, SSH, TLS]
DOORS = [TelnetProtocol, PlainProtocol]


def told(
    server: InMemoryServer, door: type[TelnetProtocol | PlainProtocol], *pieces: bytes
) -> list[str]:
    """Return the lines that a stranger is told; a greeting is not among them."""
    peer = server.knock(door)
    peer.read()
    for piece in pieces:
        peer.send(piece)
    server.clock.advance(1)
    assert peer.transport.disconnecting
    return peer.read().splitlines()


@pytest.mark.parametrize("first", STRANGERS)
@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_is_told_in_one_line_and_closed(
    door: type[TelnetProtocol | PlainProtocol], first: bytes
) -> None:
    server = InMemoryServer()
    lines = told(server, door, first)
    assert len(lines) == 1
    assert lines[0].startswith("-- This is a chat")
    assert not server.chat.members


@given(st.sampled_from(STRANGERS), st.sets(st.integers(1, 60), max_size=6), st.sampled_from(DOORS))
def test_a_stranger_is_known_at_any_split(
    first: bytes, cuts: set[int], door: type[TelnetProtocol | PlainProtocol]
) -> None:
    server = InMemoryServer()
    places = [0, *sorted(cut for cut in cuts if cut < len(first)), len(first)]
    lines = told(server, door, *(first[start:end] for start, end in pairwise(places)))
    assert len(lines) == 1
    assert not server.chat.members


@pytest.mark.parametrize("verb", ["GET", "POST", "OPTIONS", "CONNECT", "TRACE", "SSH-guru", "PUT"])
@pytest.mark.parametrize("door", DOORS)
def test_a_person_may_be_called_so(door: type[TelnetProtocol | PlainProtocol], verb: str) -> None:
    server = InMemoryServer()
    peer = server.knock(door)
    peer.send(verb)
    assert f"You are {verb}." in peer.read()


@pytest.mark.parametrize("line", [HTTP, SSH])
def test_who_has_a_name_may_say_such_a_line(line: bytes) -> None:
    server = InMemoryServer()
    peer, listener = server.enter(TelnetProtocol, "alice"), server.enter(TelnetProtocol, "bob")
    peer.send(line)
    assert f"alice: {line.splitlines()[0].decode()}" in listener.read()
    assert not peer.transport.disconnecting


def test_a_request_line_without_end_is_closed_all_the_same() -> None:
    server = InMemoryServer()
    peer = server.knock(TelnetProtocol)
    peer.send(b"GET /" + b"a" * UNENDED_BYTES)
    assert peer.transport.disconnecting


@pytest.mark.parametrize(
    "first", [b"", b"G", b"GET", b"GET ", b"GET /", b"get / HTTP/1.1", b"GETS / HTTP/1.1", b"\x16",
              b"hello GET / HTTP/1.1", "ГЕТ / HTTP/1.1".encode(), b"SSH", b"SSH-"]
)  # fmt: skip
def test_anything_else_is_not_recognised(first: bytes) -> None:
    assert recognised(first) is None
