"""The SSH door, with a client of conch's in memory: what it refuses, and what peers do that are up to no good."""

from __future__ import annotations

import gc
import struct
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from ssh_client import Client, Link, Login, Session
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.logger import capturedLogs, formatEvent

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.ssh.factory import SSHDoorFactory
from chatproto.limits import (
    GOODBYE_SECONDS,
    INPUT_BURST,
    INPUT_BYTES_PER_SECOND,
    SSH_OPENS_MOST,
    SSH_WINDOW_BYTES,
    STALL_SECONDS,
)
from fakes import InMemoryServer, MemoryConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatproto.doors.gated import GatedFactory

SERVICE_REQUEST, KEXINIT, NEWKEYS, KEXDH_INIT = 5, 20, 21, 30
USERAUTH_REQUEST, GLOBAL_REQUEST, CHANNEL_DATA, CHANNEL_REQUEST = 50, 80, 94, 98


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "argument"), [(b"exec", NS(b"ls")), (b"subsystem", NS(b"sftp"))]
)
def test_commands_and_files_are_refused_with_a_sentence(
    server: InMemoryServer, dial: Callable[..., Link], request_: bytes, argument: bytes
) -> None:
    link = dial(request=request_, argument=argument)
    assert link.client.errors.count(b"\n") == 1
    assert b"runs no commands" in link.client.errors
    assert link.client.status == 1
    assert not server.context.sessions
    link.wait(GOODBYE_SECONDS + 1)
    assert not link.is_open


@pytest.mark.parametrize("name", [b"auth-agent-req@openssh.com", b"x11-req", b"signal", b"\xff"])
def test_other_requests_are_refused(dial: Callable[..., Link], name: bytes) -> None:
    link = dial()
    link.client.session.ask(name, NS(b"x"))
    link.pump()
    assert name in link.client.refused
    assert link.is_open


@pytest.mark.parametrize("name", [b"pty-req", b"env", b"window-change", b"shell", b"exec"])
def test_a_request_that_is_nonsense_or_too_late(dial: Callable[..., Link], name: bytes) -> None:
    link = dial()
    link.client.session.ask(name, b"\0")
    link.pump()
    assert name in link.client.refused
    assert link.is_open


class Forwarding(SSHChannel):
    name = b"direct-tcpip"

    def __init__(self, seen: list[Any]) -> None:
        super().__init__()
        self.seen = seen

    def openFailed(self, reason: Any) -> None:
        self.seen.append(reason)


def test_forwarding_is_refused_with_a_sentence(dial: Callable[..., Link]) -> None:
    link = dial()
    seen: list[Any] = []
    link.client.connection.openChannel(Forwarding(seen), NS(b"localhost") + bytes(4))
    link.pump()
    assert seen[0].value == b"This is a chat: it forwards nothing."
    assert seen[0].data == 1
    assert link.is_open


def test_a_second_session_is_refused(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = dial()
    link.client.connection.openChannel(Session(link.client, 1000))
    link.pump()
    assert link.client.not_opened
    assert len(server.context.sessions) == 1


def test_channels_are_not_asked_for_without_end(dial: Callable[..., Link]) -> None:
    link = dial()
    for _ in range(SSH_OPENS_MOST):
        link.client.connection.openChannel(Forwarding([]))
    link.pump()
    assert not link.is_open


def test_packets_of_a_byte_are_refused(dial: Callable[..., Link]) -> None:
    link = dial(opens=False)
    channel = Session(link.client, 1000)
    channel.localMaxPacket = 1
    link.client.connection.openChannel(channel)
    link.pump()
    assert link.client.not_opened
    assert not link.transport.service.channels
    assert link.is_open


@pytest.mark.parametrize(
    ("name", "answer"), [(b"keepalive@openssh.com", True), (b"tcpip-forward", False)]
)
def test_only_a_sign_of_life_is_answered(
    dial: Callable[..., Link], name: bytes, answer: bool
) -> None:
    link = dial()
    seen: list[bool] = []
    asked = link.client.connection.sendGlobalRequest(name, b"", wantReply=1)
    asked.addCallbacks(lambda _: seen.append(True), lambda _: seen.append(False))
    link.pump()
    assert seen == [answer]


# -- hostile peers ------------------------------------------------------------------------------


def test_a_paste_is_held_to_one_window(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    """Without a rate the session itself gives the others their turn, and no client holds more than a window."""
    server.context.rate = None
    link = dial(term=b"xterm")
    link.client.session.write(b"x" * 1_000_000)
    for _ in range(200):
        link.pump()
    assert link.is_open
    channel = link.transport.service.channels[0]
    assert channel.localWindowSize == SSH_WINDOW_BYTES
    assert len(link.transport.buf) <= SSH_WINDOW_BYTES * 2


def test_a_client_that_opens_no_window_is_waited_for_and_then_cut_off(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial(takes=False, window=4000)
    link.say(b"/help all\n/help all\n/help all\n/help all")
    channel = link.transport.service.channels[0]
    assert channel.buf
    assert channel.is_paused
    link.wait(STALL_SECONDS - 1)
    assert link.is_open
    link.wait(2)
    assert not link.is_open


def test_a_session_is_read_again_when_the_client_opens_its_window(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    """The packet that opens it comes by the socket, which is read while the session is not."""
    link = dial(takes=False, window=4000)
    link.say(b"/help all\n/help all\n/help all\n/help all\nhello")
    assert link.transport.service.channels[0].is_paused
    link.client.takes = True
    link.client.connection.adjustWindow(link.client.session, 1_000_000)
    link.pump()
    link.wait(5)
    assert not link.transport.service.channels[0].is_paused
    assert link.is_open


def test_a_socket_that_takes_nothing_is_not_read(dial: Callable[..., Link]) -> None:
    """Requests that want an answer would pile up answers."""
    link = dial()
    link.socket.memory.window = 0
    ask = NS(b"keepalive@openssh.com") + b"\1"
    for _ in range(20_000):
        link.client.sendPacket(GLOBAL_REQUEST, ask)
    link.pump()
    assert link.transport.flow.is_full
    assert link.socket not in link.socket.turns.readers
    link.wait(STALL_SECONDS + 1)
    assert not link.is_open


def test_keys_are_changed_on_the_way(server: InMemoryServer, dial: Callable[..., Link]) -> None:
    link = dial()
    link.read()
    link.client.sendKexInit()
    link.client.session.write(b"hello\n/who\n")
    link.pump()
    assert "1 person in #lobby" in link.read()


def test_nothing_is_kept_for_a_client_that_never_gives_new_keys(
    server: InMemoryServer, dial: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = server.seat(PlainProtocol, "anna")
    link = dial()
    link.transport.dispatchMessage(KEXINIT, link.client.ourKexInitPayload[1:] or kexinit())
    assert link.transport.is_choked
    kept: list[bytes] = []  # conch keeps what is sent until there are new keys
    monkeypatch.setattr(link.transport, "sendPacket", lambda _number, payload: kept.append(payload))
    for number in range(50):
        anna.send(f"line {number}")
        server.clock.advance(1)
    assert sum(map(len, kept)) < 2000  # the first batch, and no more
    link.wait(STALL_SECONDS + 1)
    assert not link.is_open
    anna.hang_up()


def kexinit() -> bytes:
    names = (b"curve25519-sha256", b"ssh-ed25519", *[b"aes128-ctr"] * 2, *[b"hmac-sha2-256"] * 2,
             b"none", b"none", b"", b"")  # fmt: skip
    return bytes(16) + b"".join(map(NS, names)) + bytes(5)


@pytest.mark.parametrize(
    ("number", "payload"),
    [
        (NEWKEYS, b""),
        (KEXDH_INIT, NS(bytes(32))),
        (SERVICE_REQUEST, NS(b"ssh-userauth")),
        (SERVICE_REQUEST, NS(b"ssh-connection")),
        (CHANNEL_DATA, struct.pack(">L", 99) + NS(b"x")),
        (CHANNEL_DATA, b""),
        (CHANNEL_REQUEST, struct.pack(">L", 99) + NS(b"shell") + b"\1"),
        (90, b"\0"),
        (80, b"\0\0"),
        (1, b""),
        (3, b"\0"),
    ],
)
def test_nonsense_ends_the_connection(
    server: InMemoryServer, dial: Callable[..., Link], number: int, payload: bytes
) -> None:
    link = dial()
    with capturedLogs() as events:
        link.send(number, payload)
    assert not link.is_open
    assert not server.context.sessions
    assert [formatEvent(event) for event in events] == [
        "alice left at once; came by ssh from 127.0.0.1."
    ]


@pytest.mark.parametrize("number", [SERVICE_REQUEST, USERAUTH_REQUEST, 90, NEWKEYS, KEXDH_INIT])
def test_nothing_comes_before_there_are_keys(
    server: InMemoryServer, factory: GatedFactory, dial: Callable[..., Link], number: int
) -> None:
    link = dial(sendKexInit=lambda: None)
    link.send(number, NS(b"ssh-userauth"))
    assert not link.is_open


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"hello\n", b"SSX"])
def test_strangers_are_cut_off(server: InMemoryServer, factory: GatedFactory, first: bytes) -> None:
    socket = MemoryConnection(factory.buildProtocol(None), server.clock)
    socket.protocol.makeConnection(socket)
    socket.memory.arrived.append(first)
    socket.turn()
    server.clock.advance(0)
    assert socket.disconnected


def test_many_packets_are_read_in_many_turns(
    server: InMemoryServer, dial: Callable[..., Link]
) -> None:
    link = dial()
    for _ in range(1000):
        link.client.sendPacket(2, NS(b""))  # IGNORE
    link.socket.memory.arrived.append(link.upstream.value())
    link.upstream.clear()
    before = link.transport.incomingPacketSequence
    link.socket.turn()
    assert link.transport.incomingPacketSequence - before == 128
    link.pump()
    assert link.transport.incomingPacketSequence - before == 1000


def test_packets_that_bring_nothing_are_read_no_faster_than_anybody_types() -> None:
    server = InMemoryServer(Rate(5, 2.0))
    link = Link(server, SSHDoorFactory(server.context, None), Client())
    before = len(link.upstream.value())
    read = 0
    for _ in range(200):
        while link.socket in link.socket.turns.readers and read < 1_000_000:
            link.client.sendPacket(2, NS(bytes(8000)))  # IGNORE
            read += len(link.upstream.value()) - before
            link.pump()
        link.wait(0.1)
    assert INPUT_BURST < read < INPUT_BURST + 20 * INPUT_BYTES_PER_SECOND + 2 * 8192
    assert link.is_open
    link.hang_up()
    server.clock.advance(2)
    assert not server.clock.calls


def test_new_keys_are_not_asked_for_without_end(dial: Callable[..., Link]) -> None:
    link = dial()
    for _ in range(40):
        if link.is_open:
            link.client.sendKexInit()
            link.pump()
    assert not link.is_open


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage meanwhile: what is free by then was let go of."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize("term", [b"", b"xterm"])
def test_nothing_is_left_of_a_connection(
    server: InMemoryServer, factory: GatedFactory, term: bytes
) -> None:
    """Its memory is free at once, not when the garbage is collected: a thousand that leave make room for a thousand."""
    with uncollected():
        link = Link(server, factory, Client(b"alice", term=term))
        assert server.context.sessions
        left = [weakref.ref(link.transport), weakref.ref(link.transport.service)]
        link.hang_up()
        server.clock.advance(2)
        del link
        assert [one() for one in left] == [None, None]


def test_nothing_is_left_of_a_connection_that_waits_for_answers(
    server: InMemoryServer, factory: GatedFactory
) -> None:
    with uncollected():
        link = Link(server, factory, Client(b"alice", login_class=AnswersNothing))
        left = [weakref.ref(link.transport), weakref.ref(link.transport.service)]
        assert link.transport.service.name == b"ssh-userauth"
        link.hang_up()
        server.clock.advance(2)
        del link
        assert [one() for one in left] == [None, None]


class AnswersNothing(Login):
    """A client that leaves the questions unanswered."""

    def ssh_USERAUTH_PK_OK_keyboard_interactive(self, packet: bytes) -> None:
        """Keep silent."""


def test_a_flood_of_arrivals_is_turned_away(
    factory: GatedFactory, dial: Callable[..., Link]
) -> None:
    factory.gate.startups._most = 1
    first = dial(opens=False, host="192.0.2.1")
    late = dial(b"late", host="192.0.2.2")
    assert not late.is_open
    assert b"Too many people are logging in at once." in bytes(late.socket.memory.taken)
    first.hang_up()
    assert dial(b"later", host="192.0.2.2").is_open


def test_a_fault_of_ours_is_logged_and_ends_the_connection(
    dial: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr("chatproto.doors.ssh.channel._log.failure", logged.append)
    monkeypatch.setattr("chatproto.sessions.lines.LineSession.hear", lambda *_: 1 / 0)
    link = dial()
    link.say(b"hello")
    assert logged == ["A fault in an SSH session"]
    assert not link.is_open
