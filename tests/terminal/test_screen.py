"""Where things are, and the fewest bytes to change them."""

from __future__ import annotations

from chatproto.terminal.clusters import segmented
from chatproto.terminal.screen import Screen, above, fitted
from terminal_emulator import TerminalEmulator

PROMPT = "> "


class Sight:
    """A screen and the terminal it is drawn on."""

    def __init__(self, columns: int = 20, rows: int = 10, *, reflows: bool = False) -> None:
        self.screen = Screen(columns, rows, reflows=reflows)
        self.emulator = TerminalEmulator(columns, rows)

    def show(self, text: str, cursor: int | None = None, changed: int | None = 0) -> bytes:
        clusters = segmented(text)
        cursor = len(clusters) if cursor is None else cursor
        data = self.screen.show(PROMPT, clusters, cursor, changed)
        self.emulator.feed(data)
        return data

    @property
    def shown(self) -> list[str]:
        return [line for line in self.emulator.lines if line]


def test_what_is_typed_at_the_end_is_all_that_is_sent() -> None:
    sight = Sight()
    sight.show("приве")
    assert sight.show("привет", changed=5) == "т".encode()
    assert sight.show("привет世", changed=6) == "世".encode()


def test_the_cursor_goes_by_the_shortest_way() -> None:
    sight = Sight()
    sight.show("hello")
    assert sight.show("hello", 4, None) == b"\b"
    assert sight.show("hello", 0, None) == b"\x1b[4D"
    assert sight.show("hello", 5, None) == b"\x1b[5C"
    assert sight.show("hello", 5, None) == b""


def test_an_edit_in_the_middle_draws_what_stands_behind_it() -> None:
    sight = Sight()
    sight.show("helo", 3)
    assert sight.show("hello", 4, 3) == b"\x1b[Jlo\b"
    assert sight.shown == ["> hello"]


def test_a_full_row_is_left_by_a_space_and_cr() -> None:
    """Else the cursor would hang on the last column, and terminals differ in what comes next."""
    sight = Sight()
    sight.show("x" * 17)
    assert sight.show("x" * 18, changed=17) == b"x \r"
    assert (sight.emulator.x, sight.emulator.y) == (0, 1)
    assert sight.show("x" * 17, changed=17) == b"\x1b[1A\x1b[19C\x1b[J"


def test_half_of_a_wide_character_is_never_left_to_the_terminal() -> None:
    sight = Sight()
    sight.show("x" * 17)
    assert sight.show("x" * 17 + "世", changed=17) == " 世".encode()
    assert sight.shown == ["> " + "x" * 17, "世"]


def test_a_mark_that_comes_when_its_base_has_filled_the_row_is_drawn_with_it() -> None:
    sight = Sight()
    sight.show("x" * 17 + "e")
    assert (
        sight.show("x" * 17 + "e\u0301", changed=17) == "\x1b[1A\x1b[19C\x1b[Je\u0301 \r".encode()
    )


def test_behind_a_width_in_dispute_the_cursor_is_put_by_number() -> None:
    sight = Sight()
    assert sight.show("❤\ufe0fx").endswith("❤\ufe0f\r\x1b[4C\x1b[Kx".encode())
    sight = Sight()
    assert sight.show("x" * 16 + "🙂").endswith("🙂\r\n".encode())  # at the end of the row


def test_a_family_keeps_away_from_the_edge_where_it_might_fall_apart() -> None:
    sight = Sight()
    sight.show("x" * 11 + "👨‍👩‍👧‍👦")  # 7 columns left, of the 8 that xterm would take
    assert sight.shown == ["> " + "x" * 11, "👨‍👩‍👧‍👦"]


def test_more_than_half_of_the_screen_is_never_taken() -> None:
    sight = Sight(20, 10)
    text = "".join(f"{n:<20}" for n in range(10))  # after the prompt: 11 rows, the last of 2
    sight.show(text)
    assert sight.shown == ["  6", "  7", "  8", "  9"]
    assert (sight.emulator.x, sight.emulator.y) == (2, 4)
    sight.show(text, 0, None)
    assert sight.shown == ["> 0", "  1", "  2", "  3", "  4"]
    assert (sight.emulator.x, sight.emulator.y) == (2, 0)
    sight.show(text, 100, None)
    assert sight.shown == ["  1", "  2", "  3", "  4", "  5"]
    assert (sight.emulator.x, sight.emulator.y) == (2, 4)


def test_another_long_line_is_drawn_although_the_change_is_out_of_sight() -> None:
    sight = Sight(20, 10)
    sight.show("a" * 150)
    sight.show("b" * 150)
    assert sight.shown == ["b" * 20] * 4 + ["b" * 12]


def test_no_row_is_left_empty_when_a_long_line_gets_shorter() -> None:
    sight = Sight(20, 10)
    sight.show("a" * 150)
    sight.show("a" * 110, 55, 110)  # 6 rows: the cursor is in the third
    assert sight.shown == ["a" * 20] * 4 + ["a" * 12]
    assert (sight.emulator.x, sight.emulator.y) == (17, 1)


def test_a_prompt_is_cut_anew_for_a_narrower_screen() -> None:
    screen = Screen(40, 10)
    screen.show("#a-very-long-name> ", (), 0, 0)
    assert screen.resize(20, 10) == b"\r\x1b[J#a-very-long-n "
    assert screen.resize(40, 10) == b"\r\x1b[J#a-very-long-name> "


def test_lines_come_above_in_one_piece() -> None:
    sight = Sight()
    sight.show("hello", 2)
    data = sight.screen.above(b"one\r\n\x1b[31mtwo\x1b[m\r\n")
    assert data == b"\r\x1b[Jone\r\n\x1b[31mtwo\x1b[m\r\n> hello\b\b\b"
    assert sight.screen.above(b"") == b"\r\x1b[J> hello\b\b\b"


def test_behind_an_empty_line_it_is_the_same_for_everybody() -> None:
    for columns, rows in [(20, 5), (80, 24), (500, 200)]:
        screen = Screen(columns, rows)
        screen.show("\x1b[1m#py\x1b[m> ", (), 0, 0)
        assert screen.resting == b"\x1b[1m#py\x1b[m> "
        assert screen.above(b"one\r\n") == above(b"one\r\n", screen.resting)


def test_something_typed_is_nobody_elses() -> None:
    sight = Sight()
    sight.show("x")
    assert sight.screen.resting is None


def test_a_long_prompt_is_cut_to_three_quarters_of_a_row() -> None:
    assert fitted("#python> ", 20) == ("#python> ", 9)
    assert fitted("#a-very-long-name> ", 20) == ("#a-very-long-n ", 15)
    assert fitted("世界世界世界世界", 20) == ("世界世界世界世 ", 15)
    assert fitted("世界世界世界世界", 18) == ("世界世界世界 ", 13)
    assert fitted("\x1b[1m#a-very-long-name\x1b[m> ", 20) == ("\x1b[1m#a-very-long-n\x1b[m ", 15)


def test_a_prompt_keeps_step_too() -> None:
    assert fitted("🙂> ", 20) == ("🙂\r\x1b[2C\x1b[K> ", 4)


def test_resizing_draws_everything_anew() -> None:
    sight = Sight(20, 10)
    sight.emulator.feed(b"log\r\n")
    sight.show("x" * 30)
    sight.emulator.resize(40, 10)
    sight.emulator.feed(sight.screen.resize(40, 10))
    assert sight.shown == ["log", "> " + "x" * 30]
    assert (sight.emulator.x, sight.emulator.y) == (32, 1)


def test_a_terminal_that_reflows_has_put_the_cursor_elsewhere() -> None:
    """20 columns to 40: two rows have become one, so there is no row to go up."""
    sight = Sight(20, 10, reflows=True)
    sight.show("x" * 31)
    assert sight.screen.resize(40, 10).startswith(b"\r\x1b[J")
    assert sight.screen.resize(16, 10).startswith(b"\x1b[2A\r\x1b[J")


def test_a_reflow_to_a_width_that_is_filled_leaves_the_cursor_on_the_last_column() -> None:
    sight = Sight(20, 10, reflows=True)
    sight.show("x" * 30)
    assert sight.screen.resize(16, 10).startswith(b"\x1b[1A\r\x1b[J")


def test_a_screen_too_narrow_for_one_cluster_is_taken_for_a_wider_one() -> None:
    screen = Screen(1, 1)
    assert screen.show(PROMPT, segmented("世界"), 2, 0)
    assert screen.resize(0, 0)


def test_clearing_takes_everything_away() -> None:
    sight = Sight()
    sight.emulator.feed(b"junk\r\nmore junk\r\n")
    sight.show("hello")
    sight.emulator.feed(sight.screen.clear())
    assert sight.emulator.lines[0] == "> hello"
    assert sight.shown == ["> hello"]


def test_erasing_leaves_the_log() -> None:
    sight = Sight()
    sight.emulator.feed(b"log\r\n")
    sight.show("x" * 50)
    sight.emulator.feed(sight.screen.erase())
    assert sight.shown == ["log"]
    assert (sight.emulator.x, sight.emulator.y) == (0, 1)
