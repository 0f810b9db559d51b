"""A display: the voice follows from a screen, and from what its reader prefers."""

from __future__ import annotations

import pytest

from chatproto.delivery.reader import Reader
from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.sessions.display import Display
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from chatproto.voices.screen import Screen
from chatproto.voices.terminal import TerminalVoice
from fakes import InMemoryServer, MemoryProducer, MemoryWire, enter

CRLF = Screen(b"\r\n")


@pytest.fixture
def server() -> InMemoryServer:
    return InMemoryServer(language="ru")


@pytest.fixture
def reader() -> Reader:
    return Reader(MemoryWire(), LineVoice("en"), Valve(MemoryProducer()))


@pytest.fixture
def display(server: InMemoryServer, reader: Reader) -> Display:
    return Display(server.context, reader, CRLF)


def test_whoever_prefers_nothing_reads_in_the_language_of_the_house(
    display: Display, reader: Reader
) -> None:
    assert reader.voice == LineVoice("ru", b"\r\n")
    assert display.read(_("Goodbye.")) == "До свидания."


def test_another_preference_is_another_voice_and_the_door_is_told(
    display: Display, reader: Reader
) -> None:
    told: list[Display] = []
    display.on_preferences = lambda: told.append(display)
    display.set_preference("language", "en")
    assert reader.voice == LineVoice("en", b"\r\n")
    assert display.read(_("Goodbye.")) == "Goodbye."
    assert told == [display]


def test_what_cannot_be_preferred_changes_nothing(display: Display, reader: Reader) -> None:
    before = display.preferences, reader.voice
    display.on_preferences = lambda: pytest.fail("nothing has changed")
    with pytest.raises(NotAllowed):
        display.set_preference("language", "klingon")
    assert (display.preferences, reader.voice) == before


def test_another_screen_is_another_voice(display: Display, reader: Reader) -> None:
    display.look_on(Screen(b"\r\n", 100, edits=True))
    assert reader.voice == TerminalVoice("ru", 100, theme="dark")


def test_what_comes_after_is_read_in_the_new_voice(
    server: InMemoryServer, display: Display, reader: Reader
) -> None:
    seat = enter(server.chat, "alice")
    server.delivery.attach(reader, seat)
    server.chat.join(seat, "lobby")
    display.set_preference("time", "HH:MM")
    bob = enter(server.chat, "bob")
    server.chat.join(bob, "lobby")
    server.chat.say(bob, "hello")
    server.clock.turn()
    assert isinstance(reader.wire, MemoryWire)
    assert reader.wire.read().endswith("08:00 bob: hello\r\n")
