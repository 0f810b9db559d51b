"""A name that others have a say in: what is sent before the answer waits, and nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import succeed

from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.errors import Taken
from chatproto.language import Sentence, _
from chatproto.limits import LOGIN_SECONDS
from fakes import InMemoryServer, LateClaims, SocketPeer

if TYPE_CHECKING:
    from twisted.python.failure import Failure

NOT_YOURS = Taken(Sentence("“anna” has a password."))


class Hall(InMemoryServer):
    """A server on which others have a say in nicks, and a reader."""

    def __init__(self) -> None:
        self.claims = LateClaims()
        super().__init__(claims=self.claims)
        self.reader = self.dial(PlainProtocol)
        self.reader.send("reader")
        self.claims.answer()
        self.reader.turn()
        self.reader.read()

    def knock_as(
        self, lines: str, door: type[PlainProtocol | TelnetProtocol] = PlainProtocol
    ) -> SocketPeer:
        peer = self.dial(door)
        peer.read()
        peer.send(lines.encode())
        return peer

    def heard(self) -> list[str]:
        """Return what was said to the reader, without what is told of coming and going."""
        self.clock.advance(2)
        self.reader.turn()
        lines = self.reader.read().splitlines()
        return [line for line in lines if not line.startswith("--")]


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.mark.parametrize("door", [PlainProtocol, TelnetProtocol])
def test_lines_wait_for_the_answer(hall: Hall, door: type[PlainProtocol | TelnetProtocol]) -> None:
    peer = hall.knock_as("anna\r\nhello\r\nthere\r\n", door)
    assert not peer.is_read_from
    assert hall.heard() == []
    hall.claims.answer()
    peer.turn()
    assert peer.is_read_from
    assert hall.heard() == ["anna: hello", "anna: there"]


def test_so_does_what_was_said_with_the_name(hall: Hall) -> None:
    peer = hall.knock_as("anna: hello\nanna: again\n")
    hall.claims.answer()
    peer.turn()
    assert hall.heard() == ["anna: hello", "anna: again"]


def test_what_is_sent_after_a_refusal_is_the_next_name(hall: Hall) -> None:
    peer = hall.knock_as("anna\nbob\n")
    hall.claims.answer(NOT_YOURS)
    peer.turn()
    assert peer.read() == "-- “anna” has a password.\nYour name: "
    assert [nick for nick, _asked in hall.claims.asked] == ["bob"]
    hall.claims.answer()
    peer.turn()
    assert "-- You are bob. " in peer.read()


def test_what_was_sent_before_the_peer_was_gone_is_said(hall: Hall) -> None:
    peer = hall.knock_as("anna\nhello\n")
    peer.hang_up()
    hall.claims.answer()
    hall.clock.turn()
    assert hall.heard() == ["anna: hello"]
    assert "anna" not in [member.nick for member in hall.chat.members.values()]


def test_a_peer_that_is_gone_and_refused_leaves_nothing(hall: Hall) -> None:
    peer = hall.knock_as("anna\nhello\n")
    peer.hang_up()
    hall.claims.answer(NOT_YOURS)
    hall.clock.advance(200)
    hall.clock.turn()
    assert len(hall.context.sessions) == 1
    assert hall.heard() == []


def test_an_answer_that_never_comes_is_awaited_no_longer_than_a_name(hall: Hall) -> None:
    peer = hall.knock_as("anna\nhello\n")
    hall.clock.advance(LOGIN_SECONDS + 1)
    peer.turn()
    assert "You took too long to give a name." in peer.read()
    assert not peer.is_connected
    assert hall.chat.members.nicks.rival("anna") is None


def test_an_answer_behind_a_goodbye_lets_nobody_in(hall: Hall) -> None:
    peer = hall.knock_as("anna\nhello\n")
    peer.take(0)
    session = peer.door.session
    assert session
    session.dismiss(_("Goodbye."))
    hall.claims.answer()
    peer.turn()
    assert peer.is_connected
    assert [member.nick for member in hall.chat.members.values()] == ["reader"]


def test_a_server_that_stops_waits_for_no_answer(hall: Hall) -> None:
    peer = hall.knock_as("anna\nhello\n")
    hall.context.say_goodbye()
    peer.turn()
    assert "-- Not sent: 1 line" in peer.read()
    assert not peer.is_connected
    assert hall.chat.members.nicks.rival("anna") is None


def test_a_rename_waits_and_what_is_said_after_it_has_the_new_name(hall: Hall) -> None:
    peer = hall.knock_as("anna\n")
    hall.claims.answer()
    peer.turn()
    peer.read()
    peer.send("before\n/nick annie\nafter")
    hall.clock.turn()
    assert hall.heard() == ["anna: before"]
    hall.claims.answer()
    peer.turn()
    assert peer.read() == "-- You are annie now.\n"
    assert hall.heard() == ["annie: after"]


def test_a_rename_that_is_refused_says_so(hall: Hall) -> None:
    peer = hall.knock_as("bob\n")
    hall.claims.answer()
    peer.turn()
    peer.read()
    peer.send("/nick anna\nafter")
    hall.claims.answer(NOT_YOURS)
    peer.turn()
    assert peer.read() == "-- “anna” has a password.\n"
    assert hall.heard() == ["bob: after"]


def test_a_name_that_waits_behind_another_is_none_once_the_peer_is_given_up(hall: Hall) -> None:
    peer = hall.knock_as("anna\nbob\nhello\n")
    session = peer.door.session
    assert session
    session.gone()
    hall.clock.turn()
    assert not hall.claims.asked[1:]
    assert hall.heard() == []
    assert hall.chat.members.nicks.rival("anna") is None


@pytest.mark.parametrize("late", [False, True])
def test_a_fault_in_letting_a_member_in_ends_their_session_alone(
    hall: Hall, late: bool, monkeypatch: pytest.MonkeyPatch, failures: list[Failure]
) -> None:
    if not late:
        hall.claims.claim = lambda *_asked: succeed(None)  # type: ignore[method-assign]
    monkeypatch.setattr("chatproto.sessions.greeting.welcome", lambda *_: 1 / 0)
    peer = hall.knock_as("anna\n")
    if late:
        hall.claims.answer()
    peer.turn()
    assert "Something went wrong" in peer.read()
    assert not peer.is_connected
    assert len(hall.context.sessions) == 1
    assert [failure.type for failure in failures] == [ZeroDivisionError]
