"""A session behind a line editor, with a screen in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.core.pace import Rate
from chatproto.delivery.reader import Reader
from chatproto.doors.plain import PlainProtocol
from chatproto.limits import CUT_SECONDS, LINES_PER_TURN, PASTE_SECONDS
from chatproto.sessions.greeting import Greeting
from chatproto.sessions.lines import LineSession
from chatproto.sessions.prompt import Prompt
from chatproto.sessions.session import Session
from chatproto.terminal.editor import STROKES_AT_ONCE
from chatproto.terminal.keys import PASTE_LIMIT
from chatproto.valve import PauseReason, Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.screen import Screen
from fakes import InMemoryServer, MemoryProducer, MemoryWire
from terminal_emulator import TerminalEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes import Peer

UP, CONTROL_D, CONTROL_L, CONTROL_U, TAB = b"\x1b[A", b"\x04", b"\x0c", b"\x15", b"\t"
MARKED = b"\x1b[200~%s\x1b[201~"


def lines(count: int, end: bytes = b"\r") -> bytes:
    return b"".join(b"line %d%s" % (number + 1, end) for number in range(count))


class Seat:
    """A person typing at a keyboard."""

    def __init__(
        self, server: InMemoryServer, terminal: str = "", columns: int = 40, rows: int = 30
    ) -> None:
        self.server = server
        self.wire = MemoryWire()
        self.flow: list[str] = []
        self.valve = Valve(
            MemoryProducer(lambda: self.flow.append("pause"), lambda: self.flow.append("resume"))
        )
        self.reader = Reader(self.wire, LineVoice("en", b"\r\n"), self.valve)
        screen = Screen(columns=columns, edits=True, colour=False, end=b"\r\n")
        self.session = LineSession(server.context, self.reader, screen)
        self.session.asking = Greeting(self.session)
        self.prompt = Prompt(self.session, columns, rows, terminal)
        self.emulator = TerminalEmulator(columns, rows)
        self.prompt.start()

    def press(self, *keys: bytes | str) -> None:
        """Press keys, in one piece, and let the server turn a few times."""
        self.prompt.receive(b"".join(k.encode() if isinstance(k, str) else k for k in keys))
        self.server.clock.turn()

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.server.clock.advance(seconds)
        self.server.clock.turn()

    @property
    def shown(self) -> list[str]:
        """The rows of the screen that are not empty."""
        self.emulator.feed(self.wire.read().encode())
        return [row for row in self.emulator.lines if row]

    @property
    def is_read_from(self) -> bool:
        return not self.flow or self.flow[-1] == "resume"

    def leave(self) -> None:
        """Break the connection."""
        self.prompt.forget()
        self.session.gone()


@pytest.fixture
def server() -> Iterator[InMemoryServer]:
    server = InMemoryServer()
    yield server
    server.clock.advance(2)
    server.clock.turn()
    for session in list(server.context.sessions):
        assert isinstance(session, Session)
        session.gone()
    server.clock.advance(2)
    server.clock.turn()
    assert not server.clock.calls, "something was left for later"


@pytest.fixture
def bob(server: InMemoryServer) -> Peer:
    return server.enter(PlainProtocol, "bob")


@pytest.fixture
def stranger(server: InMemoryServer) -> Iterator[Seat]:
    seat = Seat(server)
    yield seat
    seat.leave()


@pytest.fixture
def alice(server: InMemoryServer, bob: Peer, stranger: Seat) -> Seat:
    stranger.press("alice\r")
    stranger.wait(2)
    assert stranger.shown[-1] == ">"
    stranger.press(CONTROL_L)
    assert stranger.shown == [">"]
    bob.read()
    return stranger


# -- lines --------------------------------------------------------------------------------------


def test_a_name_is_asked_and_stays_on_the_screen(stranger: Seat) -> None:
    assert stranger.shown == ["Your name:"]
    stranger.press("a b\r")
    assert stranger.shown[0] == "Your name: a b"
    assert stranger.shown[-1] == "Your name:"
    stranger.press("alice\r")
    assert "Your name: alice" in stranger.shown
    assert stranger.shown[-1] == ">"


def test_what_a_member_is_asked_stands_before_the_answer_and_then_their_prompt(alice: Seat) -> None:
    class Riddle:
        def question(self) -> str:
            return "Who? "

        def take(self, line: str) -> None:
            assert line == "/me"
            alice.session.stop_asking()

    alice.session.ask(Riddle())
    assert alice.shown == ["Who?"]
    alice.press("/me")
    assert alice.shown == ["Who? /me"]
    alice.press("\r")
    assert alice.shown == ["Who? /me", ">"]


def test_what_is_said_comes_back_above_the_prompt(alice: Seat, bob: Peer) -> None:
    alice.press("hello")
    assert alice.shown == ["> hello"]
    alice.press("\r")
    assert alice.shown == ["alice: hello", ">"]
    assert bob.read() == "alice: hello\n"


def test_a_line_that_comes_leaves_the_half_typed_one_alone(alice: Seat, bob: Peer) -> None:
    alice.press("half of")
    bob.send("hi")
    alice.press(" it")
    assert alice.shown == ["bob: hi", "> half of it"]
    assert alice.reader.typing


def test_a_prompt_with_nothing_behind_it_is_like_all_others(alice: Seat) -> None:
    alice.press("x")
    assert alice.reader.typing
    alice.press(b"\x7f")
    assert not alice.reader.typing


def test_a_command_stays_where_it_was_typed(alice: Seat) -> None:
    alice.press("/nick\r")
    assert alice.shown[0] == "> /nick"
    alice.press(CONTROL_L, "//join is a command\r")
    assert alice.shown[-2:] == ["alice: /join is a command", ">"]


def test_control_d_on_an_empty_line_leaves(alice: Seat, bob: Peer) -> None:
    alice.press(CONTROL_D)
    assert alice.wire.is_closed
    alice.press("too late\r")
    alice.wait(2)
    assert bob.read() == "-- alice left\n"


def test_what_the_editor_says_is_said_in_their_language(server: InMemoryServer) -> None:
    server.context.language = "ru"
    seat = Seat(server)
    assert seat.shown == ["Ваше имя:"]
    seat.press(MARKED % lines(6))
    assert seat.shown == ["Отправить 6 строк? (д/н)"]
    seat.press("н")
    assert seat.shown == ["Ваше имя:"]
    seat.leave()


# -- Tab ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tabs", "completed"),
    [
        ("b", 1, "bob: "),
        ("hi b", 1, "hi bob "),
        ("/whoi", 1, "/whois "),
        ("/msg b", 1, "/msg bob "),
        ("/join #l", 1, "/join #lobby "),
        ("see #l", 1, "see #lobby "),
        ("/set th", 1, "/set theme "),
        ("/set theme d", 1, "/set theme dark "),
        ("/set theme dark x", 1, "/set theme dark x"),
        ("/help who", 2, "/help whois "),
        ("/nothing b", 1, "/nothing bob "),
        ("/set  th", 1, "/set  theme "),
        ("/set theme  d", 1, "/set theme  dark "),
        ("/m b", 1, "/m bob "),
        ("/me hi b", 1, "/me hi bob "),
        ("/me #l", 1, "/me #lobby "),
        ("/leave #", 1, "/leave #lobby "),
        ("/leave #lobby #", 1, "/leave #lobby #lobby "),
        ("/msg #", 1, "/msg #lobby "),
        ("/history @b", 1, "/history @bob "),
        ("/search apple @b", 1, "/search apple @bob "),
        ("/search apple #", 1, "/search apple #lobby "),
        ("/language r", 1, "/language ru "),
        ("/time o", 2, "/time off "),
        ("/set time hh", 2, "/set time HH:MM:SS "),
        ("/help al", 1, "/help all "),
        ("/topic -", 1, "/topic - "),
    ],
)
def test_tab_completes(alice: Seat, typed: str, tabs: int, completed: str) -> None:
    alice.press(typed, TAB * tabs)
    assert alice.prompt._editor.text == completed


def test_nobody_is_named_to_who_has_no_name(bob: Peer, stranger: Seat) -> None:
    bob.send("/join garden")
    for typed in ("b", "#", "/msg b", "/join #", "/w"):
        stranger.press(CONTROL_U, typed, TAB)
        assert stranger.shown == [f"Your name: {typed}"]


def test_whoever_has_no_name_is_offered_what_they_may_do(stranger: Seat) -> None:
    stranger.press("/", TAB)
    assert stranger.shown == ["Your name: /quit"]
    stranger.press(TAB)  # there is nothing else
    assert stranger.shown == ["Your name: /"]


# -- ^L -----------------------------------------------------------------------------------------


def test_clearing_shows_the_last_lines_again(
    server: InMemoryServer, alice: Seat, bob: Peer
) -> None:
    bob.send("one")
    alice.press("two\r")
    alice.press("half")
    assert alice.shown == ["bob: one", "alice: two", "> half"]
    alice.press(CONTROL_L)
    assert alice.shown == ["08:00 bob: one", "08:00 alice: two", "> half"]
    bob.send("three")
    assert alice.shown == ["08:00 bob: one", "08:00 alice: two", "bob: three", "> half"]


def test_clearing_shows_nothing_that_is_still_to_come(
    server: InMemoryServer, alice: Seat, bob: Peer
) -> None:
    bob.send("one")
    assert alice.shown == ["bob: one", ">"]
    server.context.delivery.hold(alice.reader)  # as when the past of another room is being fetched
    bob.send("two")
    alice.press(CONTROL_L)
    assert alice.shown == ["08:00 bob: one", ">"]
    server.context.delivery.release(alice.reader)
    assert alice.shown == ["08:00 bob: one", "bob: two", ">"]


def test_clearing_before_there_is_a_name_shows_nothing(bob: Peer, stranger: Seat) -> None:
    bob.send("a secret")
    stranger.press("x", CONTROL_L)
    assert stranger.shown == ["Your name: x"]


def test_clearing_in_no_room_shows_nothing(alice: Seat) -> None:
    alice.press("/leave\r")
    alice.wait(2)
    alice.press(CONTROL_L)
    assert alice.shown == [">"]


# -- resizing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "up"),
    [("tmux-256color", b""), ("XTERM-256COLOR", b""), ("xterm", b"\x1b[1A"), ("", b"\x1b[1A")],
)
def test_how_far_up_the_prompt_begins_after_a_resize_depends_on_the_terminal(
    server: InMemoryServer, terminal: str, up: bytes
) -> None:
    """The line took two rows of 40; a terminal that reflows has made one of 80 of them."""
    seat = Seat(server, terminal)
    seat.press("x" * 50)
    seat.wire.read()
    seat.prompt.resize(80, 30)
    assert seat.wire.read().encode().startswith(up + b"\r\x1b[J")
    seat.leave()


# -- floods -------------------------------------------------------------------------------------


def test_a_flood_of_keys_is_looked_at_turn_by_turn_and_no_more_is_read(stranger: Seat) -> None:
    flood = b"\x01\x05" * 4 * STROKES_AT_ONCE
    stranger.prompt.receive(flood)
    turns = 0
    while not stranger.is_read_from:
        turns += 1
        stranger.server.clock.turn(1)
        assert turns < 100
    assert turns >= len(flood) // STROKES_AT_ONCE - 1
    assert stranger.flow == ["pause", "resume"]
    stranger.press("alice\r")
    assert stranger.session.has_name


def test_what_was_read_already_is_kept_as_bytes_and_within_a_bound(stranger: Seat) -> None:
    for _ in range(100):  # a transport that pauses late, if at all
        stranger.prompt.receive(b"a\x7f" * 4096)
    waiting = stranger.prompt._editor._waiting
    assert len(waiting._unread) <= 4 * PASTE_LIMIT
    assert len(waiting._strokes) <= 4096
    assert not stranger.is_read_from


def test_keys_that_wait_do_not_keep_the_others_waiting(bob: Peer, stranger: Seat) -> None:
    stranger.prompt.receive(b"\x01\x05" * 10_000)
    bob.send("/whois bob")
    assert "bob is in #lobby" in bob.read()


@pytest.mark.parametrize("why", [PauseReason.PACE, PauseReason.BEHIND, PauseReason.DISK])
def test_keys_wait_while_the_valve_is_shut_and_go_on_when_it_opens(
    alice: Seat, bob: Peer, why: PauseReason
) -> None:
    alice.valve.shut(why)
    for number in range(10):
        alice.press(f"line {number}\r")
    assert bob.read() == ""
    assert alice.flow == ["pause"]
    alice.valve.open(why)
    assert bob.read() == ""  # in a turn of its own
    alice.server.clock.turn()
    assert bob.read() == "".join(f"alice: line {number}\n" for number in range(10))
    assert alice.flow == ["pause", "resume"]


def test_the_valve_may_be_shut_again_while_keys_wait(alice: Seat, bob: Peer) -> None:
    alice.valve.shut(PauseReason.DISK)
    alice.press("one\r")
    alice.valve.shut(PauseReason.BEHIND)
    alice.valve.open(PauseReason.DISK)
    alice.wait(1)
    assert bob.read() == ""
    alice.valve.open(PauseReason.BEHIND)
    alice.valve.shut(PauseReason.DISK)  # before the turn in which they would have gone on
    alice.wait(1)
    assert bob.read() == ""
    alice.valve.open(PauseReason.DISK)
    alice.wait(1)
    assert bob.read() == "alice: one\n"
    assert alice.is_read_from


def test_a_line_is_said_although_its_echo_does_not_go_out(alice: Seat, bob: Peer) -> None:
    alice.press("hello")
    alice.wire.window = 0
    alice.press("\r")
    assert bob.read() == ""
    assert not alice.is_read_from
    for _ in range(5):
        alice.wire.drain()
        alice.server.clock.turn()
    assert bob.read() == "alice: hello\n"
    assert alice.is_read_from


def test_many_lines_are_said_at_the_pace_of_the_talker_and_all_of_them() -> None:
    server = InMemoryServer(Rate(5, 2.0))
    bob, alice = server.enter(PlainProtocol, "bob"), Seat(server)
    alice.press("alice\r")
    alice.wait(10)
    bob.read()
    alice.press(MARKED % lines(20), "y")
    assert bob.read().count("alice: ") <= 6
    assert not alice.is_read_from
    for _ in range(20):
        alice.wait(0.5)
    assert [line for line in bob.read().splitlines() if "alice: " in line][-1] == "alice: line 20"
    assert alice.is_read_from
    alice.leave()
    bob.hang_up()


def test_many_lines_without_a_pace_leave_turns_to_the_others(alice: Seat, bob: Peer) -> None:
    alice.prompt.receive(MARKED % (b"x\r" * 2 * LINES_PER_TURN) + b"y")
    heard = bob.read().count("\n")
    assert heard < 2 * LINES_PER_TURN
    for _ in range(10):
        alice.server.clock.turn()
    assert heard + bob.read().count("\n") == 2 * LINES_PER_TURN


def test_whoever_leaves_in_a_flood_leaves_nothing_behind(server: InMemoryServer) -> None:
    seat = Seat(server)
    seat.prompt.receive(b"\x01" * 10_000)
    seat.leave()
    assert not server.clock.calls
    seat.prompt.receive(b"more")
    assert not server.clock.calls


def test_when_the_prompt_is_taken_away_keys_shut_the_valve_no_more(stranger: Seat) -> None:
    stranger.prompt.receive(b"\x01" * 10_000)
    assert not stranger.is_read_from
    assert stranger.prompt.stop() == b""
    stranger.server.clock.turn()
    assert stranger.is_read_from
    assert not stranger.valve.is_shut


def test_nothing_is_looked_at_once_they_were_sent_home(server: InMemoryServer, bob: Peer) -> None:
    alice = Seat(server)
    alice.press("alice\r")
    alice.wait(2)
    bob.read()
    alice.press(MARKED % b"/quit\rstill here\r")
    alice.wait(2)
    assert bob.read() == "-- alice left\n"
    assert alice.wire.is_closed
    alice.leave()


# -- pastes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("paste", [MARKED % lines(20), MARKED % lines(20, b"\n"), lines(20)])
def test_a_paste_of_many_lines_asks_before_the_first_is_said(
    alice: Seat, bob: Peer, paste: bytes
) -> None:
    alice.press("half ")
    alice.press(paste)
    alice.wait(PASTE_SECONDS)
    assert bob.read() == ""
    assert alice.shown == ["Send 20 lines? (y/n)"]
    alice.press("n")
    assert alice.shown == ["> half"]
    assert bob.read() == ""


@pytest.mark.parametrize("paste", [MARKED % lines(20), lines(20)])
def test_yes_sends_them_all(alice: Seat, bob: Peer, paste: bytes) -> None:
    alice.press(paste)
    alice.wait(PASTE_SECONDS)
    alice.press("y")
    assert bob.read() == "".join(f"alice: line {number + 1}\n" for number in range(20))
    assert alice.shown[-1] == ">"


@pytest.mark.parametrize("paste", [MARKED % lines(5), lines(5), lines(2) + b"and a half"])
def test_few_lines_are_said_unasked(alice: Seat, bob: Peer, paste: bytes) -> None:
    alice.press(paste)
    alice.wait(PASTE_SECONDS)
    assert bob.read().splitlines() == [f"alice: line {n + 1}" for n in range(paste.count(b"\r"))]
    assert alice.shown[-1] == ("> and a half" if paste.endswith(b"half") else ">")


def test_a_paste_without_marks_may_come_in_pieces(alice: Seat, bob: Peer) -> None:
    paste = lines(20)
    for piece in (paste[:15], paste[15:30], paste[30:31], paste[31:]):
        alice.press(piece)
        alice.wait(PASTE_SECONDS / 2)
    assert bob.read() == ""
    alice.wait(PASTE_SECONDS)
    assert alice.shown == ["Send 20 lines? (y/n)"]


@pytest.mark.parametrize("after", [PASTE_SECONDS / 2, 4 * PASTE_SECONDS, 2 * CUT_SECONDS])
@pytest.mark.parametrize("at", range(1, 8))
def test_a_paste_without_marks_may_be_cut_inside_a_character(
    alice: Seat, bob: Peer, at: int, after: float
) -> None:
    paste = "a\rтб\rв\r".encode()
    alice.press(paste[:at])
    alice.wait(after)
    alice.press(paste[at:])
    alice.wait(PASTE_SECONDS)
    assert bob.read() == "alice: a\nalice: тб\nalice: в\n"


def test_what_is_pasted_while_it_is_asked_belongs_to_it(alice: Seat, bob: Peer) -> None:
    alice.press(MARKED % lines(6))
    alice.press(lines(4))
    alice.wait(PASTE_SECONDS)
    assert alice.shown == ["Send 10 lines? (y/n)"]
    alice.press("y")
    assert bob.read().count("\n") == 10


def test_a_marked_paste_in_pieces_is_not_marked_again(alice: Seat, bob: Peer) -> None:
    paste = MARKED % lines(20)
    for piece in (paste[:4], paste[4:40], paste[40:80], paste[80:-3], paste[-3:]):
        alice.press(piece)
        alice.wait(2 * PASTE_SECONDS)
    assert alice.shown == ["Send 20 lines? (y/n)"]
    alice.press("y")
    assert bob.read() == "".join(f"alice: line {number + 1}\n" for number in range(20))


def test_a_paste_is_told_apart_while_keys_wait(alice: Seat, bob: Peer) -> None:
    alice.valve.shut(PauseReason.DISK)
    paste = MARKED % lines(7)
    alice.press("one\r")
    alice.press(paste[:30])
    alice.press(paste[30:])
    alice.wait(PASTE_SECONDS)
    alice.valve.open(PauseReason.DISK)
    alice.wait(1)
    assert bob.read() == "alice: one\n"
    assert alice.shown == ["alice: one", "Send 7 lines? (y/n)"]


def test_a_key_ends_a_paste_without_marks(alice: Seat, bob: Peer) -> None:
    alice.press("one\rtwo")
    assert bob.read() == ""
    alice.press(CONTROL_U)
    assert bob.read() == "alice: one\n"
    assert alice.shown == ["alice: one", ">"]


def test_lines_of_a_program_are_not_asked_about(alice: Seat, bob: Peer) -> None:
    """A terminal ends pasted lines as its Enter key does, by CR; a file has LF."""
    alice.press(lines(20, b"\n"))
    assert bob.read().count("alice: ") == 20


@pytest.mark.parametrize("paste", [b"one\r", b"one\r\n", b"\r\r", b"x", "é\r".encode()])
def test_one_line_is_not_waited_for(alice: Seat, bob: Peer, paste: bytes) -> None:
    alice.press(paste)
    assert bob.read().count("alice: ") == (len(paste) > 2)
    assert alice.is_read_from


def test_a_paste_too_long_is_cut_and_that_is_said(alice: Seat, bob: Peer) -> None:
    line = b"x" * 99 + b"\r"
    for _ in range(2 * PASTE_LIMIT // 10_000):
        alice.prompt.receive(line * 100)
    alice.wait(PASTE_SECONDS)
    assert alice.shown == [
        "-- The paste was too long: only its begi", "nning was taken.", "Send 656 lines? (y/n)",
    ]  # fmt: skip
    assert bob.read() == ""
    assert alice.is_read_from


def test_a_paste_that_never_pauses_is_not_gathered_for_ever(alice: Seat, bob: Peer) -> None:
    line = b"x" * 99 + b"\r"
    for _ in range(2 * PASTE_LIMIT // 10_000):
        alice.press(line * 100)
        assert len(alice.prompt._gathered) <= PASTE_LIMIT + 10_000
    assert alice.shown[-1].startswith("Send ")
    alice.press("n")
    assert bob.read() == ""


def test_nothing_pasted_is_said_by_whoever_is_gone(server: InMemoryServer, bob: Peer) -> None:
    alice = Seat(server)
    alice.press("alice\r")
    alice.wait(2)
    bob.read()
    alice.press("one\rtwo\r")
    alice.leave()
    server.clock.advance(2)
    server.clock.turn()
    assert bob.read() == "-- alice left: the connection broke\n"


def test_the_past_is_recalled(alice: Seat) -> None:
    alice.press("first\r")
    alice.press("second\r")
    alice.press(UP, UP)
    assert alice.shown[-1] == "> first"
