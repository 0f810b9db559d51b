"""A channel in the shape of a transport, and the wire that writes to it."""

from __future__ import annotations

import pytest

from chatproto.doors.ssh.stream import Stream
from chatproto.limits import STALL_SECONDS
from chatproto.wire import StreamWire, wire
from fakes import Clock


class Channel:
    """A channel without a connection: the client takes `window` bytes."""

    def __init__(self) -> None:
        self.window = 10
        self.sent = self.buf = b""
        self.is_paused = self.is_closing = self.is_cut = False

    @property
    def is_choked(self) -> bool:
        return bool(self.buf)

    def write(self, data: bytes) -> None:
        self.buf += data
        self.sent += self.buf[: self.window]
        taken = min(self.window, len(self.buf))
        self.buf, self.window = self.buf[taken:], self.window - taken

    def take(self, stream: Stream, window: int) -> None:
        self.window += window
        self.write(b"")
        stream.look()

    def read_on(self) -> None:
        self.is_paused = False

    def loseConnection(self) -> None:
        self.is_closing = True

    def abort(self) -> None:
        self.is_cut = True


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def stream(channel: Channel) -> Stream:
    return Stream(channel, None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(stream: Stream, clock: Clock) -> StreamWire:
    line = wire(stream, clock)
    assert isinstance(line, StreamWire)
    return line


def test_a_wire_is_ready_until_the_window_is_full(
    channel: Channel, stream: Stream, line: StreamWire, clock: Clock
) -> None:
    called: list[bool] = []
    line.on_ready = lambda: called.append(line.is_ready)
    assert line.send(b"0123456789")
    assert not line.send(b"abc")
    channel.take(stream, 2)
    assert not called
    channel.take(stream, 2)
    assert called == [True]
    assert channel.sent == b"0123456789abc"
    assert not clock.calls


def test_a_client_that_takes_nothing_is_cut_off(
    channel: Channel, line: StreamWire, clock: Clock
) -> None:
    line.send(b"x" * 11)
    clock.advance(STALL_SECONDS + 1)
    assert channel.is_cut


def test_a_producer_on_a_full_channel_is_paused_at_once(
    channel: Channel, stream: Stream, clock: Clock
) -> None:
    stream.write(b"x" * 11)
    assert not wire(stream, clock).is_ready
    channel.take(stream, 1)


def test_pausing_withholds_the_window(channel: Channel, stream: Stream) -> None:
    stream.pauseProducing()
    assert channel.is_paused
    stream.resumeProducing()
    assert not channel.is_paused


def test_closing_closes_the_channel(channel: Channel, stream: Stream) -> None:
    stream.loseConnection()
    assert channel.is_closing


def test_a_stream_that_has_ended_holds_no_channel(channel: Channel, stream: Stream) -> None:
    stream.end()
    stream.write(b"late")
    stream.loseConnection()
    assert channel.sent == b""
    assert not channel.is_closing
