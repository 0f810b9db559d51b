"""The terminal voice: the words of the line voice in colours and rows, above a prompt.

Must not know sockets, or who is reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from chatproto.core import names
from chatproto.core.events import Kind, Presence
from chatproto.core.limits import MENTIONS_MARKED
from chatproto.core.preferences import SERVER_ZONE, past_time, stamp
from chatproto.language import language
from chatproto.terminal import above
from chatproto.voices import sentences
from chatproto.voices.themes import THEMES, Theme, painted
from chatproto.voices.wrap import width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Event, Happened
    from chatproto.language import Sentence

BELL: Final = "\a"
PROMPT: Final = "> "
END: Final = "\r\n"
INDENT_MOST: Final = 24  # cells: behind a longer nick than that, the rows would be too short


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

    own_lines: ClassVar[bool] = True  # Enter took them off the screen: they come as to everybody
    calls: ClassVar[bool] = True  # a mention is marked

    def render(
        self, events: Iterable[Happened], looking: str, number: int = 0, called: str = ""
    ) -> list[bytes]:
        """Give the rows of each event, for somebody who looks at the room `looking`.

        `number` is the member who reads, where that makes a difference: in private lines; `called`
        is their nick when it is mentioned.
        """
        return [self._event(event, looking, number, called) for event in events]

    def frame(self, lines: bytes) -> bytes:
        """Give the bytes that bring these rows above an empty prompt."""
        return above(lines, self.prompt) if lines else lines

    def notice(self, sentence: Sentence) -> bytes:
        """Give the rows for something that nobody said."""
        colour = self._theme.notice
        rows = (
            self._rows("", painted(f"-- {line}", colour), 3)
            for line in self._read(sentence).split("\n")
        )
        return b"".join(rows)

    def typed(self, text: str) -> bytes:
        """Give the rows that keep a command on the screen, as it was typed."""
        return self._rows("", painted(f"{PROMPT}{text}", self._theme.typed), len(PROMPT))

    def past(
        self, event: Event, now: float, looking: str, number: int = 0, *, numbered: bool
    ) -> bytes:
        """Give the rows for something out of the history, with its time, and its number if wanted."""
        seq = f"#{event.seq} " if numbered else ""
        when = painted(f"{seq}{past_time(event.time, now, self.zone)} ", self._theme.time)
        return self._rows(when, *self._parts(event, looking, number, ""))

    # -- one event ------------------------------------------------------------------------------

    def _event(self, event: Happened, looking: str, number: int, called: str) -> bytes:
        when = ""
        if self.time != "off":
            when = painted(f"{stamp(event.time, self.time, self.zone)} ", self._theme.time)
        rows = self._rows(when, *self._parts(event, looking, number, called))
        rings = self.bell == "all" or (
            self.bell == "on" and self._is_addressed(event, number, called)
        )
        return rows + BELL.encode() if rings else rows

    def _is_addressed(self, event: Happened, number: int, called: str) -> bool:
        if isinstance(event, Presence) or event.origin == number:
            return False
        return event.kind == Kind.PRIVATE or _mentions(event.text, called)

    def _parts(self, event: Happened, looking: str, number: int, called: str) -> tuple[str, int]:
        """Give a line in colours, and how far its later rows are indented."""
        theme = self._theme
        where = "" if event.room == looking else painted(f"#{event.room}", theme.room) + " "
        if isinstance(event, Presence):
            return where + painted(f"-- {self._read(sentences.presence(event))}", theme.notice), 3
        if event.kind == Kind.TOPIC:
            return where + painted(f"-- {self._read(sentences.topic(event))}", theme.notice), 3
        text = _marked(event.text, called if event.origin != number else "", theme)
        if event.kind == Kind.PRIVATE:
            head = painted(f"[{self._read(sentences.private(event, number))}]", theme.private) + " "
        elif event.kind == Kind.DID:
            head = f"{where}* {self._nick(event.author)} "
        else:
            head = f"{where}{self._nick(event.author)}: "
        return head + text, width(head)

    def _nick(self, nick: str) -> str:
        return painted(nick, self._theme.nick(names.key(nick)))

    def _rows(self, when: str, line: str, indent: int) -> bytes:
        indent = min(indent + width(when), INDENT_MOST, self.columns // 3)
        return "".join(row + END for row in wrap(when + line, self.columns, indent)).encode()

    @property
    def _theme(self) -> Theme:
        return THEMES[self.theme]

    def _read(self, sentence: Sentence) -> str:
        return language(self.language).read(sentence)


def _mentions(text: str, called: str) -> bool:
    return bool(called) and _calls(called).search(text) is not None


def _marked(text: str, called: str, theme: Theme) -> str:
    """Mark one's own name in what somebody says."""
    if not called or not theme.mention:
        return text
    return _calls(called).sub(
        lambda found: painted(found[0], theme.mention), text, count=MENTIONS_MARKED
    )


def _calls(called: str) -> re.Pattern[str]:
    """Find a nick as a word of its own, in any case."""
    return re.compile(rf"(?<![\w.-]){re.escape(called)}(?![\w-])", re.IGNORECASE)
