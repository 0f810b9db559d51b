"""An event of a kind that this version does not know has its number, and nothing else is done with it.

A presence that tells of a change it does not know is nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from raw_voice import RawVoice

from asking import ask
from chatproto.core.events import Draft, Presence
from chatproto.core.rooms import FIRST_ROOM
from chatproto.doors.plain import PlainProtocol
from chatproto.voices.line import LineVoice
from chatproto.voices.terminal import TerminalVoice
from chatproto.voices.voice import Crowd
from fakes import InMemoryServer
from unknown import UNKNOWN_CHANGES, UNKNOWN_KINDS, VOICES

if TYPE_CHECKING:
    from chatproto.core.rooms import Member
    from chatproto.voices.voice import Voice
    from fakes import Peer


class Meeting:
    """Alice, who reads in some way, and bob, in one room."""

    def __init__(self, voice: Voice) -> None:
        self.server = InMemoryServer()
        self.peers = {nick: self.server.enter(PlainProtocol, nick) for nick in ("alice", "bob")}
        self.read()
        reader = self.peers["alice"].door.session.reader  # type: ignore[union-attr]
        reader.voice = voice
        self.server.delivery.refresh(self.member("alice"))

    def member(self, nick: str) -> Member:
        return self.server.chat.members.nicks.find(nick)

    def read(self) -> dict[str, str]:
        self.server.clock.advance(3)
        self.server.clock.turn()
        return {nick: peer.read() for nick, peer in self.peers.items()}

    def happen(self, kind: int, room: str = FIRST_ROOM, origin: int = 99) -> None:
        """Let something of that kind happen, which names alice and goes to her."""
        target = self.member("alice").id
        self.server.order.append(
            Draft(5, kind, room, "bob", origin, "alice", target, "alice apple")
        )
        self.server.clock.turn()

    def ask(self, command: str) -> str:
        peer: Peer = self.peers["alice"]
        peer.send(command)
        self.server.clock.turn(9)
        return peer.read()


@given(st.sampled_from(VOICES), UNKNOWN_KINDS)
def test_nobody_reads_it_as_it_happens_or_later(voice: Voice, kind: int) -> None:
    meeting = Meeting(voice)
    bob = meeting.member("bob")
    before = {command: meeting.ask(command) for command in ("/history", "/search apple")}
    for origin in (99, bob.id, meeting.member("alice").id):
        for room in (FIRST_ROOM, "garden", ""):
            meeting.happen(kind, room, origin)
    assert meeting.read() == {"alice": "", "bob": ""}
    assert {command: meeting.ask(command) for command in before} == before
    meeting.peers["bob"].send("hello")
    assert "hello" in meeting.read()["alice"]


@given(UNKNOWN_KINDS)
def test_it_is_remembered_in_no_room_and_counted_nowhere(kind: int) -> None:
    meeting = Meeting(VOICES[0])
    alice, chat = meeting.member("alice"), meeting.server.chat
    meeting.ask("/away")
    for room in (FIRST_ROOM, "garden", ""):
        meeting.happen(kind, room)
    assert alice.away
    assert alice.away.missed(alice.lines) == ({}, 0, 0, 0)
    assert set(chat.rooms) == {FIRST_ROOM}
    assert not chat.rooms[FIRST_ROOM].recent
    assert (chat.head, alice.last_sender) == (3, 0)


def test_a_whole_page_of_them_hides_nothing_that_was_said_before() -> None:
    meeting = Meeting(VOICES[0])
    meeting.peers["bob"].send("hello")
    for _ in range(50):
        meeting.happen(77)
    meeting.read()
    assert any(line.endswith("bob: hello") for line in ask(meeting.peers["alice"], "/history 1"))


def test_every_voice_of_ours_is_tried() -> None:
    assert {LineVoice, TerminalVoice} <= {type(voice) for voice in VOICES}
    assert len({*VOICES}) == len(VOICES)


@given(st.sampled_from([*VOICES, RawVoice()]), UNKNOWN_CHANGES)
def test_a_change_that_is_not_known_reads_as_nothing(voice: Voice, change: Any) -> None:
    one = Crowd(5, FIRST_ROOM, change, ("bob", "rob"), 1, 2, "tea", 7)
    crowds = [one, one._replace(size=2), one._replace(size=90), one._replace(text="")]
    presence = Presence(5, (FIRST_ROOM,), change, "bob", 2, "tea", "rob", (7,))
    assert voice.render([*crowds, presence], "pub", (1,), "bob") == [b""] * 5
