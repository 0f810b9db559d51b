"""The line voice: one event, one line of text, for telnet, nc and programs.

    alice: hello               what somebody says in the room you look at
    #garden alice: hello       ... in another one
    * alice waves              what somebody does
    [alice -> you] hello       what somebody says to you alone
    -- bob joined              everything that nobody said

No nick begins with `*`, `[`, `#` or `-`, so nobody can say a line that reads like another kind.
Must not know sockets, or who is reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Final

from chatproto.core.events import Change, Event, Kind, Presence
from chatproto.language import Sentence, _, language, listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Happened

# Back to the start of the line and wipe it: what somebody was typing makes room for what comes.
# Their terminal still holds it, and Enter sends it whole.
WIPE: Final = b"\r\x1b[K"


@dataclass(frozen=True, slots=True)
class LineVoice:
    """One way of reading lines.

    language   its code
    end        the end of a line: CR LF for telnet (RFC 854), LF for programs
    wipes      whether the line being typed is wiped before anything is shown
    stamps     whether each line begins with its time
    """

    language: str
    end: bytes = b"\n"
    wipes: bool = False
    stamps: bool = False

    def render(self, events: Iterable[Happened], looking: str, number: int = 0) -> list[bytes]:
        """Give a line for each event, read by somebody who looks at the room `looking`.

        `number` is the member who reads, where that makes a difference: in private lines.
        """
        end = self.end.decode()
        if self.stamps:
            return [
                f"{_clock_time(event.time)} {self._line(event, looking, number)}{end}".encode()
                for event in events
            ]
        return [f"{self._line(event, looking, number)}{end}".encode() for event in events]

    def frame(self, lines: bytes) -> bytes:
        """Give the bytes that bring these lines to the screen."""
        return WIPE + lines if self.wipes and lines else lines

    def notice(self, sentence: Sentence) -> bytes:
        """Give the line (or lines) for something that nobody said."""
        text = language(self.language).read(sentence)
        return b"".join(b"-- " + line.encode() + self.end for line in text.split("\n"))

    def past(
        self, event: Event, now: float, looking: str, number: int = 0, *, numbered: bool
    ) -> bytes:
        """Give the line for something out of the history: with its time, and its number if wanted."""
        seq = f"#{event.seq} " if numbered else ""
        line = self._line(event, looking, number)
        return f"{seq}{_past_time(event.time, now)} {line}".encode() + self.end

    def _line(self, event: Happened, looking: str, number: int) -> str:
        where = "" if event.room == looking else f"#{event.room} "
        if isinstance(event, Presence):
            return f"{where}-- {self._read(_presence(event))}"
        if event.kind == Kind.SAID:
            return f"{where}{event.author}: {event.text}"
        if event.kind == Kind.DID:
            return f"{where}* {event.author} {event.text}"
        if event.kind == Kind.PRIVATE:
            return f"[{self._read(_private(event, number))}] {event.text}"
        return f"{where}-- {self._read(_topic(event))}"

    def _read(self, sentence: Sentence) -> str:
        return language(self.language).read(sentence)


def _private(event: Event, number: int) -> Sentence:
    if event.origin == number:
        return _("you -> {nick}", nick=event.to)
    return _("{nick} -> you", nick=event.author)


def _topic(event: Event) -> Sentence:
    if event.text:
        return _("{nick} sets the topic: {topic}", nick=event.author, topic=event.text)
    return _("{nick} takes the topic away", nick=event.author)


def _presence(presence: Presence) -> Sentence:
    if presence.change is Change.RENAMED:
        return _("{old} is now {new}", old=presence.names[0], new=presence.names[1])
    if presence.crowd > 1:
        return _crowd(presence)
    nick = presence.names[0]
    if presence.change is Change.JOINED:
        return _("{nick} joined", nick=nick)
    if presence.change is Change.LOST:
        return _("{nick} left: the connection broke", nick=nick)
    if presence.text:
        return _("{nick} left: {reason}", nick=nick, reason=presence.text)
    return _("{nick} left", nick=nick)


def _crowd(presence: Presence) -> Sentence:
    names = listing(presence.names, presence.crowd)
    if presence.change is Change.JOINED:
        return _("{names} joined together", names=names)
    return _("{names} left together", names=names)


@cache
def _local() -> tzinfo:
    """Give the server's own time zone, asked for once."""
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _clock_time(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, _local()):%H:%M}"


def _past_time(time: int, now: float) -> str:
    """Give the time of day for today, with the date before it for any other day."""
    then = datetime.fromtimestamp(time / 1000, _local())
    today = datetime.fromtimestamp(now, _local()).date()
    return f"{then:%H:%M}" if then.date() == today else f"{then:%Y-%m-%d %H:%M}"
