"""The line voice: one event, one line of text, for telnet, nc and programs.

    alice: hello               what a member says in your current room
    #garden alice: hello       ... in another one
    * alice waves              what a member does
    [alice -> you] hello       what a member says to you alone
    -- bob joined              whatever the server says

No nick begins with `*`, `[`, `#` or `-`, so no member can say a line that reads like another kind.
A voice with other words for the same lines is a subclass with another `line`, and perhaps another `mark`.
Must not know sockets, readers or members.  Source: RFC 854 (the end of a line on telnet).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from chatproto.core.events import DID, PRIVATE, SAID, Event, Presence
from chatproto.core.preferences import SERVER_ZONE, past_time, stamp
from chatproto.language import language
from chatproto.voices import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Ids
    from chatproto.language import Sentence
    from chatproto.voices.voice import Crowd, Shown

# Back to the start of the line and wipe it: a half-typed line makes room for what comes.
# The terminal still holds it, and Enter sends it whole.
WIPE: Final = b"\r\x1b[K"


@dataclass(frozen=True, slots=True)
class LineVoice:
    """One way of reading lines.

    language   its code
    end        the end of a line: CR LF for telnet (RFC 854), LF for programs
    wipes      whether the line being typed is wiped before anything is shown
    mark       what stands before each line of a notice
    time       what stands before each line, and
    zone       in which time zone, as in Preferences
    """

    language: str
    end: bytes = b"\n"
    wipes: bool = False
    time: str = "off"
    zone: str = SERVER_ZONE
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    own_lines: ClassVar[bool] = False  # the terminal has shown them as they were typed
    marks_mentions: ClassVar[bool] = False  # nothing is done about a mention
    gathers: ClassVar[bool] = True  # a crowd is one line
    columns: ClassVar[int] = 0  # a line is a line, however long
    mark: ClassVar[str] = "-- "

    def __post_init__(self) -> None:
        """Make the hash, which is asked for several times with every line."""
        made = hash((self.language, self.end, self.wipes, self.time, self.zone))
        object.__setattr__(self, "_hash", made)

    def __hash__(self) -> int:
        """Return the same for equal voices."""
        return self._hash

    @property
    def wide(self) -> LineVoice:
        """Return itself: nothing wraps."""
        return self

    def width(self, events: Iterable[Shown], current: str) -> int:
        """Return 0: no screen is too narrow."""
        return 0

    def render(
        self,
        events: Iterable[Shown],
        current: str,
        ids: Ids = (),
        nick: str = "",
    ) -> list[bytes]:
        """Return a line for each event, for a reader whose current room is `current`.

        `ids` is the reader's, where that makes a difference: in private lines.
        """
        end = self.end.decode()
        if self.time != "off":
            return [
                f"{stamp(event.time, self.time, self.zone)} {line}{end}".encode()
                if (line := self.line(event, current, ids))
                else b""
                for event in events
            ]
        return [
            f"{line}{end}".encode() if (line := self.line(event, current, ids)) else b""
            for event in events
        ]

    def frame(self, lines: bytes) -> bytes:
        """Return the bytes that bring these lines to the screen."""
        return WIPE + lines if self.wipes and lines else lines

    def notice(self, sentence: Sentence) -> bytes:
        """Return the line (or lines) for a sentence of the server's."""
        lines = self.read(sentence).split("\n")
        return b"".join(f"{self.mark}{line}".encode() + self.end for line in lines)

    def typed(self, _text: str) -> bytes:
        """Return nothing: a command stands on the screen as it was typed."""
        return b""

    def past(
        self, event: Event, now: float, current: str, ids: Ids = (), *, numbered: bool
    ) -> bytes:
        """Return the line for an event of the past: with its time, and its number if `numbered`."""
        seq = f"#{event.seq} " if numbered else ""
        line = self.line(event, current, ids)
        if not line:
            return b""
        return f"{seq}{past_time(event.time, now, self.zone)} {line}".encode() + self.end

    def line(self, event: Shown, current: str, ids: Ids) -> str:
        """Return the line of an event; nothing for one that there are no words for."""
        if not isinstance(event, Event):
            return self._told(event, current)
        where = "" if event.room == current else f"#{event.room} "
        if event.kind == SAID:
            return f"{where}{event.author}: {event.text}"
        if event.kind == DID:
            return f"{where}* {event.author} {event.text}"
        if event.kind == PRIVATE:
            return f"[{self.read(sentences.private(event, ids))}] {event.text}"
        if announced := sentences.announced(event):
            return f"{where}-- {self.read(announced)}"
        return ""

    def _told(self, told: Presence | Crowd, current: str) -> str:
        """Return the line of a crowd; nothing for a single presence."""
        if isinstance(told, Presence) or not (sentence := sentences.crowd(told)):
            return ""
        where = "" if told.room == current else f"#{told.room} "
        return f"{where}-- {self.read(sentence)}"

    def read(self, sentence: Sentence) -> str:
        """Return a sentence in the language of this voice."""
        return language(self.language).read(sentence)
