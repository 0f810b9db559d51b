"""A session of a person who types lines: each line is an answer to what is asked, a command, or talk.

Lines come in as bytes without their end.
Must not know doors or sockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from chatproto.commands import people
from chatproto.core import text
from chatproto.errors import ChatError
from chatproto.language import _
from chatproto.limits import LINES_BEFORE_NAME
from chatproto.sessions.display import Display
from chatproto.sessions.past import Past
from chatproto.sessions.session import Session
from chatproto.voices.terminal import PROMPT

if TYPE_CHECKING:
    from chatproto.commands.table import Table
    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence
    from chatproto.sessions.context import Context
    from chatproto.voices.screen import Screen

LEAVING: Final = frozenset({"exit", "quit", "выход"})
"""Words for leaving other programs: no names (chatproto.core.reserved)."""

_LONGEST_LEAVING: Final = max(map(len, LEAVING))


class Asking(Protocol):
    """What asks something of a person: the next line is the answer, and neither a command nor talk."""

    def question(self) -> str:
        """Return what stands before the answer."""

    def take(self, line: str) -> None:
        """Take the answer, and ask on or stop asking."""


class LineSession(Session):
    """A person who types lines.

    asking      what asks them something; None while what comes is a command or talk
    display     what they read on, and how
    searching   a search of theirs is under way
    """

    __slots__ = ("_leaving_word", "_past", "asking", "display", "searching")

    def __init__(self, context: Context, reader: Reader, screen: Screen) -> None:
        super().__init__(context, reader)
        self.asking: Asking | None = None
        self.display = Display(context, reader, screen)
        self._past: Past | None = None
        self.searching = False
        self._leaving_word = ""  # by which the member may have meant to leave

    @property
    def past(self) -> Past:
        """Return what the member is shown that is older."""
        if self._past is None:  # many never look back
            self._past = Past(self)
        return self._past

    @property
    def commands(self) -> Table:
        """Return the commands that can be given."""
        return self.context.commands

    # -- lines in -------------------------------------------------------------------------------

    def receive(self, line: bytes) -> None:
        """Take one line, as bytes without its end."""
        if self.is_leaving:
            return
        self.pacing.take()
        if self._seat is None and self.pacing.lines > LINES_BEFORE_NAME:
            self.dismiss(_("None of {most} lines was a name: closing.", most=LINES_BEFORE_NAME))
            return
        try:
            said = text.decode(line)
        except ChatError as error:
            self.tell(error.sentence)
            return
        if self.asking:
            self.asking.take(said)
        elif said:
            self.hear(said)

    def hear(self, said: str) -> None:
        """Take what the member says or asks for, as it came."""
        self.take(said)

    def take(self, said: str) -> None:
        """Take what the member says or asks for."""
        seat = self._seat
        assert seat
        member = seat.member
        absence = member.away
        if said.startswith("/") and not said.startswith("//"):
            self.commands.perform(self, said)
        elif not self._means_to_leave(said):
            try:
                self.chat.say(seat, said.removeprefix("/") if said.startswith("//") else said)
            except ChatError as error:
                self.tell(error.sentence)
        if absence and member.away is None and self._seat:
            self.tell(*people.back(absence.missed(member.lines)))

    def _means_to_leave(self, said: str) -> bool:
        """Ask, when the member says a word by which one leaves other programs; said again, it is said."""
        if not self._leaving_word and len(said) > _LONGEST_LEAVING:
            return False
        word = said.casefold()
        if word not in LEAVING or word == self._leaving_word:
            self._leaving_word = ""
            return False
        self._leaving_word = word
        self.tell(_("To leave, type /quit. To say “{word}”, type it again.", word=said))
        return True

    def interrupt(self) -> None:
        """Say how one leaves: ^C was pressed."""
        self.tell(_("To leave, type /quit."))

    # -- lines out ------------------------------------------------------------------------------

    def ask(self, asking: Asking) -> None:
        """Ask something: the next line is the answer, and comes on the row of the question."""
        self.asking = asking
        self.reader.ask(self.prompt())

    def stop_asking(self) -> None:
        """Ask nothing: what comes is talk, or a command."""
        self.asking = None
        if self.reader.editor:
            self.reader.ask(self.prompt())

    def prompt(self) -> str:
        """Return what stands before what is typed: the question, if something is asked."""
        return self.asking.question() if self.asking else PROMPT

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""
        self.reader.tell(*sentences)

    # -- leaving --------------------------------------------------------------------------------

    def _keep_seat(self) -> None:
        if self._seat:
            self._seat.preferences = self.display.preferences
        super()._keep_seat()
