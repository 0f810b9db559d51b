"""The SSH door, with a client of conch's in memory: coming in, and talking."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from ssh_client import Link, Login
from twisted.conch.error import ValidPublicKey
from twisted.conch.ssh.common import MP, NS
from twisted.conch.ssh.keys import Key
from twisted.cred.credentials import SSHPrivateKey

from chatproto.core.queries import Found
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.keys import fingerprint
from chatproto.doors.ssh.portal import AnyoneChecker
from chatproto.limits import (
    ANSWER_SECONDS,
    GOODBYE_SECONDS,
    LOGIN_REQUESTS,
    LOGIN_SECONDS,
    SSH_WINDOW_BYTES,
)
from chatproto.sessions.lines import LineSession
from fakes import InMemoryServer, MemoryConnection, address_of, late_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.doors.gated import GatedFactory

SERVICE_REQUEST, USERAUTH_REQUEST = 5, 50


def only(server: InMemoryServer) -> LineSession:
    (session,) = server.context.sessions
    assert isinstance(session, LineSession)
    return session


# -- coming in ----------------------------------------------------------------------------------


def test_a_guest_comes_in_by_their_user_name(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(b"alice")
    assert link.read().startswith("-- Welcome to the test.\n-- You are in #lobby.")
    assert only(server).member.nick == "alice"
    assert only(server).seat.identity.key == ""


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_key_is_known_by_its_fingerprint(
    server: InMemoryServer, dial: Callable[..., Link], kind: str
) -> None:
    made: dict[str, Callable[[], Any]] = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    key = Key(made[kind]())
    dial(key=key)
    assert only(server).seat.identity.key == fingerprint(key)
    assert only(server).member.nick == "alice"


def test_a_key_that_the_client_cannot_sign_with_is_not_its_own(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    shown, held = (Key(ed25519.Ed25519PrivateKey.generate()) for _ in range(2))
    link = dial(opens=False)  # logged in without a key, to have a client at hand
    link.hang_up()
    link = dial(key=shown, user=b"bob")
    assert only(server).seat.identity.key == fingerprint(shown)
    link.hang_up()

    class Thief(type(shown)):  # type: ignore[misc]
        def sign(self, data: bytes, signatureType: bytes | None = None) -> bytes:
            signature: bytes = held.sign(data, signatureType)
            return signature

    dial(key=Thief(shown._keyObject), user=b"carol")
    assert only(server).seat.identity.key == ""  # logged in all the same, without a key


def test_an_rsa_key_that_signs_with_sha_1_is_no_key(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    """conch's own client signs with SHA-1 alone; the end-to-end tests log in with an RSA key of OpenSSH's."""
    dial(key=Key(rsa.generate_private_key(65537, 2048)))
    assert only(server).seat.identity.key == ""


@pytest.mark.parametrize(("bits", "will_do"), [(1024, False), (2048, True), (8200, False)])
def test_how_long_an_rsa_key_may_be(bits: int, will_do: bool) -> None:
    numbers = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 1)
    blob = NS(b"ssh-rsa") + MP(numbers.e) + MP(numbers.n)
    checked = AnyoneChecker().requestAvatarId(
        SSHPrivateKey(b"alice", b"rsa-sha2-256", blob, b"data", None)
    )
    failures: list[Any] = []
    checked.addErrback(failures.append)
    assert bool(failures[0].check(ValidPublicKey)) == will_do


def test_a_taken_name_is_asked_again(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    dial(b"alice")
    link = dial(b"alice")
    assert link.read().endswith("Your name: ")
    link.say(b"bob")
    assert "You are bob" in link.read()


@pytest.mark.parametrize("name", [b"\xff\xfe", b"x" * 5000, b"", b"-- alice", b"a b c", b"\x1b[2J"])
def test_a_name_that_will_not_do(
    server: InMemoryServer, dial: Callable[..., Link], name: bytes
) -> None:
    link = dial(name)
    seen = link.read()
    assert "\x1b" not in seen
    link.say(b"bob") if "Your name: " in seen else None
    assert len(server.context.sessions) == 1


def test_a_user_name_may_be_a_command_to_leave(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(b"/quit", term=b"xterm")
    assert "Goodbye." in link.read()
    assert link.client.status == 0
    assert not server.context.sessions


def test_coming_in_may_not_take_for_ever(dial: Callable[..., Link]) -> None:
    link = dial(opens=False)
    link.wait(LOGIN_SECONDS - 1)
    assert link.is_open
    link.wait(2)
    assert not link.is_open
    ((code, sentence),) = link.client.disconnected
    assert code == 11
    assert b"took too long to log in" in sentence


def test_silence_before_the_first_byte_does_not_last(
    server: InMemoryServer, factory: GatedFactory, dial: Callable[..., Link]
) -> None:
    link = dial()
    link.hang_up()
    protocol = factory.buildProtocol(address_of("192.0.2.1"))
    socket = MemoryConnection(protocol, server.clock, "192.0.2.1")
    protocol.makeConnection(socket)
    assert factory.gate.startups.count == 1
    server.clock.advance(LOGIN_SECONDS + 1)
    socket.turn()
    assert socket.disconnected
    server.clock.advance(GOODBYE_SECONDS)


def test_being_in_ends_the_grace(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = dial()
    link.wait(LOGIN_SECONDS * 3)
    assert link.is_open


def test_requests_to_come_in_are_counted(dial: Callable[..., Link]) -> None:
    link = dial(opens=False)
    link.hang_up()
    link = dial(key=Key(ed25519.Ed25519PrivateKey.generate()), opens=False)
    link.hang_up()
    link = Hesitant(dial).link
    for _ in range(LOGIN_REQUESTS + 1):
        link.send(
            USERAUTH_REQUEST,
            NS(b"alice") + NS(b"ssh-connection") + NS(b"password") + b"\0" + NS(b"guess"),
        )
    assert not link.is_open


class Hesitant:
    """A client that has exchanged keys, and has not asked to log in yet."""

    def __init__(self, dial: Callable[..., Link]) -> None:
        self.link = dial(connectionSecure=lambda: None, ssh_SERVICE_ACCEPT=lambda _: None)
        self.link.send(SERVICE_REQUEST, NS(b"ssh-userauth"))


def test_the_second_none_lets_in(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = Hesitant(dial).link
    none = NS(b"alice") + NS(b"ssh-connection") + NS(b"none")
    link.send(USERAUTH_REQUEST, none)
    assert not hasattr(link.transport, "avatar")
    link.send(USERAUTH_REQUEST, none)
    assert link.transport.avatar.name == b"alice"


def test_a_client_that_asks_none_once_is_in(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    """asyncssh without a key gives up when `none` is refused."""
    dial(ourVersionString=b"SSH-2.0-AsyncSSH_2.24.1", login_class=AsksOnce)
    assert only(server).member.nick == "alice"


class AsksOnce(Login):
    """A client that hangs up when it is refused."""

    def ssh_USERAUTH_FAILURE(self, packet: bytes) -> None:
        assert self.transport
        self.transport.loseConnection()


def test_any_other_client_is_asked_for_its_key_first(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(ourVersionString=b"SSH-2.0-Other_1.0", login_class=AsksOnce)
    assert not link.is_open
    assert not server.context.sessions


def test_the_service_may_be_asked_for_again_until_the_login_is_accepted(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    """paramiko does so before each request."""
    link = Hesitant(dial).link
    none = NS(b"alice") + NS(b"ssh-connection") + NS(b"none")
    for _ in range(2):
        link.send(SERVICE_REQUEST, NS(b"ssh-userauth"))
        link.send(USERAUTH_REQUEST, none)
    assert link.transport.avatar.name == b"alice"
    link.send(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert not link.is_open


def test_but_not_without_end(dial: Callable[..., Link]) -> None:
    link = Hesitant(dial).link
    for _ in range(LOGIN_REQUESTS):
        assert link.is_open
        link.send(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert not link.is_open


def test_there_is_no_other_service(dial: Callable[..., Link]) -> None:
    link = Hesitant(dial).link
    link.send(USERAUTH_REQUEST, NS(b"alice") + NS(b"ssh-userauth") + NS(b"none"))
    assert not link.is_open


def test_the_gate_counts(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    links = [dial(b"u%d" % number, host="192.0.2.1") for number in range(16)]
    assert all(link.is_open for link in links)
    late = dial(b"late", host="192.0.2.1")
    assert not late.is_open
    assert b"16 connections from your address" in bytes(late.socket.memory.taken)
    links[0].hang_up()
    assert dial(b"later", host="192.0.2.1").is_open


# -- talking ------------------------------------------------------------------------------------


def test_lines_from_a_pipe_are_said_and_then_the_member_leaves(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    alice = server.seat(PlainProtocol, "anna")
    link = dial(b"pipe")
    link.client.session.write(b"one\r\ntwo\nthree, without an end")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    assert link.client.status is None
    link.wait(1)
    alice.turn()
    server.clock.advance(2)
    alice.turn()
    assert alice.read().splitlines()[-4:] == [
        "pipe: one", "pipe: two", "pipe: three, without an end", "-- pipe left",
    ]  # fmt: skip
    assert link.read().endswith("-- Goodbye.\n")
    assert link.client.status == 0
    assert link.client.has_ended
    assert link.client.is_closed
    alice.hang_up()


def test_what_was_asked_for_last_is_answered(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial()
    link.read()
    link.client.session.write(b"hello\n/history\n")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    link.wait(1)
    assert "-- That is all there is in #lobby." in link.read()


def test_an_answer_that_takes_longer_is_waited_for(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    answer = late_search(server)
    link = dial()
    link.client.session.write(b"hello\n/search apple")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    link.wait(ANSWER_SECONDS - 1)
    assert link.client.status is None
    link.read()
    answer.callback(Found([]))
    link.pump()
    assert "Nothing found" in link.read()
    link.wait(1)
    assert link.read() == "-- Goodbye.\n"
    assert link.client.status == 0


def test_but_not_for_ever(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    late_search(server)
    link = dial()
    link.client.session.write(b"/search apple\n")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    link.wait(1)
    link.wait(ANSWER_SECONDS)
    assert link.client.status == 0


def test_who_hangs_up_before_the_answer_leaves_nothing(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    answer = late_search(server)
    link = dial()
    link.client.session.write(b"/search apple\n")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    link.wait(1)
    link.hang_up()
    answer.callback(Found([]))


def test_a_terminal_gets_a_prompt(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    anna = server.seat(PlainProtocol, "anna")
    link = dial(term=b"xterm")
    assert "\x1b[?2004h" in link.read()
    link.client.session.write(b"hello\r")
    link.pump()
    anna.turn()
    assert "alice: hello" in anna.read()
    anna.hang_up()
    link.client.session.write(b"\x04")
    link.pump()
    assert "\x1b[?2004l" in link.read()  # the terminal is left as it was
    assert link.client.status == 0


def test_lines_that_wait_are_refused_when_the_server_stops(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    pasting, piping = dial(term=b"xterm"), dial(b"pipe")
    pasting.client.session.write(b"\x1b[200~" + b"x\r" * 7 + b"\x1b[201~")
    pasting.pump()
    piping.client.session.write(b"1\n2\n3\nno end")
    piping.client.connection.sendEOF(piping.client.session)
    server.order.is_full = lambda: True  # type: ignore[method-assign]
    server.order.when_roomy = lambda _call: None  # type: ignore[assignment,method-assign]
    piping.pump()
    pasting.pump()
    pasting.read()
    server.context.say_goodbye()
    for link, count in (pasting, 7), (piping, 3):
        link.pump()
        seen = link.read()
        assert f"-- Not sent: {count} lines that were still waiting" in seen
        assert seen.index("Not sent") < seen.index("The server is going down. Goodbye.")
        assert "(y/n)" not in seen


def test_a_dumb_terminal_gets_lines(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = dial(term=b"dumb")
    assert b"pty-req" in link.client.refused
    assert b"shell" in link.client.granted
    assert "\x1b" not in link.read()


def test_a_member_reads_in_the_language_of_the_environment(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(environment={b"LANG": b"ru_RU.UTF-8"})
    assert "Добро пожаловать" in link.read()


def test_input_that_ends_at_a_terminal_leaves(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(term=b"xterm")
    link.client.session.write(b"half a li")
    link.client.connection.sendEOF(link.client.session)
    link.pump()
    assert link.client.status == 0
    assert not server.context.sessions


def test_a_window_change_reaches_the_prompt(
    server: InMemoryServer, dial: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "chatproto.sessions.prompt.Prompt.resize", lambda _prompt, *size: seen.append(size)
    )
    link = dial(term=b"xterm")
    for columns, rows in ((100, 40), (100, 40), (9999, 1)):
        link.client.session.ask(b"window-change", struct.pack(">4L", columns, rows, 0, 0))
        link.pump()
    assert seen == [(100, 40), (500, 5)]


@pytest.mark.parametrize(("term", "up"), [(b"xterm", "\x1b[1A"), (b"tmux-256color", "")])
def test_a_resize_goes_as_far_up_as_the_terminal_has_the_prompt(
    dial: Callable[..., Link], term: bytes, up: str
) -> None:
    """A line of two rows on 80 columns; on 160, a terminal that reflows has made one of it."""
    link = dial(term=term)
    link.client.session.write(b"x" * 100)
    link.pump()
    link.read()
    link.client.session.ask(b"window-change", struct.pack(">4L", 160, 24, 0, 0))
    link.pump()
    assert link.read().startswith(f"{up}\r\x1b[J")


def test_a_flood_of_keys_is_given_no_more_window_than_it_had(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    anna = server.seat(PlainProtocol, "anna")
    link = dial(term=b"xterm")
    link.client.session.write(b"\x01\x05" * SSH_WINDOW_BYTES)
    for _ in range(4):
        link._up()
        anna.send("/whois anna")
        assert "anna is in #lobby" in anna.read()
        assert link.client.session.remoteWindowLeft == 0
    link.pump()
    link.client.session.write(b"hello\r")
    link.pump()
    assert "alice: hello" in anna.read()
    anna.hang_up()


def test_a_client_that_closes_its_channel_is_gone(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial()
    link.client.connection.sendClose(link.client.session)
    link.pump()
    assert not server.context.sessions
    link.wait(GOODBYE_SECONDS + 1)
    assert not link.is_open


def test_no_color_and_the_width_reach_the_session(
    dial: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        "chatproto.sessions.display.Display.look_on", lambda _display, screen: seen.append(screen)
    )
    dial(term=b"xterm", environment={b"NO_COLOR": b"1"})
    dial(b"bob", term=b"xterm")
    dial(b"pipe")
    assert [(one.columns, one.colour, one.edits) for one in seen] == [
        (80, False, True), (80, True, True), (80, False, False),
    ]  # fmt: skip
