"""A session of a person who types lines: the greeting, a name, commands, talk, and how the person reads.

Lines come in as bytes without their end; what they mean goes to the chat or to a command; answers go out by the reader.
Must not know doors or sockets.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from twisted.internet.defer import CancelledError

from chatproto.commands import people
from chatproto.commands.row import first_word
from chatproto.core import permissions, text
from chatproto.core.permissions import Action
from chatproto.core.preferences import Preferences, with_preference
from chatproto.core.rooms import FIRST_ROOM
from chatproto.errors import ChatError
from chatproto.language import Sentence, _, _n, language
from chatproto.limits import LINES_BEFORE_NAME
from chatproto.sessions.answers import nothing
from chatproto.sessions.past import Past
from chatproto.sessions.session import Session
from chatproto.voices.screen import voice
from chatproto.voices.terminal import PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from chatproto.commands.table import Table
    from chatproto.core.rooms import Seat
    from chatproto.delivery.reader import Reader
    from chatproto.sessions.context import Context
    from chatproto.voices.screen import Screen
    from chatproto.voices.voice import Voice

LEAVING: Final = frozenset({"exit", "quit", "выход"})
"""Words by which one leaves other programs: nobody's names (chatproto.core.reserved)."""

_LONGEST_LEAVING: Final = max(map(len, LEAVING))


@cache
def _unasked(language: str) -> Preferences:
    """Return the preferences of those who have not said any: one for all of them."""
    return Preferences(language)


class LineSession(Session):
    """A person who types lines.

    preferences      how they prefer to read and type
    on_preferences   called when these change: the door may have to do something about it
    searching        a search of theirs is under way
    screen           what they read on
    """

    __slots__ = ("_asked", "_past", "on_preferences", "preferences", "screen", "searching")

    def __init__(self, context: Context, reader: Reader, screen: Screen) -> None:
        super().__init__(context, reader)
        self.preferences = _unasked(context.language)
        self.on_preferences: Callable[[], None] = nothing
        self.screen = screen
        self._past: Past | None = None
        self.searching = False
        self._asked = ""  # the word by which they may have meant to leave
        reader.voice = voice(self.preferences, screen)

    @property
    def past(self) -> Past:
        """Return what they are shown that is older."""
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
        if self._seat is None:
            self.introduce(said)
        elif said:
            self.hear(said)

    def introduce(self, name: str, said: str = "") -> None:
        """Take the name that the person gives, let them in if it will do, and take what they said with it."""
        if self._leaves(name):
            self.dismiss(_("Goodbye."))
            return
        entering = self.enter(name)
        entering.addCallbacks(lambda seat: self._let_in(seat, said), self._refuse)
        entering.addCallbacks(lambda _none: self.has_entered(), self.fail)

    def _refuse(self, failure: Failure) -> None:
        """Say why the name will not do, and ask for another."""
        if failure.check(CancelledError):  # they have left
            return
        if not isinstance(failure.value, ChatError):
            failure.raiseException()
        self.tell(failure.value.sentence)
        self.ask_name()

    def _leaves(self, said: str) -> bool:
        """Return whether a person without a name, who has nothing to lose, gives a word by which one leaves."""
        word, _rest = first_word(said)
        if word.startswith("/"):
            command = self.commands.named(word)
            return command is not None and command.name == "quit"
        return said.strip().casefold() in LEAVING

    def _let_in(self, seat: Seat, said: str) -> None:
        if self.reader.editor:
            self.reader.ask(self.question())
        seen, seat.seen = seat.seen, None
        self.answers.hold()  # what is older comes first
        self.begin_to_read(seat, seen)
        if seen is not None:
            self._go_on(seat, seen)
        else:
            self._begin(seat)
        self.answers.release()
        if said:
            self.take(said)

    def _begin(self, seat: Seat) -> None:
        """Show the room that the member looks at first: the last one they are in, if they are here already."""
        if self.context.motd:
            self.tell(Sentence(self.context.motd))
        nick, count = seat.member.nick, len(seat.member.seats)
        last = _("You are {nick}. /help lists the commands.", nick=nick)
        if count > 1:
            last = _n(
                "You are {nick}, who is here {count} time now.",
                "You are {nick}, who is here {count} times now.",
                count, nick=nick,
            )  # fmt: skip
        room = self.chat.join(seat, next(reversed(seat.member.rooms), FIRST_ROOM))
        self.past.welcome(room, last=last)

    def _go_on(self, seat: Seat, seen: int) -> None:
        """Go on where the connection broke: the last lines before, then what was missed."""
        self.set_preferences(seat.preferences or self.preferences)
        self.tell(_("Welcome back, {nick}. You go on where your connection broke.",
                    nick=seat.member.nick))  # fmt: skip
        if seat.current_room:
            self.past.welcome(seat.current_room, upto=seen)

    def _keep_seat(self) -> None:
        if self._seat:
            self._seat.preferences = self.preferences
        super()._keep_seat()

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
        if not self._asked and len(said) > _LONGEST_LEAVING:
            return False
        asked, self._asked = self._asked, said.casefold() if said.casefold() in LEAVING else ""
        if not self._asked or self._asked == asked:
            self._asked = ""
            return False
        self.tell(_("To leave, type /quit. To say “{word}”, type it again.", word=said))
        return True

    def interrupt(self) -> None:
        """Say how one leaves: ^C was pressed."""
        self.tell(_("To leave, type /quit."))

    # -- answers out ----------------------------------------------------------------------------

    def greet(self) -> None:
        """Say where they are, and ask for a name."""
        self.tell(self.greeting()[0])
        self.ask_name()

    def greeting(self) -> list[Sentence]:
        """Return what stands above the first welcome."""
        motd = [Sentence(self.context.motd)] if self.context.motd else []
        return [_("Welcome to {title}.", title=self.context.title), *motd]

    def ask_name(self) -> None:
        """Ask for a name; the answer comes on the same line."""
        self.reader.ask(self.question())

    def question(self) -> str:
        """Return what stands before what is typed: a question until there is a name."""
        if self._seat:
            return PROMPT
        return language(self.preferences.language).read(_("Your name: "))

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""
        self.reader.tell(*sentences)

    # -- how they read --------------------------------------------------------------------------

    @property
    def voice(self) -> Voice:
        """Return how they read."""
        return self.reader.voice

    def set_preference(self, name: str, value: str) -> None:
        """Prefer something else, as the member asks.  Raise NotAllowed."""
        permissions.check(Action.PREFER, self.member)
        self.set_preferences(with_preference(self.preferences, name, value))

    def set_preferences(self, preferences: Preferences) -> None:
        """Prefer all this."""
        self.preferences = preferences
        self._read_anew()
        self.on_preferences()

    def look_on(self, screen: Screen) -> None:
        """Take note of what they read on."""
        self.screen = screen
        self._read_anew()

    def _read_anew(self) -> None:
        self.reader.voice = voice(self.preferences, self.screen)
        if self._seat:
            self.context.delivery.refresh(self._seat.member)

    def clear(self) -> None:
        """Empty the screen, where there is one."""
        if self.reader.editor:
            self.reader.send(self.reader.editor.clear())
