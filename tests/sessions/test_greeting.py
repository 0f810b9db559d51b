"""The greeting: a name is asked for, or the person leaves."""

from __future__ import annotations

import pytest
from coming import come

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.language import _, language
from chatproto.sessions.lines import LEAVING
from fakes import InMemoryServer


def test_people_are_greeted_in_the_language_of_the_house() -> None:
    server = InMemoryServer(language="ru")
    wanted = language("ru").read(_("Your name: "))
    assert server.knock(TelnetProtocol).read().endswith(wanted)
    assert wanted != "Your name: "


def test_who_quits_before_giving_a_name_was_never_here() -> None:
    server = InMemoryServer()
    listener = server.enter(PlainProtocol, "bob")
    peer = come(server, "/quit")
    assert peer.read() == "-- Goodbye.\n"
    server.clock.advance(2)
    assert listener.read() == ""


@pytest.mark.parametrize(
    "word", ["exit", "Quit", "ВЫХОД", " exit ", "/quit", "/Q", "/exit", "/bye", "/quit so long"]
)
def test_a_word_for_leaving_is_no_name_and_leaves_at_once(word: str) -> None:
    server = InMemoryServer()
    peer = server.knock(PlainProtocol)
    peer.read()
    peer.send(word)
    assert peer.read() == "-- Goodbye.\n"
    assert peer.transport.disconnecting
    assert not server.chat.members


@pytest.mark.parametrize("word", sorted(LEAVING))
def test_a_word_for_leaving_is_nobodys_name_later(word: str) -> None:
    alice = InMemoryServer().enter(PlainProtocol, "alice")
    alice.send(f"/nick {word}")
    assert alice.read() == f"-- “{word}” is kept for the server. Choose another name.\n"


@pytest.mark.parametrize("word", ["exits", "/exits", "quit it", "/help"])
def test_other_words_leave_nothing_when_a_name_is_asked_for(word: str) -> None:
    peer = InMemoryServer().knock(PlainProtocol)
    peer.send(word)
    assert not peer.transport.disconnecting
