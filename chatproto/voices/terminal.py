"""The terminal voice: the words of the line voice in colours and rows, above a prompt.

Must not know sockets, readers or members.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from chatproto.core import names
from chatproto.core.events import ADDRESSED, DID, PRIVATE, SAID, Event, Presence
from chatproto.core.preferences import SERVER_ZONE, past_time, stamp
from chatproto.language import language
from chatproto.terminal import above
from chatproto.voices import sentences
from chatproto.voices.mentions import marked, mentions
from chatproto.voices.themes import THEMES, Theme, painted
from chatproto.voices.wrap import width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Ids
    from chatproto.language import Sentence
    from chatproto.voices.voice import Crowd, Shown

BELL: Final = "\a"
PROMPT: Final = "> "
END: Final = "\r\n"
BOUNDLESS: Final = 1 << 20  # columns: no line is as long
INDENT_MOST: Final = 24  # cells: after a longer nick than that, the rows would be too short


@dataclass(frozen=True, slots=True)
class TerminalVoice:
    """One way of reading on a terminal.

    language   its code
    columns    of the screen
    prompt     what stands below it all while nothing is typed, as it is drawn
    time, zone, theme, bell   as in Preferences
    """

    language: str
    columns: int = 80
    prompt: bytes = PROMPT.encode()
    theme: str = "none"
    time: str = "off"
    zone: str = SERVER_ZONE
    bell: str = "on"
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    own_lines: ClassVar[bool] = True  # Enter took them off the screen: they come back from the room
    marks_mentions: ClassVar[bool] = True  # a mention is marked
    gathers: ClassVar[bool] = True  # a crowd is one line

    def __post_init__(self) -> None:
        """Make the hash, which is asked for several times with every line."""
        made = hash(
            (self.language, self.columns, self.prompt, self.theme, self.time, self.zone, self.bell)
        )
        object.__setattr__(self, "_hash", made)

    def __hash__(self) -> int:
        """Return the same for equal voices."""
        return self._hash

    @property
    def wide(self) -> TerminalVoice:
        """Return the voice of a screen so wide that nothing wraps: one for all sizes of screen."""
        return _wide(self)

    def width(self, events: Iterable[Shown], current: str) -> int:
        """Return the columns that the longest of these events takes when it is not wrapped."""
        return max(
            (width("".join(self._line(event, current, ())[:2])) for event in events), default=0
        )

    def render(
        self, events: Iterable[Shown], current: str, ids: Ids = (), nick: str = ""
    ) -> list[bytes]:
        """Return the rows of each event, for a reader whose current room is `current`.

        `ids` is the reader's, where that makes a difference: in private lines; so is `nick`, when it is
        mentioned.
        """
        return [self._event(event, current, ids, nick) for event in events]

    def frame(self, lines: bytes) -> bytes:
        """Return the bytes that bring these rows above an empty prompt."""
        return above(lines, self.prompt) if lines else lines

    def notice(self, sentence: Sentence) -> bytes:
        """Return the rows for a sentence of the server's."""
        colour = self._theme.notice
        rows = (
            self._encoded(self._rows(painted(f"-- {line}", colour), 3))
            for line in self._read(sentence).split("\n")
        )
        return b"".join(rows)

    def typed(self, text: str) -> bytes:
        """Return the rows that keep a command on the screen, as it was typed."""
        rows = self._rows(painted(f"{PROMPT}{text}", self._theme.typed), len(PROMPT))
        return self._encoded(rows)

    def past(
        self, event: Event, now: float, current: str, ids: Ids = (), *, numbered: bool
    ) -> bytes:
        """Return the rows for an event of the past, with its time, and its number if `numbered`."""
        seq = f"#{event.seq} " if numbered else ""
        when = painted(f"{seq}{past_time(event.time, now, self.zone)} ", self._theme.time)
        head, text, indent = self._parts(event, current, ids)
        if not (head or text):
            return b""
        return self._encoded(self._rows(when + head + text, indent + width(when)))

    # -- one event ------------------------------------------------------------------------------

    def _event(self, event: Shown, current: str, ids: Ids, nick: str) -> bytes:
        head, text, indent = self._line(event, current, ids)
        if not (head or text):
            return b""
        rows = self._rows(head + text, indent)
        is_mentioned = isinstance(event, Event) and event.origin not in ids and mentions(text, nick)
        if is_mentioned:
            rows = marked(rows, len(head), nick, self._theme.mention)
        rings = self.bell == "all" or (
            self.bell == "on" and (is_mentioned or _is_private(event, ids))
        )
        return self._encoded(rows) + BELL.encode() if rings else self._encoded(rows)

    def _line(self, event: Shown, current: str, ids: Ids) -> tuple[str, str, int]:
        """Return what `_parts` does, with the time before it."""
        head, text, indent = self._parts(event, current, ids)
        if self.time == "off" or not (head or text):
            return head, text, indent
        when = painted(f"{stamp(event.time, self.time, self.zone)} ", self._theme.time)
        return when + head, text, indent + width(when)

    def _parts(self, event: Shown, current: str, ids: Ids) -> tuple[str, str, int]:
        """Return the head and the text of a line, in colours, and how far its later rows are indented.

        Nothing of it for an event that there are no words for.
        """
        theme = self._theme
        if not isinstance(event, Event):
            return self._told(event, current)
        where = self._where(event.room, current)
        if event.kind == PRIVATE:
            head = painted(f"[{self._read(sentences.private(event, ids))}]", theme.private) + " "
        elif event.kind == DID:
            head = f"{where}* {self._nick(event.author)} "
        elif event.kind == SAID:
            head = f"{where}{self._nick(event.author)}: "
        elif announced := sentences.announced(event):
            return where, painted(f"-- {self._read(announced)}", theme.notice), 3
        else:
            return "", "", 0
        return head, event.text, width(head)

    def _told(self, told: Presence | Crowd, current: str) -> tuple[str, str, int]:
        """Return what `_parts` does, of a crowd; nothing for a single presence."""
        if isinstance(told, Presence) or not (sentence := sentences.crowd(told)):
            return "", "", 0
        text = painted(f"-- {self._read(sentence)}", self._theme.notice)
        return self._where(told.room, current), text, 3

    def _where(self, room: str, current: str) -> str:
        return "" if room == current else painted(f"#{room}", self._theme.room) + " "

    def _nick(self, nick: str) -> str:
        return painted(nick, self._theme.nick(names.key(nick)))

    def _rows(self, line: str, indent: int) -> list[str]:
        return wrap(line, self.columns, min(indent, INDENT_MOST, self.columns // 3))

    def _encoded(self, rows: list[str]) -> bytes:
        return "".join(row + END for row in rows).encode()

    @property
    def _theme(self) -> Theme:
        return THEMES[self.theme]

    def _read(self, sentence: Sentence) -> str:
        return language(self.language).read(sentence)


@lru_cache(maxsize=1024)  # more than there are widths of a screen
def _wide(voice: TerminalVoice) -> TerminalVoice:
    return replace(voice, columns=BOUNDLESS)


def _is_private(event: Shown, ids: Ids) -> bool:
    return isinstance(event, Event) and event.kind in ADDRESSED and event.origin not in ids
