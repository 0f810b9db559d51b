"""A session behind a line editor: keys in, lines to the session, the screen kept whole.

Doors that bring keys and not lines (telnet's character mode, SSH with a pty) put this between.
Must not know doors, rooms or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.language import _, _n
from chatproto.limits import CUT_SECONDS, PASTE_SECONDS
from chatproto.sessions.completing import words
from chatproto.sessions.goodbye import not_sent
from chatproto.terminal import (
    PASTE_LIMIT,
    Cleared,
    Editor,
    Left,
    Output,
    Phrases,
    Submitted,
    cut_off,
    is_text,
    marked,
    reflows,
    seems_pasted,
)
from chatproto.valve import PauseReason
from chatproto.voices.terminal import PROMPT

if TYPE_CHECKING:
    from chatproto.clock import DelayedCall
    from chatproto.sessions.lines import LineSession
    from chatproto.terminal import Event

_RESTING = PROMPT.encode()


class Prompt:
    """One person's keyboard and the last rows of their screen.

    Keys are looked at turn by turn, and never while the valve is shut for another reason than that keys wait; while
    they do, nothing more is read.  What comes by several lines at once was pasted, marked or not: more of it is waited
    for, and then it is marked.
    """

    __slots__ = ("_again", "_editor", "_gathered", "_is_over", "_pasting", "_session")

    def __init__(self, session: LineSession, columns: int, rows: int, terminal: str = "") -> None:
        self._session = session
        self._editor = Editor(
            session.prompt(), columns, rows, completer=words(session), phrases=phrases(session),
            reflows=reflows(terminal),
        )  # fmt: skip
        self._again: DelayedCall | None = None
        self._gathered = b""
        self._pasting: DelayedCall | None = None
        self._is_over = False
        session.reader.editor = self._editor

    def start(self) -> None:
        """Draw the prompt."""
        self._session.reader.send(self._editor.start())
        self._note()

    def stop(self) -> bytes:
        """Take the prompt away, and leave the terminal as it was; return the keys that were not looked at.

        The valve is shut until the next turn: one of the keys may have brought this about, and is not done with.
        """
        session = self._session
        unread, asked = self._take_unread(), self._editor.asked
        session.reader.send(self._editor.stop())
        self.forget()
        self._note()
        if asked:
            session.tell(not_sent(asked))
        session.reader.valve.shut(PauseReason.KEYS)
        session.context.clock.callLater(0, session.reader.valve.open, PauseReason.KEYS)
        return unread

    def drop_lines(self) -> int:
        """Drop the keys that were not looked at; return how many lines they were, or were to be."""
        lines = self._take_unread().replace(b"\n", b"\r").split(b"\r")
        return sum(1 for line in lines[:-1] if line.strip()) + self._editor.asked

    def _take_unread(self) -> bytes:
        gathered, self._gathered = self._gathered, b""
        return self._editor.take_unread() + gathered

    def forget(self) -> None:
        """The terminal is gone, or edits by itself from now on."""
        self._is_over = True
        for call in (self._again, self._pasting):
            if call:
                call.cancel()
        self._again = self._pasting = None
        self._session.reader.editor = None

    def resize(self, columns: int, rows: int) -> None:
        """Draw anew for another size."""
        self._session.reader.send(self._editor.resize(columns, rows))

    def has_finished(self) -> bool:
        """Wait for no more, since nothing more will come; return whether all keys have been looked at."""
        self._mark()
        return not self._editor.waiting

    # -- keys -----------------------------------------------------------------------------------

    def type(self, lines: bytes) -> None:
        """Take what was sent before there was a prompt: it is no paste, however much it is."""
        self._press(lines)

    def receive(self, data: bytes) -> None:
        """Take keys."""
        if not data or self._is_over:
            return
        if is_text(data) if self._pasting else self._seems_pasted(data):
            self._gather(data)
        else:
            self._mark()
            cut, self._gathered = self._gathered, b""
            self._press(cut + data)

    def _press(self, data: bytes = b"") -> None:
        """Look at the keys that came; but if anything else keeps the valve shut, they wait."""
        events = self._editor.receive(data)
        while not self._is_held and (event := next(events, None)):
            self._do(event)
        if self._is_over:
            return
        self._note()
        valve = self._session.reader.valve
        if self._editor.waiting:
            valve.shut(PauseReason.KEYS, alone=self._go_on_soon)
            self._go_on_soon()
        else:
            valve.open(PauseReason.KEYS)

    def _go_on_soon(self) -> None:
        if self._again is None and not self._is_held:
            self._again = self._session.context.clock.callLater(0, self._go_on)

    def _go_on(self) -> None:
        self._again = None
        self._press()

    @property
    def _is_held(self) -> bool:
        return self._is_over or self._session.reader.valve.is_shut_but_for(PauseReason.KEYS)

    # -- pastes without marks -------------------------------------------------------------------

    def _seems_pasted(self, data: bytes) -> bool:
        return seems_pasted(data) and not self._editor.is_pasting

    def _gather(self, data: bytes) -> None:
        """Wait for the rest of a paste, unless it is enough already."""
        self._gathered += data
        if self._pasting:
            self._pasting.cancel()
        wait = CUT_SECONDS if cut_off(self._gathered) else PASTE_SECONDS
        self._pasting = self._session.context.clock.callLater(wait, self._end_paste)
        if len(self._gathered) > PASTE_LIMIT:
            self._mark()

    def _end_paste(self) -> None:
        pasted, self._pasting = self._gathered, None
        self._gathered = cut_off(pasted)  # of half a character the rest must come
        self._press(marked(pasted.removesuffix(self._gathered)))

    def _mark(self) -> None:
        """Give the editor what was gathered, as a paste."""
        if self._pasting:
            self._pasting.cancel()
            self._end_paste()

    # -- what the keys do -----------------------------------------------------------------------

    def _do(self, event: Event) -> None:
        if isinstance(event, Output):
            self._session.reader.send(event.data)
        elif isinstance(event, Submitted):
            self._submit(event.text)
        elif isinstance(event, Left):
            self._session.receive(b"/quit")
        elif isinstance(event, Cleared):
            self._session.past.show_again()

    def _submit(self, text: str) -> None:
        """Send a line.  An answer or a command, which no room brings back, stays on the screen as it was typed."""
        session = self._session
        if text and session.asking:
            session.reader.show(f"{session.prompt()}{text}\r\n".encode())
        elif text.startswith("/") and not text.startswith("//"):
            session.reader.show(session.reader.voice.typed(text))
        session.receive(text.encode())

    def _note(self) -> None:
        """Let delivery know whether this screen looks like all the others that rest."""
        reader = self._session.reader
        resting = reader.editor is None or self._editor.resting == _RESTING
        self._session.context.delivery.set_typing(reader, typing=not resting)


def phrases(session: LineSession) -> Phrases:
    """Return what the editor itself says, in the session's language."""
    read = session.display.read
    return Phrases(
        leave=read(_("-- To leave, press ^D or type /quit.")),
        send_lines=lambda count: read(
            _n("Send {count} line? (y/n) ", "Send {count} lines? (y/n) ", count)
        ),
        yes="yYдД",
        no="nNнН",
        search=read(_("(search) ")) + "{query}: ",
        not_found=read(_("(not found) ")) + "{query}: ",
        paste_cut=read(_("-- The paste was too long: only its beginning was taken.")),
        line_cut=read(_("-- A line of the paste was too long: its end was left out.")),
    )
