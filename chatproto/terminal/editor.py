"""A line editor without I/O: bytes from a terminal in, bytes for it and finished lines out.

Must not know sockets, the reactor, the clock, telnet, SSH, commands or members.

    for event in editor.receive(data):
        match event:
            case Output(data): wire.write(data)
            case Submitted(text): session.take(text)
            ...

Here the keys that wait go one by one to the mode that is open, and what they bring about goes to the
screen or comes out as an event, in that order.

Source: the readline manual, 8.4, for what each key does. Against readline: Enter takes the typed
line off the screen, because it comes back from the room, above the prompt, as all members see it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from chatproto.terminal.completion import Words
from chatproto.terminal.composing import Composing
from chatproto.terminal.events import Cleared, Event, Left, Output, Submitted
from chatproto.terminal.keys import Key, spelt
from chatproto.terminal.modes import Closed, Effect, Mode, Next, Noticed, Opened, Refused
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.question import Question
from chatproto.terminal.screen import Screen
from chatproto.terminal.waiting import WaitingKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproto.terminal.completion import Completer

STROKES_AT_ONCE: Final = 256
"""Keys looked at in one turn: faster than any typist, and for the costliest some 5 ms."""

CLUSTERS_TO_A_STROKE: Final = 32
"""So much of a line costs as much as another key: ^Y and ^U in turn lay out all of it each time."""

PASTES_MARKED: Final = b"\x1b[?2004h"  # bracketed paste; a terminal without it ignores this
PASTES_PLAIN: Final = b"\x1b[?2004l"
BELL: Final = b"\a"


class Editor:
    """One terminal: the keys that wait, the mode they go to, and the screen."""

    def __init__(
        self,
        prompt: str,
        columns: int = 80,
        rows: int = 24,
        *,
        completer: Completer | None = None,
        phrases: Phrases | None = None,
        reflows: bool = False,
    ) -> None:
        self._waiting = WaitingKeys()
        self._composing = Composing(prompt, completer or Words(), phrases or Phrases())
        self._mode: Mode = self._composing
        self._screen = Screen(columns, rows, reflows=reflows)
        self._output: list[bytes] = []
        self._rung = False
        self._happened: deque[Event] = deque()

    @property
    def prompt(self) -> str:
        """Return what stands before the line; it may hold colours (SGR) and no other sequence."""
        return self._composing.prompt

    @property
    def masked(self) -> bool:
        """Return whether a password is being typed: nothing of it is shown, remembered or completed."""
        return self._composing.masked

    @property
    def text(self) -> str:
        """Return what has been typed and not sent."""
        return self._composing.line.text

    @property
    def resting(self) -> bytes | None:
        """Return the prompt as drawn if that is all there is, else None.

        All editors with the same answer can be sent the same `screen.above(lines, answer)`.
        """
        return self._screen.resting if self._mode is self._composing else None

    @property
    def waiting(self) -> bool:
        """Return whether keys are left: go on with `receive(b"")` in another turn, and read no more before."""
        return bool(self._happened or self._waiting)

    @property
    def is_pasting(self) -> bool:
        """Return whether a paste was begun, by its mark, that has not ended."""
        return self._waiting.is_pasting

    @property
    def asked(self) -> int:
        """Return how many lines of a paste are sent if the open question is answered with yes."""
        return self._mode.count if isinstance(self._mode, Question) else 0

    def receive(self, data: bytes) -> Iterator[Event]:
        """Take what the terminal sent; return what is to be written and done, in that order.

        The keys are looked at one by one as the events are asked for. So what is done between two
        events, such as asking for a password, holds for all that was typed after the first. Not
        more than STROKES_AT_ONCE are: see `waiting`. If the events are not asked for, the keys wait.
        """
        self._rung |= not self._waiting.receive(data)
        return self._events()

    def take_unread(self) -> bytes:
        """Remove what the terminal sent and no event has told of; return it without keys that only edit."""
        submitted = [event.text for event in self._happened if isinstance(event, Submitted)]
        self._happened.clear()
        lines = b"".join(text.encode() + spelt(Key.ENTER) for text in submitted)
        return lines + self._waiting.take_bytes()

    # What changes the screen without a key: each returns the bytes to be written.

    def start(self) -> bytes:
        """Return what draws the prompt, at the start of a row, and asks for pastes to be marked."""
        self._shown()
        return PASTES_MARKED + self._screen.redraw()

    def stop(self) -> bytes:
        """Return what takes the prompt away and leaves the terminal as it was."""
        return self._screen.erase() + PASTES_PLAIN

    def above(self, lines: bytes) -> bytes:
        """Return what shows lines, each ended with CR LF, above the prompt; the rest comes back as it was."""
        return self._screen.above(lines)

    def clear(self) -> bytes:
        """Return what empties the screen but for the prompt and the line."""
        return self._screen.clear()

    def resize(self, columns: int, rows: int) -> bytes:
        """Return what draws the prompt and the line for another size."""
        return self._screen.resize(columns, rows)

    def set_prompt(self, prompt: str, *, masked: bool = False) -> bytes:
        """Change the prompt; return what draws it.

        A password's letters, and what was killed of it, go with its mask.
        """
        if masked != self.masked:
            self._composing.mask(masked=masked)
            self._compose()
        self._composing.prompt = prompt
        return self._shown()

    # From keys to events.

    def _events(self) -> Iterator[Event]:
        if self._happened:
            yield from self._flush()
        self._waiting.read_on()
        left = STROKES_AT_ONCE
        while left > 0 and (stroke := self._waiting.next()):
            for effect in self._mode.press(stroke):
                self._take(effect)
            left -= 1 + len(self._composing.line.clusters) // CLUSTERS_TO_A_STROKE
            if self._happened:
                yield from self._flush()
        yield from self._flush()

    def _take(self, effect: Effect) -> None:
        match effect:
            case Submitted() | Left():
                self._happened.append(effect)
            case Refused():
                self._rung = True
            case Noticed(text):
                self._output += self._shown(), self._screen.above(text.encode() + b"\r\n")
            case Next(strokes):
                self._waiting.put_first(strokes)
            case Opened(mode):
                self._mode = mode
            case Closed(unknown):
                self._compose()
                for ours in self._composing.press(unknown) if unknown else ():
                    self._take(ours)
            case Cleared():
                self._shown()
                self._output = [self._screen.clear()]
                self._happened.append(effect)

    def _compose(self) -> None:
        self._mode = self._composing
        self._composing.line.changed = 0  # another mode was shown: all of it has to be drawn

    def _shown(self) -> bytes:
        """Return the bytes that bring the screen up to date."""
        return self._screen.show(*self._mode.view())

    def _flush(self) -> Iterator[Event]:
        self._output.append(self._shown())
        output = b"".join(self._output) + (BELL if self._rung else b"")
        self._output, self._rung = [], False
        if output:
            yield Output(output)
        while self._happened:
            yield self._happened.popleft()
