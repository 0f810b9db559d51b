"""The context: what every session is given.

Must not know doors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import Deferred

from chatproto.commands.every import COMMANDS
from chatproto.language import Sentence, _

if TYPE_CHECKING:
    from chatproto.clock import Clock
    from chatproto.commands.table import Table
    from chatproto.core.chat import Chat
    from chatproto.core.pace import Rate
    from chatproto.delivery.delivery import Delivery
    from chatproto.delivery.reader import Reader


class Connected(Protocol):
    """What the context needs of a session."""

    reader: Reader

    def send_home(self, sentence: Sentence) -> None:
        """End it with a sentence; what waits is refused."""

    def hurry(self) -> None:
        """Say at once what the peer sent before it was gone."""


@dataclass(slots=True)
class Context:
    """What every session is given.

    title      what the chat is called
    motd       what each member is told on coming in; lines, perhaps none
    language   the code of the language that people read in until they choose
    rate       how fast one member may talk; None for no limit
    commands   what a person can give on a line
    sessions   all that are connected
    """

    chat: Chat
    delivery: Delivery
    clock: Clock
    title: str = "chat"
    motd: str = ""
    language: str = "en"
    rate: Rate | None = None
    commands: Table = COMMANDS
    sessions: set[Connected] = field(default_factory=set)
    _waiting: list[Deferred[None]] = field(default_factory=list)

    @property
    def greeting(self) -> Sentence:
        """Return what a peer is greeted with."""
        return _("Welcome to {title}.", title=self.title)

    @property
    def message(self) -> tuple[Sentence, ...]:
        """Return the message of the day, if there is one."""
        return (Sentence(self.motd),) if self.motd else ()

    def remove(self, session: Connected) -> None:
        """Take note that a session is over."""
        self.sessions.discard(session)
        if not self.sessions:
            waiting, self._waiting = self._waiting, []
            for empty in waiting:
                empty.callback(None)

    def when_empty(self) -> Deferred[None]:
        """Return a Deferred that fires when no session is left; it may be cancelled."""
        empty: Deferred[None] = Deferred(self._waiting.remove)
        if self.sessions:
            self._waiting.append(empty)
        else:
            empty.callback(None)
        return empty

    def say_goodbye(self) -> None:
        """End all sessions."""
        for session in list(self.sessions):
            if not session.reader.wire.is_lost:
                session.send_home(_("The server is going down. Goodbye."))
            else:
                session.hurry()
