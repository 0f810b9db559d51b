"""A line editor without I/O: bytes from a terminal in, bytes for it and finished lines out.

Must not know: sockets, the reactor, the clock, telnet, SSH; what a line means; who else is there.

    for event in editor.receive(data):
        match event:
            case Output(data): wire.write(data)
            case Submitted(text): session.take(text)
            ...

Source: the readline manual, 8.4, for what each key does. Against readline: Enter takes the typed
line off the screen, because it comes back from the room, above the prompt, as everybody sees it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final

from chatproto.terminal.bindings import EDITS, KILLS, OPEN_ONLY, TABS
from chatproto.terminal.clusters import printable, segmented
from chatproto.terminal.completion import Cycle, Words
from chatproto.terminal.events import Cleared, Event, Left, Output, Submitted
from chatproto.terminal.history import History
from chatproto.terminal.keys import (
    EDITING,
    PASTE_LIMIT,
    Key,
    Keys,
    Pasted,
    Stroke,
    Typed,
    spelt,
)
from chatproto.terminal.line import LINE_LIMIT, Line
from chatproto.terminal.pasting import Block
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.screen import Screen
from chatproto.terminal.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatproto.terminal.completion import Completer

STROKES_AT_ONCE: Final = 256
"""Keys looked at in one turn: more than anybody types, and for the costliest some 5 ms."""

CLUSTERS_TO_A_STROKE: Final = 32
"""So much of a line costs as much as another key: ^Y and ^U in turn lay out all of it each time."""

BYTES_AT_ONCE: Final = LINE_LIMIT
"""Bytes made into keys at once: a key is a hundred times as large as the byte it was."""

UNREAD_LIMIT: Final = 4 * PASTE_LIMIT
"""Bytes not yet made into keys; whoever reads no more while keys wait has never as many."""

PASTES_MARKED: Final = b"\x1b[?2004h"  # bracketed paste; a terminal without it ignores this
PASTES_PLAIN: Final = b"\x1b[?2004l"
BELL: Final = b"\a"


class Editor:
    """One person's prompt, and the line behind it."""

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
        self.completer: Completer = Words() if completer is None else completer
        self.phrases = phrases or Phrases()
        self._prompt = prompt
        self._masked = False
        self._keys = Keys()
        self._unread = b""  # what came, and has not been made into keys
        self._strokes: deque[Stroke] = deque()  # pressed, and not yet looked at
        self._pasted: Iterator[Stroke] | None = None  # what would type a paste: before those
        self._happened: deque[Event] = deque()
        self._output: list[bytes] = []
        self._rung = False
        self._line = Line()
        self._history = History()
        self._screen = Screen(columns, rows, reflows=reflows)
        self._cycle: Cycle | None = None  # Tab was pressed, and nothing since
        self._search: Search | None = None  # ^R was pressed
        self._block: Block | None = None  # a paste that is asked about

    @property
    def prompt(self) -> str:
        """What stands before the line; it may hold colours (SGR) and nothing else that steers."""
        return self._prompt

    @property
    def masked(self) -> bool:
        """A password is being typed: nothing of it is shown, remembered or completed."""
        return self._masked

    @property
    def text(self) -> str:
        """What has been typed and not sent."""
        return self._line.text

    @property
    def resting(self) -> bytes | None:
        """The prompt as drawn if that is all there is, else None.

        Everyone with the same answer can be sent the same `screen.above(lines, answer)`.
        """
        return None if self._search or self._block else self._screen.resting

    def start(self) -> bytes:
        """Draw the prompt, at the start of a row, and ask for pastes to be marked."""
        self._refreshed()
        return PASTES_MARKED + self._screen.redraw()

    def stop(self) -> bytes:
        """Take the prompt away and leave the terminal as it was."""
        return self._screen.erase() + PASTES_PLAIN

    @property
    def waiting(self) -> bool:
        """Keys are left: go on with `receive(b"")` in another turn, and read no more before."""
        return bool(self._happened or self._pasted or self._strokes or self._unread)

    @property
    def is_pasting(self) -> bool:
        """A paste was begun, by its mark, that has not ended."""
        return self._keys.is_pasting_after(self._unread)

    def receive(self, data: bytes) -> Iterator[Event]:
        """Take what the terminal sent; give what is to be written and done, in that order.

        The keys are looked at one by one as the events are asked for. So what is done between two
        events, such as asking for a password, holds for all that was typed behind the first. Not
        more than STROKES_AT_ONCE are: see `waiting`. If the events are not asked for, the keys wait.
        """
        room = UNREAD_LIMIT - len(self._unread)
        self._rung |= len(data) > room
        self._unread += data[:room]
        return self._events()

    def take_unread(self) -> bytes:
        """Return what the terminal sent and nobody has asked for, but for the keys that only edit."""
        submitted = [event.text for event in self._happened if isinstance(event, Submitted)]
        strokes = [*(self._pasted or ()), *self._strokes]
        unread = b"".join(
            [
                *(text.encode() + spelt(Key.ENTER) for text in submitted),
                *map(spelt, strokes),
                self._keys.take_rest(),
                self._unread.translate(None, EDITING),
            ]
        )
        self._happened.clear()
        self._strokes.clear()
        self._pasted, self._unread = None, b""
        return unread

    @property
    def asked(self) -> int:
        """Lines of a paste that are sent if the person says so, who has been asked."""
        return self._block.count if self._block else 0

    def above(self, lines: bytes) -> bytes:
        """Show lines, each ended with CR LF, above the prompt; the rest comes back as it was."""
        return self._screen.above(lines)

    def clear(self) -> bytes:
        """Empty the screen but for the prompt and the line."""
        return self._screen.clear()

    def resize(self, columns: int, rows: int) -> bytes:
        """Draw the prompt and the line for another size."""
        return self._screen.resize(columns, rows)

    def set_prompt(self, prompt: str, *, masked: bool = False) -> bytes:
        """Change the prompt. A password's letters, and what was killed of it, go with its mask."""
        if masked != self._masked:
            self._line = Line(self._line.text if masked else "")
            self._leave_off()
        self._prompt, self._masked = prompt, masked
        return self._refreshed()

    # What comes out.

    def _events(self) -> Iterator[Event]:
        if self._happened:
            yield from self._flush()
        self._read_on()
        left = STROKES_AT_ONCE
        while left > 0 and (stroke := self._next()):
            self._press(stroke)
            left -= 1 + len(self._line.clusters) // CLUSTERS_TO_A_STROKE
            if self._happened:
                yield from self._flush()
        yield from self._flush()

    def _read_on(self) -> None:
        """Make some of what came into keys, when there are none left."""
        while self._unread and not self._strokes:
            piece, self._unread = self._unread[:BYTES_AT_ONCE], self._unread[BYTES_AT_ONCE:]
            self._strokes += self._keys.receive(piece)

    def _next(self) -> Stroke | None:
        for stroke in self._pasted or ():
            return stroke
        self._pasted = None
        return self._strokes.popleft() if self._strokes else None

    def _flush(self) -> Iterator[Event]:
        self._output.append(self._refreshed())
        output = b"".join(self._output) + (BELL if self._rung else b"")
        self._output, self._rung = [], False
        if output:
            yield Output(output)
        while self._happened:
            yield self._happened.popleft()

    def _refreshed(self) -> bytes:
        """Bring the screen up to date."""
        if self._block:
            return self._screen.show(self.phrases.send_lines(self._block.count), (), 0, 0)
        if self._search:
            found, label = self._search, self._search.label(self.phrases)
            return self._screen.show(label, segmented(found.match), found.cursor, 0)
        if self._masked:
            return self._screen.show(self._prompt, (), 0, 0)
        line, changed = self._line, self._line.changed
        line.changed = None
        return self._screen.show(self._prompt, line.clusters, line.cursor, changed)

    def _ring(self) -> None:
        self._rung = True

    def _notice(self, text: str) -> None:
        self._output.append(self._refreshed())
        self._output.append(self._screen.above(text.encode() + b"\r\n"))

    # What a key does.

    def _press(self, stroke: Stroke) -> None:
        if self._block:
            self._answer(stroke, self._block)
        elif self._search:
            self._seek(stroke, self._search)
        else:
            self._edit(stroke)

    def _edit(self, stroke: Stroke) -> None:
        if stroke not in KILLS:
            self._line.end_kill()
        if stroke not in TABS:
            self._cycle = None
        match stroke:
            case Typed(text):
                self._heed(done=self._line.insert(text))
            case Pasted():
                self._paste(stroke)
            case Key():
                self._do(stroke)

    def _do(self, key: Key) -> None:
        if self._masked and key in OPEN_ONLY:
            self._ring()
        elif action := EDITS.get(key) or KILLS.get(key):
            action(self._line)
        elif command := self._commands.get(key):
            command(self)
        elif key in TABS:
            self._complete(TABS[key])

    def _heed(self, *, done: bool) -> None:
        if not done:
            self._ring()

    def _enter(self) -> None:
        text = self._line.text
        if not self._masked:
            self._history.remember(text)
        self._line.become("")
        self._happened.append(Submitted(text))

    def _interrupt(self) -> None:
        self._history.forget_place()
        if self._line.clusters:
            self._line.become("")
        else:
            self._notice(self.phrases.leave)

    def _end_of_input(self) -> None:
        if self._line.clusters:
            self._line.delete()
        else:
            self._happened.append(Left())

    def _yank(self) -> None:
        self._heed(done=self._line.yank())

    def _redraw(self) -> None:
        self._refreshed()
        self._output = [self._screen.clear()]
        self._happened.append(Cleared())

    # Recalling and searching.

    def _older(self) -> None:
        self._recall(self._history.older(self._line.text))

    def _newer(self) -> None:
        self._recall(self._history.newer())

    def _recall(self, text: str | None) -> None:
        if text is None:
            self._ring()
        else:
            self._line.become(text)

    def _start_search(self) -> None:
        self._search = Search(self._history, self._line.text)

    def _seek(self, stroke: Stroke, search: Search) -> None:
        match stroke:
            case Typed(text):
                for character in printable(text):
                    search.extend(character)
            case Key.BACKSPACE:
                search.shorten()
            case Key.SEARCH:
                search.older()
            case Key.SEARCH_NEWER:
                search.newer()
            case Key.INTERRUPT | Key.CANCEL:
                self._leave_off()
            case Key.NONSENSE:
                self._ring()
            case _:
                self._accept(search)
                self._edit(stroke)
        self._heed(done=not search.failed)

    def _accept(self, search: Search) -> None:
        """Take the line found, with the cursor where the query stands in it."""
        self._leave_off()
        self._line.become(search.match)
        self._line.cursor = search.cursor

    def _leave_off(self) -> None:
        """Back to the line, all of which has to be shown again."""
        self._search = self._block = None
        self._line.changed = 0

    # Completing.

    def _complete(self, step: int) -> None:
        cycle = self._cycle or self._new_cycle()
        if cycle is None:
            self._ring()
            return
        self._cycle = cycle
        self._heed(done=self._line.replace(cycle.start, self._line.cursor, cycle.turn(step)))

    def _new_cycle(self) -> Cycle | None:
        candidates = self.completer.complete(self._line.before)
        return Cycle(*self._line.last_word(), candidates) if candidates else None

    # Pasting.

    def _paste(self, pasted: Pasted) -> None:
        block = Block(pasted.text)
        if pasted.cut:
            self._notice(self.phrases.paste_cut.format(limit=PASTE_LIMIT))
        elif block.overflows:
            self._notice(self.phrases.line_cut.format(limit=LINE_LIMIT))
        if block.needs_asking:
            self._block = block
        else:
            self._pasted = block.strokes(asked=False)

    def _answer(self, stroke: Stroke, block: Block) -> None:
        match stroke:
            case Typed(text):
                self._decide(text, block)
            case Pasted(text):
                self._heed(done=block.extend(text))
            case Key.INTERRUPT | Key.CANCEL | Key.END_OF_INPUT:
                self._leave_off()
            case _:
                self._ring()

    def _decide(self, text: str, block: Block) -> None:
        """Find the answer; what is typed behind it is typed as ever."""
        answers = self.phrases.yes + self.phrases.no
        at = next((at for at, letter in enumerate(text) if letter in answers), None)
        self._heed(done=at == 0)
        if at is None:
            return
        self._leave_off()
        if text[at] in self.phrases.yes:
            self._pasted = block.strokes(asked=True)
        if text[at + 1 :]:
            self._strokes.appendleft(Typed(text[at + 1 :]))

    _commands: ClassVar[dict[Key, Callable[[Editor], None]]] = {
        Key.ENTER: _enter,
        Key.INTERRUPT: _interrupt,
        Key.END_OF_INPUT: _end_of_input,
        Key.YANK: _yank,
        Key.REDRAW: _redraw,
        Key.UP: _older,
        Key.DOWN: _newer,
        Key.SEARCH: _start_search,
        Key.CANCEL: _ring,
        Key.NONSENSE: _ring,
    }
