"""Mentions: the members named in what happened, who are to be told so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from chatproto.core.events import Change, Event, Kind, Presence
from chatproto.core.rooms import Member
from chatproto.delivery.mentions import Mentions
from chatproto.limits import MENTIONS_PER_LINE
from unknown import UNKNOWN_KINDS

if TYPE_CHECKING:
    from chatproto.voices.voice import Shown


def added(mentions: Mentions, member_id: int, nick: str, *, are_marked: bool = True) -> Member:
    member = Member(member_id, nick, 0.0)
    mentions.note(member, are_marked=are_marked)
    return member


def line(text: str, kind: int = Kind.SAID) -> Event:
    return Event(1, 0, kind, "lobby", "alice", 7, "", 0, text)


def test_who_is_named_is_found_with_the_places() -> None:
    mentions = Mentions()
    added(mentions, 8, "Bob")
    added(mentions, 9, "carol")
    left = Presence(0, ("lobby",), Change.LEFT, "dan", 5, "bob is here")
    events: list[Shown] = [line("bob and Carol"), line("nobody"), line("BOB!"), left]
    assert mentions.find(events) == {8: [0, 2], 9: [0]}  # a reason names no member


def test_a_voice_that_marks_none_is_not_looked_for() -> None:
    mentions = Mentions()
    added(mentions, 8, "bob", are_marked=False)
    assert mentions.find([line("bob")]) == {}


def test_who_is_called_otherwise_is_found_by_the_new_nick_alone() -> None:
    mentions = Mentions()
    member = added(mentions, 8, "bob")
    member.set_nick("rob")
    mentions.note(member, are_marked=True)
    assert mentions.find([line("bob")]) == {}
    assert mentions.find([line("rob")]) == {8: [0]}


def test_a_nick_that_another_has_taken_since_stays_theirs() -> None:
    mentions = Mentions()
    first = added(mentions, 8, "bob")
    added(mentions, 9, "bob")
    mentions.note(first, are_marked=False)
    assert mentions.find([line("bob")]) == {9: [0]}


def test_a_line_that_names_too_many_names_nobody() -> None:
    mentions = Mentions()
    nicks = [f"n{number}" for number in range(MENTIONS_PER_LINE + 1)]
    for number, nick in enumerate(nicks):
        added(mentions, number, nick)
    assert mentions.find([line(" ".join(nicks))]) == {}
    assert len(mentions.find([line(" ".join(nicks[1:]))])) == MENTIONS_PER_LINE


@given(UNKNOWN_KINDS)
def test_nobody_is_named_by_what_is_shown_to_nobody(kind: int) -> None:
    mentions = Mentions()
    added(mentions, 8, "bob")
    assert mentions.find([line("bob!", kind)]) == {}
