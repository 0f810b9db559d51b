"""The telnet door: what each real client sends gets in and can talk, and nothing it sends kills the session.

The bytes are those of /facts: seen from inetutils telnet 2.4, read in the sources of the others.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import NEGOTIATION_BURST, SUBNEGOTIATION_BYTES
from fakes import InMemoryServer, Peer, SocketPeer

DO_TTYPE = b"\xff\xfd\x18"
WILL_TTYPE = b"\xff\xfb\x18"
SEND_TTYPE = b"\xff\xfa\x18\x01\xff\xf0"
DO_BINARY, WILL_BINARY, WONT_BINARY = b"\xff\xfd\x00", b"\xff\xfb\x00", b"\xff\xfc\x00"
INTERRUPT = b"\xff\xf4\xff\xfd\x06"  # IAC IP IAC DO TIMING-MARK: inetutils ^C
WONT_TIMING_MARK = b"\xff\xfc\x06"
WIPE = "\r\x1b[K"

PUTTY_OPENS = bytes.fromhex("fffb1f fffb20 fffb18 fffb27 fffd01 fffb03 fffd03")
INETUTILS_OPENS = bytes.fromhex("fffd03 fffb18 fffb1f fffb20 fffb21 fffb22 fffb27 fffd05")


def is_type(name: str) -> bytes:
    return b"\xff\xfa\x18\x00" + name.encode() + b"\xff\xf0"


def raw(peer: Peer) -> bytes:
    data = peer.transport.value()
    peer.transport.clear()
    return bytes(data)


def heard_by(listener: Peer) -> str:
    """Return what is said, without what is told of coming and going."""
    return "".join(line for line in listener.read().splitlines(keepends=True) if "--" not in line)


def test_a_person_is_greeted_and_asked_before_anything_is_known_of_their_client() -> None:
    data = raw(InMemoryServer().knock(TelnetProtocol))
    assert data.startswith(DO_TTYPE)
    assert data.endswith(b"-- Welcome to the test.\r\nYour name: ")


CLIENTS = {
    "nc": b"alice\nhi\n",
    "inetutils, line mode": b"alice\r\nhi\r\n",
    "inetutils, character mode": b"alice\r\0hi\r\0",
    "inetutils, -port": INETUTILS_OPENS + b"alice\r\nhi\r\n",
    "inetutils, answering": WILL_TTYPE + is_type("XTERM-256COLOR") + b"alice\r\nhi\r\n",
    "PuTTY": PUTTY_OPENS + b"alice\r\n" + is_type("XTERM") + b"hi\r\n",
    "PuTTY, Return sends no ^M": PUTTY_OPENS + b"alice\rhi\r",
    "TinTin++": WILL_TTYPE + is_type("TINTIN++") + is_type("xterm") + is_type("MTTS 141")
    + b"alice\r\nhi\r\n",
    "Mudlet": WILL_TTYPE + is_type("MUDLET") + is_type("ANSI-TRUECOLOR") + is_type("MTTS 2349")
    + b"alice\r\nhi\r\n",
    "Windows telnet": WILL_TTYPE + is_type("ANSI") + b"alice\r\nhi\r\n",
    "nc -t": b"\xff\xfc\x18alice\nhi\n",
    "a DOS file": b"alice\r\nhi\r\n\x1a",
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_in_and_is_heard(client: str) -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.knock(TelnetProtocol)
    peer.send(CLIENTS[client])
    assert heard_by(listener) == "alice: hi\r\n"
    assert not peer.transport.disconnecting


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_in_byte_by_byte(client: str) -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.knock(TelnetProtocol)
    for byte in CLIENTS[client]:
        peer.send(bytes((byte,)))
    assert heard_by(listener) == "alice: hi\r\n"


def test_a_peer_that_never_answers_the_probe_gets_in_at_once() -> None:
    server = InMemoryServer()
    peer = server.knock(TelnetProtocol)
    peer.send(b"alice\r\n")
    assert "You are alice." in peer.read()


def test_a_yes_to_the_probe_is_asked_for_the_type_once() -> None:
    peer = InMemoryServer().knock(TelnetProtocol)
    raw(peer)
    peer.send(WILL_TTYPE)
    assert raw(peer) == DO_BINARY + SEND_TTYPE
    peer.send(WILL_TTYPE)
    assert raw(peer) == b""


def test_putty_is_refused_what_it_offers_and_asks_for() -> None:
    peer = InMemoryServer().knock(TelnetProtocol)
    raw(peer)
    peer.send(PUTTY_OPENS)
    expected = "fffd1f fffd00 fffe20 fffa1801fff0 fffe27 fffc01 fffe03 fffc03"
    assert raw(peer) == bytes.fromhex(expected)


@pytest.mark.parametrize("answer", [WILL_TTYPE, b"\xff\xfc\x18", b"\xff\xfd\x03"])
def test_whoever_negotiates_is_asked_once_to_send_all_eight_bits(answer: bytes) -> None:
    """inetutils telnet looks for its escape character in the low seven bits of all others."""
    peer = InMemoryServer().knock(TelnetProtocol)
    assert DO_BINARY not in raw(peer)
    peer.send(answer)
    assert raw(peer).count(DO_BINARY) == 1
    for again in (WONT_BINARY, answer, b"\xff\xfb\x1f", WONT_BINARY):
        peer.send(again)
    assert DO_BINARY not in raw(peer)


def test_a_peer_that_negotiates_nothing_is_asked_nothing_more() -> None:
    peer = InMemoryServer().knock(TelnetProtocol)
    raw(peer)
    peer.send("alice\nНет ❤ ”\n".encode())
    assert b"\xff" not in raw(peer)


def test_who_offers_all_eight_bits_is_taken_at_their_word() -> None:
    """`telnet -8` asks for both directions: ours would take the CR out of what it echoes."""
    peer = InMemoryServer().knock(TelnetProtocol)
    raw(peer)
    peer.send(WILL_BINARY + b"\xff\xfd\x00")
    assert raw(peer) == DO_BINARY + b"\xff\xfc\x00"


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\0", b"\r\n"])
def test_every_end_of_line_ends_one_when_all_eight_bits_are_sent(end: bytes) -> None:
    """inetutils telnet sends LF in line mode, CR in character mode; others what RFC 854 says."""
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.knock(TelnetProtocol)
    peer.send(WILL_TTYPE + WILL_BINARY)
    for line in ("alice", "Нет ❤ ”", "дальше"):
        peer.send(line.encode() + end)
    assert heard_by(listener) == "alice: Нет ❤ ”\r\nalice: дальше\r\n"


@pytest.mark.parametrize("name", ["XTERM-256COLOR", "VT100", "ansi", "linux"])
def test_a_terminal_has_its_line_wiped(name: str) -> None:
    server = InMemoryServer()
    speaker = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(WILL_TTYPE + is_type(name))
    peer.read()
    speaker.send("hello")
    assert peer.read() == f"{WIPE}bob: hello\r\n"


@pytest.mark.parametrize("names", [("DUMB",), ("MUDLET", "ANSI-TRUECOLOR", "MTTS 2349")])
def test_a_client_with_an_input_line_of_its_own_is_sent_plain_lines(names: tuple[str]) -> None:
    """Its second name is that of the terminal it runs in, or is like: the first one counts."""
    server = InMemoryServer()
    speaker = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(WILL_TTYPE + b"".join(map(is_type, names)))
    peer.read()
    speaker.send("hello")
    assert peer.read() == "bob: hello\r\n"


def test_a_type_that_nobody_can_read_is_no_harm() -> None:
    server = InMemoryServer()
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(WILL_TTYPE + b"\xff\xfa\x18\x00\x9b31m\xff\xff\xff\xf0" + b"\xff\xfa\x18\xff\xf0")
    peer.send("/whois")
    assert "alice is in #lobby" in peer.read()


def test_interrupt_drops_the_half_typed_line_and_is_answered() -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(b"half a li")
    peer.send(INTERRUPT)
    answer = raw(peer)
    assert answer.startswith(WONT_TIMING_MARK)
    assert b"To leave, type /quit." in answer
    peer.send(b"whole\r\n")
    assert heard_by(listener) == "alice: whole\r\n"


@pytest.mark.parametrize(
    ("command", "kept"), [(INTERRUPT, ""), (b"\xff\xf8", ""), (b"\xff\xf7", "half a l")]
)
def test_what_takes_back_what_is_typed_leaves_the_lines_that_wait(
    command: bytes, kept: str
) -> None:
    """They were sent before, and only have a pace."""
    server = InMemoryServer(rate=Rate(5, 2.0))
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(TelnetProtocol, "alice")
    peer.send(b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\nhalf a li" + command + b"whole\r\n")
    for _ in range(10):
        server.clock.advance(0.5)
        listener.turn()
    said = [*map(str, range(1, 8)), f"{kept}whole"]
    assert listener.read().splitlines() == ["-- alice joined", *(f"alice: {one}" for one in said)]


def test_eof_behind_lines_that_wait_leaves_when_they_are_said() -> None:
    server = InMemoryServer(rate=Rate(5, 2.0))
    listener, peer = server.seat(PlainProtocol, "bob"), server.seat(TelnetProtocol, "alice")
    peer.send("".join(f"{number}\r\n" for number in range(8)).encode() + b"\xff\xec")
    for _ in range(10):
        server.clock.advance(0.5)
        peer.turn()
        listener.turn()
    said = [f"alice: {number}" for number in range(8)]
    assert listener.read().splitlines() == ["-- alice joined", *said, "-- alice left"]


def test_eof_on_an_empty_line_leaves() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xec")
    assert peer.read() == "-- Goodbye.\r\n"
    assert peer.transport.disconnecting


def test_eof_in_the_middle_of_a_line_does_not() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"half\xff\xec")
    assert peer.read() == ""
    assert not peer.transport.disconnecting


def test_eof_before_a_name_leaves() -> None:
    peer = InMemoryServer().knock(TelnetProtocol)
    peer.send(b"\xff\xec")
    assert "Goodbye." in peer.read()


def test_eof_behind_quit_says_no_second_goodbye() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"/quit\r\n\xff\xec\xff\xf6")
    assert peer.read() == "-- Goodbye.\r\n"


def test_are_you_there_is_answered() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xf6")
    assert peer.read() == "[Yes]\r\n"


@pytest.mark.parametrize(
    "data",
    [bytes((255, code)) for code in (0, 1, 127, 236, 237, 238, 239, 240, 241, 242, 245, 249)]
    + [b"\xff\xfa\xff\xf0", b"\xff\xfa\x18\xff\xf0", b"\xff\xfa\xff\xff\xff\xf0", b"\xff\xfa\xff\xf6"],
    ids=bytes.hex,
)  # fmt: skip
def test_commands_that_kill_a_stock_server_do_not_close(data: bytes) -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(b"a" + data + b"b\r\n")  # something typed, for EOF leaves on an empty line
    assert heard_by(listener) == "alice: ab\r\n"
    assert not peer.transport.disconnecting


def test_erase_character_takes_back_one_whole_character() -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send("приветы".encode() + b"\xff\xf7\r\n")
    assert heard_by(listener) == "alice: привет\r\n"


def test_erase_line_takes_back_all_that_was_typed() -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(b"said\r\nnot this\xff\xf8but that\r\n")
    assert heard_by(listener) == "alice: said\r\nalice: but that\r\n"


def test_a_flood_of_negotiations_is_cut_off() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xfb\x63" * (NEGOTIATION_BURST + 10))
    assert peer.transport.aborted


def test_a_flood_of_commands_to_answer_is_cut_off() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xf6" * 10_000)
    assert peer.transport.aborted
    assert len(peer.read()) < 10 * (NEGOTIATION_BURST + 10)


def test_what_comes_behind_a_flood_is_not_said() -> None:
    server = InMemoryServer()
    listener = server.enter(TelnetProtocol, "bob")
    peer = server.enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xfb\x63" * 200 + b"hi\r\n")
    assert heard_by(listener) == ""


def test_interrupting_now_and_then_is_no_flood() -> None:
    server = InMemoryServer()
    peer = server.enter(TelnetProtocol, "alice")
    for _ in range(3 * NEGOTIATION_BURST):
        peer.send(INTERRUPT)
        server.clock.advance(0.5)
    assert not peer.transport.aborted


def test_keepalives_are_no_flood() -> None:
    peer = InMemoryServer().enter(TelnetProtocol, "alice")
    peer.send(b"\xff\xf1" * 5000)
    assert not peer.transport.aborted


def test_a_subnegotiation_without_end_is_cut_off() -> None:
    peer = InMemoryServer().knock(TelnetProtocol)
    for _ in range(2 + SUBNEGOTIATION_BYTES // 1000):
        peer.send(b"\xff\xfa" * (not peer.transport.aborted) + b"a" * 1000)
        peer.door.dataReceived(b"")
    peer.send(b"\xff\xfa" + b"a" * (SUBNEGOTIATION_BYTES + 1))
    assert peer.transport.aborted


@given(
    st.lists(
        st.binary(max_size=30)
        | st.tuples(st.just(255), st.integers(236, 255), st.integers(0, 255)).map(bytes)
        | st.sampled_from([is_type("XTERM"), INTERRUPT, b"\r\n", b"\n"]),
        max_size=20,
    )
)
def test_no_bytes_stop_others_from_being_heard(pieces: list[bytes]) -> None:
    server = InMemoryServer()
    speaker, listener = server.seat(TelnetProtocol, "bob"), server.seat(TelnetProtocol, "carol")
    wild: SocketPeer = server.dial(TelnetProtocol)
    for piece in pieces:
        wild.send(piece)
    speaker.send("still here")
    listener.turn()
    assert "bob: still here\r\n" in listener.read()
    wild.hang_up()
    assert len(server.context.sessions) == 2
