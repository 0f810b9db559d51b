"""Telnet's character mode: how a terminal comes into it and out again, and what its keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.core.pace import Rate
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import PASTE_SECONDS
from fakes import InMemoryServer, SocketPeer
from terminal_emulator import TerminalEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

IAC, WILL, WONT, DO, DONT = b"\xff", b"\xff\xfb", b"\xff\xfc", b"\xff\xfd", b"\xff\xfe"
ECHO, SGA, TTYPE, NAWS = b"\x01", b"\x03", b"\x18", b"\x1f"
INTERRUPT = b"\xff\xf4\xff\xfd\x06"  # IAC IP IAC DO TIMING-MARK: inetutils ^C
OFFERED = WILL + ECHO + WILL + SGA + DO + NAWS
AGREED = DO + ECHO + DO + SGA
REFUSED = DONT + ECHO + DONT + SGA


def is_type(name: str) -> bytes:
    return IAC + b"\xfa" + TTYPE + b"\0" + name.encode() + IAC + b"\xf0"


def has_size(columns: int, rows: int) -> bytes:
    size = columns.to_bytes(2, "big") + rows.to_bytes(2, "big")
    return IAC + b"\xfa" + NAWS + size.replace(IAC, IAC + IAC) + IAC + b"\xf0"


class Terminal(SocketPeer):
    """A telnet at a terminal, and what it shows."""

    def __init__(
        self, server: InMemoryServer, name: str = "XTERM", columns: int = 40, rows: int = 30
    ) -> None:
        factory_made = server.dial(TelnetProtocol)
        self.__dict__ = factory_made.__dict__
        self.server = server
        self.emulator = TerminalEmulator(columns, rows)
        self.read()
        self.send(WILL + TTYPE + is_type(name) * 2)
        self.offered = self.raw()

    def raw(self) -> bytes:
        data = bytes(self.socket.taken[self._read :])
        self._read = len(self.socket.taken)
        return data

    def agree(self) -> None:
        """Go into character mode, at the size of the emulator."""
        self.send(AGREED + WILL + NAWS + has_size(self.emulator.columns, len(self.emulator.rows)))

    @property
    def shown(self) -> list[str]:
        """The rows of the screen that are not empty."""
        data = self.raw()
        assert IAC not in data
        self.emulator.feed(data)
        return [row for row in self.emulator.lines if row]


@pytest.fixture
def server() -> InMemoryServer:
    return InMemoryServer()


@pytest.fixture
def bob(server: InMemoryServer) -> SocketPeer:
    return server.seat(PlainProtocol, "bob")


@pytest.fixture
def alice(server: InMemoryServer, bob: SocketPeer) -> Iterator[Terminal]:
    """A person typing at a terminal, in character mode, at a screen with nothing but the prompt."""
    terminal = Terminal(server)
    terminal.agree()
    terminal.send(b"alice\r\0")
    server.clock.advance(2)
    terminal.turn()
    terminal.send(b"\x0c")
    terminal.shown  # noqa: B018 - looks
    bob.turn()
    bob.read()
    yield terminal
    terminal.hang_up()


def heard(bob: SocketPeer) -> str:
    bob.turn()
    return bob.read()


# -- coming into it, and out --------------------------------------------------------------------


def test_a_terminal_is_offered_that_we_edit(server: InMemoryServer) -> None:
    terminal = Terminal(server)
    assert terminal.offered.endswith(OFFERED)
    terminal.agree()
    assert terminal.shown == ["Your name:"]
    assert terminal.emulator.marks_pastes


@pytest.mark.parametrize("name", ["MUDLET", "DUMB", "TINTIN++"])
def test_others_are_not(server: InMemoryServer, name: str) -> None:
    assert OFFERED not in Terminal(server, name).offered


def test_a_terminal_that_refuses_keeps_its_line(server: InMemoryServer, bob: SocketPeer) -> None:
    terminal = Terminal(server)
    terminal.send(REFUSED)
    terminal.send(b"alice\r\n")
    terminal.send(b"hello\r\n")
    server.clock.advance(2)
    assert "alice: hello\n" in heard(bob)
    assert b"\x1b[?2004h" not in terminal.raw()


def test_half_an_agreement_is_none(server: InMemoryServer) -> None:
    terminal = Terminal(server)
    terminal.send(DO + ECHO)
    assert b"\x1b[?2004h" not in terminal.raw()
    terminal.send(DO + SGA)
    assert b"\x1b[?2004h" in terminal.raw()


def test_what_was_typed_before_is_in_the_line(server: InMemoryServer) -> None:
    terminal = Terminal(server)
    terminal.send(b"ali")
    terminal.agree()
    assert terminal.shown == ["Your name: ali"]


def test_a_size_is_taken_at_any_time_and_nonsense_is_not(alice: Terminal) -> None:
    alice.send(b"x" * 50)
    assert len(alice.shown) == 2
    alice.emulator.resize(80, 30)
    alice.send(has_size(80, 30))
    assert alice.shown == ["> " + "x" * 50]
    alice.send(IAC + b"\xfa" + NAWS + b"\0\x14" + IAC + b"\xf0")
    alice.send(b"x")
    assert alice.shown == ["> " + "x" * 51]


def test_what_comes_is_wrapped_for_the_new_size(alice: Terminal, bob: SocketPeer) -> None:
    alice.emulator.resize(20, 30)
    alice.send(has_size(20, 30))
    bob.send("one two three four five six")
    alice.turn()
    assert alice.shown == ["bob: one two three", "     four five six", ">"]


@pytest.mark.parametrize(("name", "up"), [("XTERM", b"\x1b[1A"), ("TMUX-256COLOR", b"")])
def test_a_resize_goes_as_far_up_as_the_terminal_has_the_prompt(
    server: InMemoryServer, name: str, up: bytes
) -> None:
    terminal = Terminal(server, name)
    terminal.agree()
    terminal.send(b"x" * 50)
    terminal.raw()
    terminal.send(has_size(80, 30))
    assert terminal.raw().startswith(up + b"\r\x1b[J")


def test_the_input_is_switched_and_back(alice: Terminal, bob: SocketPeer) -> None:
    alice.send(b"/set input line\r\0")
    data = alice.raw()
    assert WONT + ECHO + WONT + SGA in data
    assert b"\x1b[?2004l" in data
    alice.send(REFUSED + b"by hand\r\n")
    assert heard(bob) == "alice: by hand\n"
    alice.send(b"/set input char\r\n" + AGREED)
    assert b"\x1b[?2004h" in alice.raw()
    alice.send(b"edie\x7fted\r\0")
    assert heard(bob) == "alice: edited\n"


# -- keys ---------------------------------------------------------------------------------------


def test_what_is_typed_is_shown_and_said(alice: Terminal, bob: SocketPeer) -> None:
    for letter in "при":
        alice.send(letter.encode())
    assert alice.shown == ["> при"]
    alice.send("вет\r\0".encode())
    assert alice.shown == ["alice: привет", ">"]
    assert heard(bob) == "alice: привет\n"


@pytest.mark.parametrize("end", [b"\r\0", b"\r\n", b"\r", b"\n"])
def test_every_end_of_line_is_one_enter(alice: Terminal, bob: SocketPeer, end: bytes) -> None:
    alice.send(b"one" + end)
    alice.send(b"two" + end)
    assert heard(bob) == "alice: one\nalice: two\n"
    assert alice.shown == ["alice: one", "alice: two", ">"]


@pytest.mark.parametrize(
    ("command", "left"),
    [(INTERRUPT, "> "), (b"\xff\xf3", "> "), (b"\xff\xf7", "> half of i"), (b"\xff\xf8", "> ")],
)
def test_telnets_own_commands_edit_the_line(alice: Terminal, command: bytes, left: str) -> None:
    alice.send(b"half of it")
    alice.send(command)
    alice.emulator.feed(alice.raw().replace(b"\xff\xfc\x06", b""))
    assert [row for row in alice.emulator.lines if row] == [left.rstrip()]


def test_are_you_there_is_answered(alice: Terminal) -> None:
    alice.send(b"\xff\xf6")
    assert alice.raw() == b"[Yes]\r\n"


def test_an_end_of_file_leaves_on_an_empty_line_alone(alice: Terminal, bob: SocketPeer) -> None:
    alice.send(b"x")
    alice.send(b"\xff\xec")
    assert alice.is_connected
    alice.send(b"\x15")
    alice.send(b"\xff\xec")
    alice.server.clock.advance(2)
    assert heard(bob) == "-- alice left\n"
    assert b"\x1b[?2004l" in alice.raw()


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_paste_asks_before_the_first_line_is_said(
    alice: Terminal, bob: SocketPeer, is_marked: bool
) -> None:
    paste = b"".join(b"line %d\r\0" % number for number in range(20))
    alice.send(b"\x1b[200~" + paste + b"\x1b[201~" if is_marked else paste)
    alice.server.clock.advance(PASTE_SECONDS)
    alice.turn()
    assert alice.shown == ["Send 20 lines? (y/n)"]
    assert heard(bob) == ""
    alice.send(b"y")
    assert heard(bob).splitlines() == [f"alice: line {number}" for number in range(20)]


# -- floods -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys", [b"\x01\x05", b"a\x01", "я\x15".encode(), b"\x1b[A", b"\t", b"\x1b[200~a\r\x1b[201~"]
)
def test_a_flood_of_keys_before_a_name_is_read_no_faster_than_it_is_looked_at(
    server: InMemoryServer, bob: SocketPeer, keys: bytes
) -> None:
    terminal = Terminal(server)
    terminal.agree()
    flood = (keys * 8192)[:8192]
    terminal.socket.arrived += [flood] * 3
    terminal.turn(1)
    assert not terminal.is_read_from
    assert len(terminal.socket.arrived) == 2
    bob.send("/whois bob")
    assert "bob is in #lobby" in bob.read()
    turns = 0
    while terminal.socket.arrived or not terminal.is_read_from:
        terminal.turn(1)
        turns += 1
        assert turns < 10_000
    assert turns > 3 * len(flood) // 4096
    assert terminal.is_connected
    terminal.hang_up()
    assert not [call for call in server.clock.calls if call.getTime() <= server.clock.seconds()]


def test_whoever_hangs_up_in_a_flood_leaves_nothing_behind(server: InMemoryServer) -> None:
    terminal = Terminal(server)
    terminal.agree()
    terminal.send(b"\x01" * 60_000)
    terminal.hang_up()
    server.clock.turn(1000)  # a line may be among the keys
    assert not server.clock.calls
    assert not server.context.sessions


def test_what_was_sent_before_hanging_up_is_said_and_what_was_typed_is_not(
    alice: Terminal, bob: SocketPeer
) -> None:
    alice.send(b"one\rtwo\rnot sent")
    alice.hang_up()
    alice.server.clock.turn(10)
    alice.server.clock.advance(PASTE_SECONDS)
    alice.server.clock.turn(10)
    assert [line for line in heard(bob).splitlines() if "joined" not in line] == [
        "alice: one", "alice: two", "-- alice left",
    ]  # fmt: skip


def test_who_left_by_a_key_leaves_nobody_behind_when_they_hang_up(server: InMemoryServer) -> None:
    """Keys after ^D wait in the editor, and will never be looked at."""
    terminal = Terminal(server)
    terminal.agree()
    terminal.send(b"\x04zzz")
    terminal.hang_up()
    server.clock.turn(5)
    assert not server.context.sessions
    assert not server.clock.calls


def test_switching_to_lines_in_a_flood_reads_on(alice: Terminal, bob: SocketPeer) -> None:
    alice.send(b"/set time off\r\0" + b"\x01" * 5000)
    assert not alice.is_read_from
    alice.send(b"/set input line\r\0" + b"\x01" * 5000 + REFUSED)
    alice.turn(100)
    assert alice.is_read_from
    alice.send(b"here\r\n")
    assert "alice: here\n" in heard(bob)


# -- from one mode to the other, with something on its way -------------------------------------


def let_talk(server: InMemoryServer, *peers: SocketPeer, seconds: int = 15) -> None:
    for _ in range(2 * seconds):
        server.clock.advance(0.5)
        for peer in peers:
            peer.turn()


@pytest.fixture
def slow() -> InMemoryServer:
    return InMemoryServer(rate=Rate(5, 2.0))


def sat_down(server: InMemoryServer, name: bytes) -> Terminal:
    terminal = Terminal(server)
    terminal.agree()
    terminal.send(name + b"\r\0")
    let_talk(server, terminal, seconds=3)
    return terminal


NUMBERS = [f"alice: {number}" for number in range(12)]
MANY = b"".join(b"%d\r\0" % number for number in range(12))


@pytest.mark.parametrize("in_pieces", [False, True])
def test_keys_that_wait_are_lines_when_lines_are_wished_for(
    slow: InMemoryServer, in_pieces: bool
) -> None:
    bob = slow.seat(PlainProtocol, "bob")
    alice = sat_down(slow, b"alice")
    sent = [b"/set input line\r\0", MANY] if in_pieces else [b"/set input line\r\0" + MANY]
    for piece in sent:
        alice.send(piece)
    alice.send(b"hal" + REFUSED + b"f\r\n")
    let_talk(slow, alice, bob)
    lines = bob.read().splitlines()
    assert [line for line in lines if ": " in line] == [*NUMBERS, "alice: half"]
    assert alice.door.session.display.preferences.input == "line"  # type: ignore[union-attr]
    alice.hang_up()


def test_so_they_are_when_the_terminal_edits_by_itself_from_now_on(slow: InMemoryServer) -> None:
    bob = slow.seat(PlainProtocol, "bob")
    alice = sat_down(slow, b"alice")
    alice.send(b"\x01" + MANY + REFUSED + b"end\r\n")
    let_talk(slow, alice, bob)
    lines = bob.read().splitlines()
    assert [line for line in lines if ": " in line] == [*NUMBERS, "alice: end"]
    alice.hang_up()


def test_a_paste_that_nobody_decided_on_is_refused_then(alice: Terminal, bob: SocketPeer) -> None:
    alice.send(b"\x1b[200~" + MANY.replace(b"\0", b"") + b"\x1b[201~")
    assert alice.shown[-1].startswith("Send 12 lines?")
    alice.send(REFUSED)
    assert b"-- Not sent: 12 lines" in alice.raw()
    assert heard(bob) == ""


def test_lines_that_wait_are_said_when_keys_are_wished_for(slow: InMemoryServer) -> None:
    """They were sent as lines: they are no paste to be asked about."""
    bob = slow.seat(PlainProtocol, "bob")
    alice = Terminal(slow)
    alice.send(REFUSED)
    alice.send(b"alice\r\n")
    let_talk(slow, alice, bob, seconds=3)
    alice.send(b"/set input char\r\n" + MANY.replace(b"\0", b"\n") + b"hal" + AGREED)
    let_talk(slow, alice, bob)
    alice.send(b"f\r\0")
    let_talk(slow, alice, bob)
    lines = bob.read().splitlines()
    assert [line for line in lines if ": " in line] == [*NUMBERS, "alice: half"]
    alice.hang_up()


# -- when the server stops -----------------------------------------------------------------------


PASTE = b"\x1b[200~" + b"x\r" * 7 + b"\x1b[201~"
REFUSED_LINES = "-- Not sent: {} lines that were still waiting for their turn."
GOODBYE = "-- The server is going down. Goodbye."


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        (PASTE, 7),  # asked about
        (b"\x1b[200~" + b"x\r" * 7, 7),  # has not ended
        (b"x\r" * 6, 6),  # without marks; more may come
    ],
)
def test_a_paste_that_was_not_sent_is_refused(
    slow: InMemoryServer, keys: bytes, count: int
) -> None:
    alice = sat_down(slow, b"alice")
    alice.send(keys)
    alice.shown  # noqa: B018 - looks
    slow.context.say_goodbye()
    last = alice.raw()
    assert b"(y/n)" not in last  # nor asked again
    alice.emulator.feed(last)
    rows = "".join(alice.emulator.lines)
    assert rows.replace(" ", "").endswith((REFUSED_LINES.format(count) + GOODBYE).replace(" ", ""))
    alice.turn()
    slow.clock.advance(1)


def test_keys_that_wait_are_refused(slow: InMemoryServer) -> None:
    bob = slow.seat(PlainProtocol, "bob")
    alice = sat_down(slow, b"alice")
    alice.send(b"\x01" + MANY + b"half")
    said = [line for line in heard(bob).splitlines() if ": " in line]
    assert 0 < len(said) < 12
    alice.raw()
    slow.context.say_goodbye()
    assert f"-- Not sent: {12 - len(said)} lines that were still" in alice.raw().decode()
    alice.turn()
    slow.clock.advance(1)
