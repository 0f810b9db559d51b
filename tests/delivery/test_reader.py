"""A reader: what is sent to one person alone, and what follows when they do not take it."""

from __future__ import annotations

from chatproto.delivery.reader import Reader
from chatproto.language import _
from chatproto.valve import PauseReason, Valve
from chatproto.voices.line import LineVoice
from fakes import MemoryProducer, MemoryWire


class Source:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self, reader: Reader) -> None:
        self.told.append("stop")

    def catch_up(self, reader: Reader) -> None:
        self.told.append("go on")


def made(voice: LineVoice | None = None) -> tuple[Reader, MemoryWire, list[str]]:
    wire, flow = MemoryWire(), list[str]()
    valve = Valve(MemoryProducer(lambda: flow.append("shut"), lambda: flow.append("open")))
    return Reader(wire, voice or LineVoice("en"), valve), wire, flow


def test_what_is_taken_whole_changes_nothing() -> None:
    reader, wire, flow = made()
    reader.source = source = Source()
    reader.send(b"hello\n")
    assert wire.read() == "hello\n"
    assert not flow
    assert not source.told


def test_nothing_is_not_sent() -> None:
    reader, wire, _flow = made()
    reader.send(b"")
    assert wire.given == []


def test_several_sentences_are_one_send_in_one_frame() -> None:
    reader, wire, _flow = made(LineVoice("en", b"\r\n", wipes=True))
    reader.tell(_("one"), _("two"))
    assert wire.given == [b"\r\x1b[K-- one\r\n-- two\r\n"]


def test_who_does_not_read_is_not_read_from() -> None:
    reader, wire, flow = made()
    reader.source = source = Source()
    wire.window = 2
    reader.send(b"hello\n")
    assert flow == ["shut"]
    assert source.told == ["stop"]


def test_who_reads_again_is_read_on_for() -> None:
    reader, wire, _flow = made()
    reader.source = source = Source()
    wire.window = 0
    reader.send(b"hello\n")
    wire.drain()
    assert source.told == ["stop", "go on"]


def test_who_has_no_name_yet_is_read_from_again_when_they_read() -> None:
    reader, wire, flow = made()
    wire.window = 0
    reader.send(b"Your name: ")
    wire.drain()
    assert flow == ["shut", "open"]


def test_other_reasons_not_to_read_stay() -> None:
    reader, wire, flow = made()
    reader.valve.shut(PauseReason.PACE)
    wire.window = 0
    reader.send(b"Your name: ")
    wire.drain()
    assert flow == ["shut"]
