"""What the keys do, as a person and a session see it."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.limits import LINE_BYTES
from chatproto.terminal import (
    Cleared,
    Editor,
    Event,
    Left,
    Output,
    Phrases,
    Submitted,
    Words,
    above,
)
from chatproto.terminal.editor import STROKES_AT_ONCE
from chatproto.terminal.keys import PASTE_LIMIT
from terminal_emulator import TerminalEmulator

UP, DOWN, LEFT, HOME, END = b"\x1b[A", b"\x1b[B", b"\x1b[D", b"\x1b[H", b"\x1b[F"


class Seat:
    """A person typing at a terminal."""

    def __init__(self, *, phrases: Phrases | None = None) -> None:
        words = Words(
            commands=lambda: ["/join", "/quit"],
            rooms=lambda: ["#python", "#pypy"],
            nicks=lambda: ["anna", "anton", "bob"],
        )
        self.editor = Editor("> ", 40, 12, completer=words, phrases=phrases)
        self.emulator = TerminalEmulator(40, 12)
        self.emulator.feed(self.editor.start())

    def press(self, *pieces: bytes | str) -> list[Event]:
        """Type, and give what happened apart from output."""
        data = b"".join(p.encode() if isinstance(p, str) else p for p in pieces)
        events = [*self.editor.receive(data)]
        while self.editor.waiting:
            events += self.editor.receive(b"")
        for event in events:
            if isinstance(event, Output):
                self.emulator.feed(event.data)
        return [event for event in events if not isinstance(event, Output)]

    @property
    def shown(self) -> list[str]:
        return [line for line in self.emulator.lines if line]

    @property
    def rang(self) -> bool:
        bells, self.emulator.bells = self.emulator.bells, 0
        return bells > 0


@pytest.fixture
def seat() -> Seat:
    return Seat()


def test_enter_takes_the_line_off_the_screen_and_hands_it_over(seat: Seat) -> None:
    assert seat.press("hello world, this line takes two rows here") == []
    assert len(seat.shown) == 2
    assert seat.press(b"\r") == [Submitted("hello world, this line takes two rows here")]
    assert seat.shown == [">"]
    assert (seat.emulator.x, seat.emulator.y) == (2, 0)


def test_an_empty_line_is_handed_over_too(seat: Seat) -> None:
    assert seat.press(b"\r") == [Submitted("")]


def test_output_comes_before_what_happened(seat: Seat) -> None:
    events = list(seat.editor.receive(b"x\x1b[Dy\x0c"))
    assert [type(event) for event in events] == [Output, Cleared]
    seat.press(b"\x05\x15", "typed")
    events = list(seat.editor.receive(b"\rmore"))
    assert events == [Output(b"\x1b[5D\x1b[J"), Submitted("typed"), Output(b"more")]


def test_nothing_is_lost_when_nobody_asks_for_the_rest(seat: Seat) -> None:
    for event in seat.editor.receive(b"one\rtwo\rthree"):
        if event == Submitted("one"):
            break
    assert seat.press() == [Submitted("two")]
    assert seat.editor.text == "three"


def test_a_flood_of_keys_is_taken_in_turns(seat: Seat) -> None:
    flood = b"a\x7f" * STROKES_AT_ONCE
    assert list(seat.editor.receive(flood)) == []
    assert seat.editor.waiting
    assert list(seat.editor.receive(b"")) == []
    assert not seat.editor.waiting


def test_a_paste_of_many_lines_is_taken_in_turns_too(seat: Seat) -> None:
    lines = b"".join(b"line %d\n" % n for n in range(STROKES_AT_ONCE))
    seat.press(b"\x1b[200~", lines, b"\x1b[201~")
    assert len(list(seat.editor.receive(b"y"))) < STROKES_AT_ONCE
    assert seat.editor.waiting
    assert seat.press()[-1] == Submitted(f"line {STROKES_AT_ONCE - 1}")


# ^C, ^D, ^L


def test_control_c_clears_and_then_says_how_to_leave(seat: Seat) -> None:
    assert seat.press("hello", b"\x03") == []
    assert seat.shown == [">"]
    assert seat.press(b"\x03") == []
    assert seat.shown == ["^D or /quit leaves", ">"]
    assert not seat.rang


def test_control_d_leaves_from_an_empty_line_and_deletes_in_another(seat: Seat) -> None:
    assert seat.press("ab", HOME, b"\x04") == []
    assert seat.editor.text == "b"
    assert seat.press(b"\x04") == []
    assert seat.press(b"\x04") == [Left()]


def test_control_l_clears_the_screen_and_says_so(seat: Seat) -> None:
    seat.emulator.feed(seat.editor.above(b"log\r\n"))
    assert seat.press("hello", LEFT, b"\x0c") == [Cleared()]
    assert seat.shown == ["> hello"]
    assert seat.emulator.x == 6


def test_leaving_gives_the_terminal_back(seat: Seat) -> None:
    assert seat.emulator.marks_pastes
    seat.press("half a line")
    seat.emulator.feed(seat.editor.above(b"bye\r\n"))
    seat.emulator.feed(seat.editor.stop())
    assert not seat.emulator.marks_pastes
    assert seat.shown == ["bye"]


# Limits and nonsense


def test_bad_bytes_ring_and_do_nothing(seat: Seat) -> None:
    seat.press("a", b"\xff", "b")
    assert seat.editor.text == "ab"
    assert seat.rang


def test_a_full_line_rings(seat: Seat) -> None:
    seat.press(b"x" * LINE_BYTES)
    assert not seat.rang
    seat.press("y")
    assert seat.rang
    assert seat.press(b"\r") == [Submitted("x" * LINE_BYTES)]


def test_what_is_handed_over_has_no_control_characters(seat: Seat) -> None:
    pasted = "\x1b[31mred\x1b[m\t\u009b2J\u202eback"
    seat.press(b"\x1b[200~", pasted, b"\x1b[201~")
    assert seat.press(b"\r") == [Submitted("[31mred[m    2Jback")]


# History and searching


def test_up_and_down_recall(seat: Seat) -> None:
    seat.press(b"one\rtwo\rdraft", UP, UP)
    assert seat.shown == ["> one"]
    seat.press(UP)
    assert seat.rang
    seat.press(DOWN)
    assert seat.shown == ["> two"]
    seat.press(b"\x0e")
    assert seat.shown == ["> draft"]


def test_control_r_searches_and_enter_sends(seat: Seat) -> None:
    seat.press(b"hello anna\rhello bob\rbye\r", b"\x12hello")
    assert seat.shown == ["(search) hello: hello bob"]
    assert seat.press(b"\x12", b"\r") == [Submitted("hello anna")]
    assert seat.shown == [">"]


def test_another_key_takes_the_line_found_for_editing(seat: Seat) -> None:
    seat.press(b"hello anna\r", b"\x12anna", END, "!")
    assert seat.shown == ["> hello anna!"]


@pytest.mark.parametrize("key", [b"\x03", b"\x07"])
def test_a_search_can_be_given_up(seat: Seat, key: bytes) -> None:
    seat.press(b"hello anna\rdraft", LEFT, b"\x12anna", key)
    assert seat.shown == ["> draft"]
    assert seat.emulator.x == 6


def test_a_search_that_fails_says_so(seat: Seat) -> None:
    seat.press(b"hello\r", b"\x12hex")
    assert seat.shown == ["(not found) hex: hello"]
    assert seat.rang
    seat.press(b"\x7f\x7f\x7f")
    assert seat.shown == ["(search) :"]


def test_a_search_that_looks_like_the_prompt_leaves_nothing_behind() -> None:
    seat = Seat(phrases=Phrases(search="> ", not_found="> "))
    seat.press(b"something\rdraft")
    seat.press(b"\x12some")
    assert seat.shown == ["> something"]
    seat.press(b"\x07")
    assert seat.shown == ["> draft"]


# Killing


def test_kills_are_one_until_another_key_comes(seat: Seat) -> None:
    seat.press("one two three", b"\x17\x17", b"\x19")
    assert seat.editor.text == "one two three"
    seat.press(b"\x17", "x", b"\x17\x19")
    assert seat.editor.text == "one two x"


# Completing


def test_tab_goes_round(seat: Seat) -> None:
    shown: list[str] = []
    for _ in range(4):
        seat.press("an" if not shown else "", b"\t")
        shown.append(seat.editor.text)
    assert shown == ["anna: ", "anton: ", "an", "anna: "]
    seat.press(b"\x1b[Z")
    assert seat.editor.text == "an"


def test_tab_leaves_what_stands_around_the_word(seat: Seat) -> None:
    seat.press("see #py for more", LEFT * 9, b"\t")
    assert seat.editor.text == "see #pypy  for more"
    seat.press(b"\t", "!")
    assert seat.editor.text == "see #python ! for more"


def test_another_key_ends_the_round(seat: Seat) -> None:
    seat.press("an", b"\t", "b", b"\t")
    assert seat.editor.text == "anna: bob "


def test_tab_rings_where_nothing_fits(seat: Seat) -> None:
    seat.press("xyz", b"\t")
    assert seat.rang
    assert seat.editor.text == "xyz"


# Pasting


def pasted(text: str) -> bytes:
    return b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~"


def test_a_few_pasted_lines_are_sent_and_the_last_stays(seat: Seat) -> None:
    seat.press("say: ")
    assert seat.press(pasted("one\ntwo\nthree")) == [Submitted("say: one"), Submitted("two")]
    assert seat.shown == ["> three"]


def test_many_are_asked_about_first(seat: Seat) -> None:
    lines = [f"line {n}" for n in range(20)]
    seat.press("half")
    assert seat.press(pasted("\n".join(lines))) == []
    assert seat.shown == ["Send 20 lines? (y/n)"]
    assert seat.editor.resting is None
    seat.press("z")
    assert seat.rang
    sent = seat.press("y", "more")
    assert sent == [Submitted("halfline 0"), *map(Submitted, lines[1:])]
    assert seat.shown == ["> more"]


@pytest.mark.parametrize("answer", ["n", "\x03", "\x07", "\x04"])
def test_no_brings_the_line_back(seat: Seat, answer: str) -> None:
    seat.press("half", LEFT, pasted("x\n" * 6))
    assert seat.press(answer) == []
    assert seat.shown == ["> half"]
    assert seat.emulator.x == 5


def test_the_question_may_be_in_russian() -> None:
    seat = Seat(phrases=Phrases(send_lines=lambda count: f"Отправить {count}? (д/н) ", yes="дДyY"))
    seat.press(pasted("x\n" * 6))
    assert seat.shown == ["Отправить 6? (д/н)"]
    assert len(seat.press("д")) == 6


def test_a_paste_that_is_too_long_is_cut_and_that_is_said(seat: Seat) -> None:
    seat.press(pasted("x\n" * PASTE_LIMIT))
    assert seat.shown[0] == "Only the first 65536 bytes of the paste"
    assert seat.shown[-1] == "Send 32768 lines? (y/n)"


def test_a_pasted_line_that_is_too_long_is_cut_and_that_is_said(seat: Seat) -> None:
    seat.press(pasted("x" * 3000))
    assert seat.shown[0] == "A line ends at 2048 bytes: the rest of t"
    assert len(seat.editor.text) == LINE_BYTES


# Passwords


def test_a_password_is_not_shown_nor_kept(seat: Seat) -> None:
    seat.press(b"before\r")
    seat.emulator.feed(seat.editor.set_prompt("Password: ", masked=True))
    seat.press("secret", b"\x17")
    seat.press("hunter2")
    assert seat.shown == ["Password:"]
    assert seat.emulator.x == 10
    assert seat.editor.resting == b"Password: "
    for shut in (UP, b"\x12", b"\t"):
        seat.press(shut)
        assert seat.rang
    assert seat.press(b"\r") == [Submitted("hunter2")]
    seat.emulator.feed(seat.editor.set_prompt("> "))
    seat.press(b"\x19")  # nothing of it to be yanked
    assert seat.shown == [">"]
    seat.press(UP)
    assert seat.shown == ["> before"]


def test_what_is_done_between_two_lines_holds_for_the_second(seat: Seat) -> None:
    """A name and a password typed ahead, in one piece."""
    submitted = []
    for event in seat.editor.receive(b"anna\rsecret\r"):
        match event:
            case Output(data):
                seat.emulator.feed(data)
            case Submitted(text):
                submitted.append(text)
                masked = not seat.editor.masked
                seat.emulator.feed(seat.editor.set_prompt("? " if masked else "> ", masked=masked))
    assert submitted == ["anna", "secret"]
    assert seat.emulator.scrollback == []
    assert seat.shown == [">"]


def test_letters_typed_before_the_mask_came_are_part_of_the_password(seat: Seat) -> None:
    seat.press("sec")
    seat.emulator.feed(seat.editor.set_prompt("Password: ", masked=True))
    assert seat.shown == ["Password:"]
    assert seat.press("ret\r") == [Submitted("secret")]


def test_a_password_given_up_is_never_revealed(seat: Seat) -> None:
    seat.emulator.feed(seat.editor.set_prompt("Password: ", masked=True))
    seat.press("secret")
    seat.emulator.feed(seat.editor.set_prompt("> "))
    assert seat.shown == [">"]
    assert seat.press(b"\r") == [Submitted("")]


# What comes in


def test_resting_editors_of_all_sizes_share_their_bytes() -> None:
    editors = [Editor("#py> ", columns, 24) for columns in (20, 80, 200)]
    for editor in editors:
        editor.start()
    lines = b"anna: hello\r\n"
    assert {editor.resting for editor in editors} == {b"#py> "}
    assert {editor.above(lines) for editor in editors} == {above(lines, b"#py> ")}


def test_a_new_prompt_comes_at_once(seat: Seat) -> None:
    seat.press("half a line", LEFT)
    seat.emulator.feed(seat.editor.set_prompt("#lab> "))
    assert seat.editor.prompt == "#lab> "
    assert seat.shown == ["#lab> half a line"]
    assert seat.emulator.x == 16
    assert seat.editor.set_prompt("#lab> ") == b""


# -- what was not asked for -----------------------------------------------------------------------

LINES = st.lists(st.text("abя€ \U0001f600", min_size=1), min_size=1, max_size=8)


@given(LINES, st.integers(0, 12), st.integers(0, 60), st.booleans())
def test_what_is_left_is_given_back_and_nothing_is_lost(
    lines: list[str], asked: int, cut: int, is_paste: bool
) -> None:
    """Wherever it is cut, in the middle of a letter too."""
    editor = Editor("> ")
    sent = "".join(f"{line}\r" for line in lines).encode()
    if is_paste:
        sent = b"\x1b[200~" + sent
    seen = [*islice(editor.receive(sent[:cut]), asked)]
    editor.receive(sent[cut:])
    given_back = editor.take_unread().decode()
    assert not editor.waiting
    said = [event.text for event in seen if isinstance(event, Submitted)]
    before = "".join(f"{line}\r" for line in said) + editor.text
    assert (before + given_back).removeprefix("\x1b[200~") == "".join(f"{one}\r" for one in lines)


def test_keys_that_only_edit_are_not_given_back(seat: Seat) -> None:
    assert next(seat.editor.receive(b"one\r" + UP * 300 + b"t\x01wo\x7f\x1bb\rthree")) == Submitted(
        "one"
    )
    seat.editor.receive(b"\x01\x15\t\x04")
    assert seat.editor.take_unread() == b"two\rthree\t\x04"


def test_a_paste_goes_on_where_it_was_left(seat: Seat) -> None:
    """What would type it is left in the middle; the lines asked about are counted."""
    assert next(seat.editor.receive(b"\x1b[200~1\r2\r3\r\x1b[201~")) == Submitted("1")
    assert seat.editor.take_unread() == b"2\r3\r"
    assert seat.editor.asked == 0
    seat.press(b"\x1b[200~" + b"x\r" * 7 + b"\x1b[201~")
    assert seat.editor.asked == 7
    assert seat.editor.take_unread() == b""
