"""Comings, goings and renamings, as they are read: in crowds, or raw."""

from __future__ import annotations

from sitting import RAW, Sitting

from fakes import InMemoryServer


def test_who_comes_in_a_crowd_reads_of_those_who_came_after_them() -> None:
    """They were shown who was here before them, and know of themselves."""
    server = InMemoryServer()
    ann = Sitting(server, "ann")
    bea, cat, dan = (Sitting(server, nick, waits=False) for nick in ("bea", "cat", "dan"))
    server.clock.turn()
    server.clock.advance(2)
    server.clock.turn()
    assert ann.read() == "-- bea joined\n-- cat and dan joined\n"
    assert bea.read() == "-- cat and dan joined\n"
    assert cat.read() == "-- dan joined\n"
    assert dan.read() == ""


def test_a_quit_is_read_once_by_who_shares_two_rooms() -> None:
    server = InMemoryServer()
    alice, bob = (
        Sitting(server, "alice", "lobby", "garden"),
        Sitting(server, "bob", "garden", "lobby"),
    )
    only, raw = (
        Sitting(server, "carol", "garden"),
        Sitting(server, "dan", "garden", "lobby", voice=RAW),
    )
    for seat in (alice, bob, only, raw):
        seat.read()
    server.chat.seating.quit(alice.seat, "tea")
    server.clock.turn()
    assert bob.read() == "-- alice left: tea\n"
    assert only.read() == "-- alice left: tea\n"
    assert [one["change"] for one in raw.objects()] == ["QUIT"]


def test_a_crowd_that_quits_is_read_once_whenever_each_room_is_told() -> None:
    """The lobby is told at once, the garden a moment later: a member has just come in there."""
    server = InMemoryServer()
    ann, bea = Sitting(server, "ann", "lobby", "garden"), Sitting(server, "bea", "garden")
    both, garden = Sitting(server, "cat", "lobby", "garden"), Sitting(server, "dan", "garden")
    Sitting(server, "eve", "garden", waits=False)
    server.clock.turn()
    for seat in (both, garden):
        seat.read()
    server.chat.seating.quit(ann.seat)
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    assert both.read() == "#lobby -- ann left\n"
    server.clock.advance(2)
    assert both.read() == "-- bea left\n"
    assert garden.read() == "-- ann and bea left\n"


def test_a_raw_voice_reads_each_at_once_with_its_member_in_order_with_the_lines() -> None:
    server = InMemoryServer()
    raw, ann = Sitting(server, "raw", voice=RAW), Sitting(server, "ann")
    raw.read()
    bea, cat, dan = (Sitting(server, nick, waits=False) for nick in ("bea", "cat", "dan"))
    server.chat.say(cat.seat, "hello")
    server.chat.seating.rename(cat.seat, "kat")
    server.chat.leave(bea.seat, "lobby", "tea")
    server.chat.seating.quit(cat.seat)
    server.chat.seating.quit(dan.seat, lost=True)
    server.clock.turn()
    assert [(one.get("change") or one["text"], one["by"]) for one in raw.objects()] == [
        ("JOINED", bea.member.id), ("JOINED", cat.member.id), ("JOINED", dan.member.id),
        ("hello", cat.member.id), ("RENAMED", cat.member.id), ("LEFT", bea.member.id),
        ("QUIT", cat.member.id), ("LOST", dan.member.id),
    ]  # fmt: skip
    server.clock.advance(2)
    assert raw.objects() == []
    assert ann.read() == (
        "-- bea joined\n-- cat and dan joined\ncat: hello\n-- cat is now kat\n"
        "-- bea left: tea\n-- kat left\n-- dan left: the connection broke\n"
    )


def test_a_raw_voice_that_lags_reads_them_in_order_afterwards() -> None:
    server = InMemoryServer()
    raw = Sitting(server, "raw", voice=RAW)
    raw.read()
    raw.wire.window = 0
    bea = Sitting(server, "bea", waits=False)
    bea.say("one")
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    server.clock.advance(2)
    raw.wire.drain()
    assert [one.get("change") or one["text"] for one in raw.objects()] == ["JOINED", "one", "QUIT"]


def test_a_raw_voice_does_not_read_who_is_ignored() -> None:
    server = InMemoryServer()
    raw, bea = Sitting(server, "raw", voice=RAW), Sitting(server, "bea")
    raw.read()
    server.chat.ignore(raw.member, "bea")
    server.chat.seating.rename(bea.seat, "bee")
    server.chat.seating.quit(bea.seat)
    server.clock.turn()
    assert raw.objects() == []


def test_while_nobody_reads_raw_presences_are_in_no_batch() -> None:
    server = InMemoryServer()
    Sitting(server, "ann")
    for nick in ("bea", "cat", "dan"):
        Sitting(server, nick, waits=False)
    server.clock.turn()
    index = server.delivery._tail.index
    raw = Sitting(server, "raw", voice=RAW, waits=False)
    server.clock.turn()
    assert server.delivery._tail.index == index + 1
    server.delivery.detach(raw.reader)
    Sitting(server, "eve", waits=False)
    server.clock.turn()
    assert server.delivery._tail.index == index + 1
