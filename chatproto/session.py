"""A session: one person at one door, from their first line to their last.

Lines come in as bytes without their end; what they mean goes to the chat or to a command; answers go out by the reader.
Must not know which door it is behind, sockets, or how anything looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.commands import people, rooms, table
from chatproto.core import names, text
from chatproto.core.chat import FIRST_ROOM
from chatproto.core.limits import LINES_PER_TURN, LOGIN_SECONDS
from chatproto.core.pace import Bucket
from chatproto.core.preferences import Preferences, prefer
from chatproto.errors import ChatError
from chatproto.language import Sentence, _, language
from chatproto.valve import Why
from chatproto.voices.screen import voice
from chatproto.voices.terminal import PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatproto.core.chat import Chat, Clock
    from chatproto.core.doorway import Arranged
    from chatproto.core.events import Event
    from chatproto.core.pace import Rate
    from chatproto.core.rooms import Member, Room
    from chatproto.delivery.delivery import Delivery
    from chatproto.delivery.reader import Reader
    from chatproto.voices.line import LineVoice
    from chatproto.voices.screen import Screen
    from chatproto.voices.terminal import TerminalVoice

_log = Logger(namespace="chatproto.session")


@dataclass(slots=True)
class Server:
    """What every session is given.

    title      what the chat is called
    motd       what everybody is told who comes in; lines, perhaps none
    language   the code of the language people read in until they choose
    rate       how fast one may talk; None for as fast as they like
    sessions   everybody who is connected
    """

    chat: Chat
    delivery: Delivery
    clock: Clock
    title: str = "chat"
    motd: str = ""
    language: str = "en"
    rate: Rate | None = None
    sessions: set[Session] = field(default_factory=set)

    def say_goodbye(self) -> None:
        """Send everybody home."""
        for session in list(self.sessions):
            session.dismiss(_("The server is going down. Goodbye."))


class Session:
    """One person at one door.

    wishes       how they prefer to read and type
    on_wishes    called when they wish otherwise: their door may have to do something about it
    key          the fingerprint of the SSH key they came with; "" without one
    is_leaving   they were sent home: whatever they send from now on is nothing to us
    """

    __slots__ = (
        "_bucket", "_grace", "_lines", "_resume", "_screen", "_who", "chat",
        "is_leaving", "key", "on_wishes", "pages", "reader", "server", "wishes",
    )  # fmt: skip

    def __init__(self, server: Server, reader: Reader, screen: Screen) -> None:
        self.server = server
        self.wishes = Preferences(server.language)
        self.on_wishes: Callable[[], None] = lambda: None
        self._screen = screen
        reader.voice = voice(self.wishes, screen)
        self.chat = server.chat
        self.reader = reader
        self.pages: dict[str, int] = {}
        self.is_leaving = False
        self.key = ""
        self._who: Member | None = None
        self._bucket: Bucket | None = None
        self._resume: Arranged | None = None
        self._lines = 0
        if server.rate:
            self._bucket = Bucket(server.rate, server.clock.seconds())
        self._grace: Arranged | None = server.clock.callLater(LOGIN_SECONDS, self._too_long)
        server.sessions.add(self)

    # -- lines in -------------------------------------------------------------------------------

    def receive(self, line: bytes) -> None:
        """Take one line, as bytes without its end."""
        if self.is_leaving:
            return
        self._pace()
        try:
            said = text.decode(line)
        except ChatError as error:
            self.tell(error.sentence)
            return
        if self._who is None:
            self.introduce(said)
        elif said:
            self.hear(self._who, said)

    def _pace(self) -> None:
        """Read no faster than the rate, the other connections and the disk allow."""
        self._lines += 1
        wait = self._bucket.take(self.server.clock.seconds()) if self._bucket else 0.0
        if wait:
            self._pause(Why.PACE, wait)
        elif self._lines % LINES_PER_TURN == 0:
            self._pause(Why.TURN, 0)
        if self.chat.log.is_full():
            valve = self.reader.valve
            valve.shut(Why.DISK)
            self.chat.log.when_roomy(lambda: valve.open(Why.DISK))

    def _pause(self, why: Why, wait: float) -> None:
        if self._resume is None:
            self.reader.valve.shut(why)
            self._resume = self.server.clock.callLater(wait, self._go_on, why)

    def _go_on(self, why: Why) -> None:
        self._resume = None
        self.reader.valve.open(why)

    def introduce(self, name: str) -> None:
        """Take the name that somebody gives, and let them in if it will do."""
        if name in ("/quit", "/q", "/exit"):
            self.dismiss(_("Goodbye."))
            return
        try:
            member = self.chat.enter(name)
        except ChatError as error:
            self.tell(error.sentence)
            self.ask_name()
            return
        self._end_grace()
        self._who = member
        if self.reader.editor:
            self.reader.ask(self.question())
        self.server.delivery.seat(self.reader, member)
        self._let_in(member)

    def _let_in(self, member: Member) -> None:
        if self.server.motd:
            self.tell(Sentence(self.server.motd))
        room = self.chat.join(member, FIRST_ROOM)
        self.welcome(room, last=_("You are {nick}. /help lists the commands.", nick=member.nick))

    def hear(self, member: Member, said: str) -> None:
        """Take what somebody says or asks for."""
        if said.startswith("/") and not said.startswith("//"):
            table.perform(self, said)
            return
        try:
            self.chat.say(member, said.removeprefix("/") if said.startswith("//") else said)
        except ChatError as error:
            self.tell(error.sentence)

    def interrupt(self) -> None:
        """Somebody pressed ^C: say how one leaves."""
        self.tell(_("/quit leaves the chat."))

    # -- answers out ----------------------------------------------------------------------------

    def greet(self) -> None:
        """Say where they are, and ask for a name."""
        self.tell(_("Welcome to {title}.", title=self.server.title))
        self.ask_name()

    def ask_name(self) -> None:
        """Ask for a name; the answer comes on the same line."""
        self.reader.ask(self.question())

    def question(self) -> str:
        """Give what stands before what they type: a question until they have a name."""
        if self._who:
            return PROMPT
        return language(self.wishes.language).read(_("Your name: "))

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""
        self.reader.tell(*sentences)

    def show(self, events: Sequence[Event]) -> None:
        """Show lines of the past, with their numbers; to nobody when they left before the log answered."""
        if self._who:
            self._show(events, numbered=True)

    def _show(self, events: Sequence[Event], *, numbered: bool) -> None:
        now, member = self.now(), self.member
        looking = member.room.name if member.room else ""
        lines = [
            self.voice.past(event, now, looking, member.number, numbered=numbered)
            for event in events
            if not (member.ignored and names.key(event.author) in member.ignored)
        ]
        self.reader.show(b"".join(lines))

    def welcome(self, room: Room, last: Sentence | None = None) -> None:
        """Show a room: who is here, what it is about, its last lines; then `last`."""
        upto = self.chat.head
        self.server.delivery.hold(self.reader)
        self.chat.recent(room, lambda: self._show_room(room, upto, last))

    def _show_room(self, room: Room, upto: int, last: Sentence | None) -> None:
        if self._who is None:
            return
        here = [people.welcome(room, self._who)]
        if room.topic:
            here.append(rooms.about(room))
        self.tell(*here)
        # What came after they did is theirs to read as everybody does.
        past = [event for event in room.recent or () if event.seq <= upto]
        if past:
            self.pages[room.name] = past[0].seq
            self._show(past, numbered=False)
        if last:
            self.tell(last)
        self.server.delivery.release(self.reader)

    def failed(self, failure: object) -> None:
        """The log did not answer: say so, and keep the reason for whoever runs the server."""
        if isinstance(failure, Failure) and failure.check(ChatError):
            _log.warn("{error}", error=failure.value)
        elif isinstance(failure, Failure):
            _log.failure("A fault while the log was read", failure)
        if self._who:
            self.tell(_("The log could not be read just now."))

    # -- how they read --------------------------------------------------------------------------

    @property
    def member(self) -> Member:
        """Who this is; only once they have a name."""
        assert self._who
        return self._who

    @property
    def voice(self) -> LineVoice | TerminalVoice:
        """How they read."""
        voice: LineVoice | TerminalVoice = self.reader.voice  # type: ignore[assignment]
        return voice

    @property
    def has_name(self) -> bool:
        """Tell whether they are in."""
        return self._who is not None

    @property
    def is_paused(self) -> bool:
        """Tell whether nothing is to be read from them just now."""
        return self.reader.valve.is_shut

    def now(self) -> float:
        """Give the seconds since 1970."""
        return self.server.clock.seconds()

    def prefer(self, name: str, wish: str) -> None:
        """Wish for something.  Raises NotAllowed."""
        self.wishes = prefer(self.wishes, name, wish)
        self._read_anew()
        self.on_wishes()

    def look_on(self, screen: Screen) -> None:
        """Take note of what they read on."""
        self._screen = screen
        self._read_anew()

    @property
    def screen(self) -> Screen:
        """What they read on."""
        return self._screen

    def _read_anew(self) -> None:
        self.reader.voice = voice(self.wishes, self._screen)
        if self._who:
            self.server.delivery.refresh(self._who)

    def clear(self) -> None:
        """Empty the screen, where there is one."""
        if self.reader.editor:
            self.reader.send(self.reader.editor.clear())

    # -- leaving --------------------------------------------------------------------------------

    def quit(self, reason: str) -> None:
        """Leave, as they asked."""
        self._leave(reason, lost=False)
        self.dismiss(_("Goodbye."))

    def dismiss(self, sentence: Sentence) -> None:
        """Send them home with a sentence."""
        if self.is_leaving:
            return
        self.tell(sentence)
        if self.reader.editor:
            self.reader.send(self.reader.editor.stop())
        self.is_leaving = True
        self.server.delivery.unseat(self.reader)  # nothing comes behind a goodbye
        self.reader.valve.shut(Why.GONE)
        self.reader.wire.close()

    def gone(self, *, lost: bool = True) -> None:
        """The connection is no more; `lost` when the other side did not close it."""
        self._leave("", lost=lost)
        self.reader.forget()
        self.server.sessions.discard(self)
        self._end_grace()
        if self._resume:
            self._resume.cancel()
            self._resume = None

    def _leave(self, reason: str, *, lost: bool) -> None:
        if self._who:
            member, self._who = self._who, None
            self.server.delivery.unseat(self.reader)
            self.chat.quit(member, reason, lost=lost)

    def _too_long(self) -> None:
        self._grace = None
        self.dismiss(_("You gave no name for too long. Goodbye."))

    def _end_grace(self) -> None:
        if self._grace:
            self._grace.cancel()
            self._grace = None
