"""The greeting of a person who types lines: a name is asked for until one will do.

Must not know doors or sockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.row import first_word
from chatproto.language import _
from chatproto.sessions.lines import LEAVING
from chatproto.sessions.welcome import welcome

if TYPE_CHECKING:
    from chatproto.core.rooms import Seat
    from chatproto.errors import ChatError
    from chatproto.sessions.lines import LineSession


class Greeting:
    """Asks for a name, and lets the person in by it."""

    __slots__ = ("_session",)

    def __init__(self, session: LineSession) -> None:
        self._session = session

    def greet(self) -> None:
        """Say where the person is, and ask."""
        self._session.tell(self._session.context.greeting)
        self._session.ask(self)

    def question(self) -> str:
        """Return what stands before the answer."""
        return self._session.display.read(_("Your name: "))

    def take(self, line: str) -> None:
        """Take the line as a name."""
        self.introduce(line)

    def introduce(self, name: str, said: str = "") -> None:
        """Let the person in by a name, if it will do, and take what was said with it."""
        session = self._session
        if self._leaves(name):
            session.dismiss(_("Goodbye."))
        else:
            session.entering.enter(name, lambda seat: self._let_in(seat, said), self._refuse)

    def _leaves(self, name: str) -> bool:
        """Return whether it is a word for leaving: a person without a name has nothing to lose by it."""
        word, _rest = first_word(name)
        if word.startswith("/"):
            command = self._session.commands.named(word)
            return command is not None and command.name == "quit"
        return name.strip().casefold() in LEAVING

    def _let_in(self, seat: Seat, said: str) -> None:
        self._session.stop_asking()
        welcome(self._session, seat)
        if said:
            self._session.take(said)

    def _refuse(self, error: ChatError) -> None:
        """Say why the name will not do, and ask for another."""
        self._session.tell(error.sentence)
        self._session.ask(self)
