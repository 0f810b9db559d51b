"""A session: one person at one door, from their first line to their last.

Lines come in as bytes without their end; what they mean goes to the chat or to a command; answers go out by the reader.
Must not know which door it is behind, sockets, or how anything looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.commands import people, rooms, table
from chatproto.commands.row import first_word
from chatproto.core import text
from chatproto.core.pace import Bucket, Rate
from chatproto.core.preferences import Preferences, with_preference
from chatproto.core.rooms import FIRST_ROOM
from chatproto.delivery.pages import Page
from chatproto.errors import ChatError, NotRead
from chatproto.language import Sentence, _, _n, language
from chatproto.limits import (
    LAST_LINES_AT_ONCE,
    LINES_BEFORE_NAME,
    LINES_PER_TURN,
    LOGIN_SECONDS,
    RATE_PER_SECOND,
)
from chatproto.valve import PauseReason
from chatproto.voices.fitting import last_that_fit, rows_of
from chatproto.voices.screen import voice
from chatproto.voices.terminal import PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from chatproto.clock import Clock, DelayedCall
    from chatproto.core.chat import Chat
    from chatproto.core.events import Event
    from chatproto.core.pace import Window
    from chatproto.core.queries import Span
    from chatproto.core.rooms import Member, Room
    from chatproto.delivery.delivery import Delivery
    from chatproto.delivery.reader import Reader
    from chatproto.voices.screen import Screen
    from chatproto.voices.voice import Voice

LEAVING: Final = frozenset({"exit", "quit", "выход"})
"""Words by which one leaves other programs: nobody's names (chatproto.core.reserved)."""

_LONGEST_LEAVING: Final = max(map(len, LEAVING))
ROWS_TYPED: Final = 2  # the prompt, and above it what was typed: a name, or a command

_log = Logger(namespace="chatproto.sessions")


@dataclass(slots=True)
class Context:
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
    _waiting: list[Deferred[None]] = field(default_factory=list)

    def remove(self, session: Session) -> None:
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
        """Send everybody home."""
        for session in list(self.sessions):
            if not session.reader.wire.is_lost:
                session.send_home(_("The server is going down. Goodbye."))
            else:
                session.hurry()


def not_sent(count: int) -> Sentence:
    """Say that lines which waited are sent to nobody."""
    return _n(
        "Not sent: {count} line that was still waiting for its turn.",
        "Not sent: {count} lines that were still waiting for their turn.",
        count,
    )


def _leaves(said: str) -> bool:
    """Return whether somebody who has no name, and nothing to lose, gives a word by which one leaves."""
    word, _rest = first_word(said)
    if word.startswith("/"):
        return table.NAMES.get(word[1:].casefold()) is table.COMMANDS["quit"]
    return said.strip().casefold() in LEAVING


def _nobody_minds(_member: Member | None = None) -> None:
    """Nothing has to be done about it."""


@cache
def _unasked(language: str) -> Preferences:
    """Return what is preferred by those who have not said so: one for all of them."""
    return Preferences(language)


def _nothing_waits() -> int:
    return 0


class Session:
    """One person at one door.

    wishes       how they prefer to read and type
    on_wishes    called when they wish otherwise: their door may have to do something about it
    pages        how far back they have paged, by room and by whom they talked with alone
    searching    a search of theirs is under way
    on_answered  called when all that they asked for has been shown
    on_named     called with the member when they have a name
    drop_lines   drops the lines that wait at their door, and returns how many there were
    paces        how fast they may talk, alone and with others: the slowest counts
    opened       the rooms made of late from where they come; None when nobody counts these
    key          the fingerprint of the SSH key they came with; "" without one
    is_leaving   they were sent home: whatever they send from now on is nothing to us
    """

    __slots__ = (
        "_asked",
        "_grace",
        "_lines",
        "_resume",
        "_screen",
        "_tasks",
        "_who",
        "chat",
        "context",
        "drop_lines",
        "is_leaving",
        "key",
        "on_answered",
        "on_named",
        "on_preferences",
        "opened",
        "paces",
        "pages",
        "preferences",
        "reader",
        "searching",
    )  # fmt: skip

    def __init__(self, context: Context, reader: Reader, screen: Screen) -> None:
        self.context = context
        self.preferences = _unasked(context.language)
        self.on_answered: Callable[[], None] = _nobody_minds
        self.on_preferences: Callable[[], None] = _nobody_minds
        self.on_named: Callable[[Member], None] = _nobody_minds
        self.drop_lines: Callable[[], int] = _nothing_waits
        self._screen = screen
        reader.voice = voice(self.preferences, screen)
        self.chat = context.chat
        self.reader = reader
        reader.sitting = self
        self.pages: dict[str, int] = {}
        self.searching = False
        self._tasks: tuple[Deferred[None], ...] = ()
        self.is_leaving = False
        self.key = ""
        self._who: Member | None = None
        self.paces: tuple[Bucket, ...] = ()
        self.opened: Window | None = None
        self._resume: DelayedCall | None = None
        self._lines = 0
        self._asked = ""  # the word by which they may have meant to leave
        if context.rate:
            self.paces += (Bucket(context.rate, context.clock.seconds()),)
        self._grace: DelayedCall | None = context.clock.callLater(LOGIN_SECONDS, self._too_long)
        context.sessions.add(self)

    # -- lines in -------------------------------------------------------------------------------

    def receive(self, line: bytes) -> None:
        """Take one line, as bytes without its end."""
        if self.is_leaving:
            return
        self._pace()
        if self._who is None and self._lines > LINES_BEFORE_NAME:
            self.dismiss(_("None of {most} lines was a name: closing.", most=LINES_BEFORE_NAME))
            return
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
        wait = self._wait() if self.paces else 0.0
        if wait:
            self._pause(PauseReason.PACE, wait)
        elif self._lines % LINES_PER_TURN == 0:
            self._pause(PauseReason.TURN, 0)
        if self.chat.log.is_full():
            valve = self.reader.valve
            valve.shut(PauseReason.DISK)
            self.chat.log.when_roomy(lambda: valve.open(PauseReason.DISK))

    def _wait(self) -> float:
        now = self.context.clock.seconds()
        return max(pace.take(now) for pace in self.paces)

    def _pause(self, why: PauseReason, wait: float) -> None:
        if self._resume is None:
            self.reader.valve.shut(why)
            self._resume = self.context.clock.callLater(wait, self._go_on, why)

    def _go_on(self, why: PauseReason) -> None:
        self._resume = None
        self.reader.valve.open(why)

    def introduce(self, name: str) -> None:
        """Take the name that somebody gives, and let them in if it will do."""
        if _leaves(name):
            self.dismiss(_("Goodbye."))
            return
        try:
            member = self.chat.enter(name, self.opened)
        except ChatError as error:
            self.tell(error.sentence)
            self.ask_name()
            return
        self._end_grace()
        self._who = member
        self.on_named(member)
        if self.reader.editor:
            self.reader.ask(self.question())
        self.context.delivery.attach(self.reader, member)
        self._let_in(member)

    def _let_in(self, member: Member) -> None:
        if self.context.motd:
            self.tell(Sentence(self.context.motd))
        room = self.chat.join(member, FIRST_ROOM)
        self.welcome(room, last=_("You are {nick}. /help lists the commands.", nick=member.nick))

    def hear(self, member: Member, said: str) -> None:
        """Take what somebody says or asks for."""
        absence = member.away
        if said.startswith("/") and not said.startswith("//"):
            table.perform(self, said)
        elif not self._means_to_leave(said):
            try:
                self.chat.say(member, said.removeprefix("/") if said.startswith("//") else said)
            except ChatError as error:
                self.tell(error.sentence)
        if absence and member.away is None and self._who:
            self.tell(*people.back(absence.missed(member)))

    def _means_to_leave(self, said: str) -> bool:
        """Ask, when somebody says a word by which one leaves other programs; said again, it is said."""
        if not self._asked and len(said) > _LONGEST_LEAVING:
            return False
        asked, self._asked = self._asked, said.casefold() if said.casefold() in LEAVING else ""
        if not self._asked or self._asked == asked:
            self._asked = ""
            return False
        self.tell(_("To leave, type /quit. To say “{word}”, type it again.", word=said))
        return True

    def interrupt(self) -> None:
        """Somebody pressed ^C: say how one leaves."""
        self.tell(_("To leave, type /quit."))

    # -- answers out ----------------------------------------------------------------------------

    def greet(self) -> None:
        """Say where they are, and ask for a name."""
        self.tell(self._greeting()[0])
        self.ask_name()

    def ask_name(self) -> None:
        """Ask for a name; the answer comes on the same line."""
        self.reader.ask(self.question())

    def question(self) -> str:
        """Give what stands before what they type: a question until they have a name."""
        if self._who:
            return PROMPT
        return language(self.preferences.language).read(_("Your name: "))

    def tell(self, *sentences: Sentence) -> None:
        """Answer."""
        self.reader.tell(*sentences)

    def show(self, events: Sequence[Event]) -> None:
        """Show lines of the past, with their numbers; to nobody when they left before the log answered."""
        if self._who:
            lines = self._past(self._wanted(events), numbered=True)
            self.reader.show(b"".join(lines))

    def _wanted(self, events: Iterable[Event]) -> list[Event]:
        """Give what they wish to read of these."""
        reads = self.member.reads
        return [event for event in events if reads(event.origin, event.author)]

    def show_span(self, span: Span) -> Deferred[int]:
        """Show a range of the past, as fast as they take it; give how many lines there were."""

        def render(events: Sequence[Event]) -> bytes:
            return b"".join(self._past(self._wanted(events), numbered=True))

        return Page(self.chat.log, self.context.clock, self.reader, span, render).show()

    def _past(self, events: Sequence[Event], *, numbered: bool) -> list[bytes]:
        now, member = self.now(), self.member
        current = member.current_room.name if member.current_room else ""
        return [
            self.voice.past(event, now, current, member.id, numbered=numbered) for event in events
        ]

    def welcome(self, room: Room, last: Sentence | None = None) -> None:
        """Show a room: who is here, what it is about, its last lines; then `last`."""
        upto = self.chat.head
        self.context.delivery.hold(self.reader)
        self.chat.recent(room, lambda: self._show_room(room, upto, last))

    def _show_room(self, room: Room, upto: int, last: Sentence | None) -> None:
        try:
            if self._who:
                self._show_it(room, self._who, upto, last)
        finally:
            self._release()

    def _show_it(self, room: Room, member: Member, upto: int, last: Sentence | None) -> None:
        here = [people.welcome(room, member)]
        if room.topic:
            here.append(rooms.about(room, member))
        self.tell(*here)
        # What came after they did is theirs to read as everybody does.
        past = self._wanted(event for event in room.recent or () if event.seq <= upto)
        lines = self._fitting(self._past(past, numbered=False), here, last)
        if lines:
            self.pages[room.name] = past[-len(lines)].seq
            self.reader.show(b"".join(lines))
        if last:
            self.tell(last)

    def _fitting(
        self, lines: list[bytes], here: Sequence[Sentence], last: Sentence | None
    ) -> Sequence[bytes]:
        """Give as many of the last lines as leave all the rest of a welcome on the screen."""
        screen = self._screen
        if not screen.rows:
            return lines
        told = [*here, *((*self._greeting(), last) if last else ())]
        used = sum(rows_of(self.voice.notice(one), screen.columns) for one in told)
        return last_that_fit(lines, screen.columns, screen.rows - used - ROWS_TYPED)

    def _greeting(self) -> list[Sentence]:
        """Give what stands above the first welcome."""
        motd = [Sentence(self.context.motd)] if self.context.motd else []
        return [_("Welcome to {title}.", title=self.context.title), *motd]

    def show_again(self) -> None:
        """Show the last lines of the current room, as far as the member has had them."""
        if self._who and (room := self._who.current_room):
            self.context.delivery.hold(self.reader)
            self.chat.recent(room, lambda: self._show_again(room))

    def _show_again(self, room: Room) -> None:
        try:
            if self._who:
                had = self._wanted(e for e in room.recent or () if e.seq <= self.reader.seq)
                self.reader.show(b"".join(self._past(had, numbered=False)))
        finally:
            self._release()

    # -- what takes a while ---------------------------------------------------------------------

    def wait_for(self, task: Coroutine[Any, Any, None]) -> None:
        """Do something that shows the past; until it is done they are shown nothing else, and not read from."""
        self.reader.valve.shut(PauseReason.PAST)
        self.context.delivery.hold(self.reader)
        self.do_aside(task).addCallback(self._go_on_from_past)

    def _go_on_from_past(self, _done: None) -> None:
        self._release()
        self.reader.valve.open(PauseReason.PAST)

    def do_aside(self, task: Coroutine[Any, Any, None]) -> Deferred[None]:
        """Do something that takes a while, unless they leave before."""
        running = ensureDeferred(task)
        self._tasks += (running,)

        def end(result: object) -> None:
            self._tasks = tuple(task for task in self._tasks if task is not running)
            if isinstance(result, Failure):
                self.failed(result)
            self._note_answer()

        return running.addBoth(end)

    @property
    def is_asking(self) -> bool:
        """Tell whether something that they asked for is on its way to them."""
        return bool(self._tasks or self.reader.held)

    def _release(self) -> None:
        self.context.delivery.release(self.reader)
        self._note_answer()

    def _note_answer(self) -> None:
        if not self.is_asking:
            self.on_answered()

    def _drop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()

    def failed(self, failure: Failure) -> None:
        """The log did not answer: say so, and keep the reason for whoever runs the server."""
        if failure.check(CancelledError):
            return
        sentence = _("The log could not be read just now.")
        if failure.check(NotRead):
            _log.warn("{error}", error=failure.value)
        elif isinstance(failure.value, ChatError):
            sentence = failure.value.sentence
        else:
            _log.failure("A fault while the log was read", failure)
        if self._who:
            self.tell(sentence)

    # -- how they read --------------------------------------------------------------------------

    @property
    def member(self) -> Member:
        """Who this is; only once they have a name."""
        assert self._who
        return self._who

    @property
    def voice(self) -> Voice:
        """How they read."""
        return self.reader.voice

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
        return self.context.clock.seconds()

    def set_preference(self, name: str, wish: str) -> None:
        """Wish for something.  Raises NotAllowed."""
        self.preferences = with_preference(self.preferences, name, wish)
        self._read_anew()
        self.on_preferences()

    def look_on(self, screen: Screen) -> None:
        """Take note of what they read on."""
        self._screen = screen
        self._read_anew()

    @property
    def screen(self) -> Screen:
        """What they read on."""
        return self._screen

    def _read_anew(self) -> None:
        self.reader.voice = voice(self.preferences, self._screen)
        if self._who:
            self.context.delivery.refresh(self._who)

    def clear(self) -> None:
        """Empty the screen, where there is one."""
        if self.reader.editor:
            self.reader.send(self.reader.editor.clear())

    # -- leaving --------------------------------------------------------------------------------

    def quit(self, reason: str) -> None:
        """Leave, as they asked."""
        self._leave(reason, lost=False)
        self.dismiss(_("Goodbye."))

    def send_home(self, sentence: Sentence) -> None:
        """End it for a reason that is not theirs: what they sent and is still waiting is refused."""
        self.dismiss(sentence, refuses=True)

    def dismiss(self, sentence: Sentence, *, refuses: bool = False) -> None:
        """Send them home with a sentence; `refuses` when they should know of lines that wait."""
        if self.is_leaving:
            return
        try:
            dropped = self.drop_lines() if refuses else 0
            self._say_goodbye([not_sent(dropped), sentence] if dropped else [sentence])
        except Exception:  # noqa: BLE001 - whoever cannot be told goes all the same
            _log.failure("A goodbye could not be said")
        self.is_leaving = True
        self.context.delivery.detach(self.reader)  # nothing comes behind a goodbye
        self.reader.valve.shut(PauseReason.GONE)
        self._drop_tasks()
        self.reader.wire.close()

    def _say_goodbye(self, sentences: Iterable[Sentence]) -> None:
        """Say it last: there is no prompt below it, and no question."""
        lines = b"".join(self.voice.notice(one) for one in sentences)
        if editor := self.reader.editor:
            self.reader.send(editor.stop() + lines)
        else:
            self.reader.show(lines)

    def lose_peer(self, closed: Callable[[], None]) -> None:
        """Show nothing more: the peer is gone.  What it sent before is still taken, until `gone`.

        `closed` is called by whoever would close the connection meanwhile.
        """
        self.on_answered = _nobody_minds
        self.reader.detach(closed)
        self._drop_tasks()
        self.reader.valve.open(PauseReason.BEHIND)

    def hurry(self) -> None:
        """Let them say at once what the peer sent before it was gone: nobody can be told that it is not said."""
        if self.paces:
            rate = Rate(LAST_LINES_AT_ONCE, RATE_PER_SECOND)
            self.paces = (Bucket(rate, self.context.clock.seconds()),)
        if self._resume:
            self._resume.cancel()
            self._resume = None
        self.reader.valve.open(PauseReason.TURN)
        self.reader.valve.open(PauseReason.PACE)

    def gone(self, *, lost: bool = True) -> None:
        """The connection is no more; `lost` when the other side did not close it."""
        self._leave("", lost=lost)
        self.reader.detach()
        self._end_grace()
        if self._resume:
            self._resume.cancel()
            self._resume = None
        self.context.remove(self)

    def _leave(self, reason: str, *, lost: bool) -> None:
        if self._who:
            member, self._who = self._who, None
            self.context.delivery.detach(self.reader)
            self.reader.valve.shut(PauseReason.GONE)  # a line that waits is no name to come in by
            self._drop_tasks()
            self.chat.quit(member, reason, lost=lost)

    def _too_long(self) -> None:
        self._grace = None
        self.dismiss(_("You took too long to give a name. Goodbye."))

    def _end_grace(self) -> None:
        if self._grace:
            self._grace.cancel()
            self._grace = None
