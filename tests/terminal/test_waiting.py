"""Keys that wait, without an editor."""

from __future__ import annotations

from chatproto.terminal.keys import Key, Typed
from chatproto.terminal.waiting import BYTES_AT_ONCE, UNREAD_LIMIT, WaitingKeys


def pressed(data: bytes) -> WaitingKeys:
    waiting = WaitingKeys()
    assert waiting.receive(data)
    waiting.read_on()
    return waiting


def test_keys_come_in_order_and_what_is_put_first_before_them() -> None:
    waiting = pressed(b"ab\r")
    waiting.put_first([Typed("second")])
    waiting.put_first([Typed("first")])
    keys = [waiting.next() for _ in range(5)]
    assert keys == [Typed("first"), Typed("second"), Typed("ab"), Key.ENTER, None]
    assert not waiting


def test_no_more_bytes_are_made_into_keys_than_one_turn_needs() -> None:
    waiting = pressed(b"\r" * (BYTES_AT_ONCE + 1))
    for _ in range(BYTES_AT_ONCE):
        assert waiting.next() is Key.ENTER
    assert waiting.next() is None
    assert waiting
    waiting.read_on()
    assert waiting.next() is Key.ENTER
    assert not waiting


def test_what_there_is_no_room_for_is_refused() -> None:
    waiting = WaitingKeys()
    assert waiting.receive(b"x" * UNREAD_LIMIT)
    assert not waiting.receive(b"y")
    assert waiting.take_bytes() == b"x" * UNREAD_LIMIT


def test_everything_is_given_back_as_bytes_but_for_what_only_edits() -> None:
    waiting = pressed(b"a\x1b[D\r\xd1")
    waiting.put_first([Typed("z")])
    waiting.receive(b"\x8f\x01b")
    assert waiting.take_bytes() == b"za\r\xd1\x8fb"
    assert not waiting


def test_a_paste_without_an_end_is_seen_before_it_is_read() -> None:
    waiting = WaitingKeys()
    waiting.receive(b"\x1b[200~text")
    assert waiting.is_pasting
    waiting.receive(b"\x1b[201~")
    assert not waiting.is_pasting
