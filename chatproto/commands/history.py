"""Commands about the past.  Must not know doors or the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.commands.arguments import AT_NICK, OWN_ROOM, Argument, Kind, maybe
from chatproto.commands.row import Caller, Command, Subject, number
from chatproto.commands.sought import sought
from chatproto.core import names
from chatproto.core.permissions import Action
from chatproto.core.text import excerpt
from chatproto.errors import NotAllowed
from chatproto.language import _, _n
from chatproto.limits import FOUND_LINES, HISTORY_LINES, HISTORY_MOST, SEARCH_SECONDS

if TYPE_CHECKING:
    from chatproto.core.history import Place
    from chatproto.core.queries import Found, Query, Span
    from chatproto.language import Sentence

AROUND_LINES: Final = HISTORY_LINES // 2 * 2 + 1  # as many before the line as after it
LINE: Final = Argument(Kind.NUMBER, _("#NUMBER"), sign="#")  # the log knows how many there are
COUNT: Final = Argument(Kind.NUMBER, _("COUNT"), most=HISTORY_MOST)
WORDS: Final = Argument(Kind.TEXT, _("WORDS"))
ON_DATE: Final = Argument(Kind.TEXT, _("on DATE"))


def history(caller: Caller, where: str, count: str) -> None:
    """Page back, show the last lines, or open around a number."""
    if where.startswith("#"):
        seq = _line_number(where, caller.chat.head or 1)
        caller.answers.wait_for(_open_around(caller, seq, int(count or AROUND_LINES)))
        return
    chat, member = caller.chat, caller.member
    place = (
        chat.history.conversation(member, where[1:]) if where else chat.history.room(caller.seat)
    )
    before = chat.head + 1
    if not count:  # with one it begins at the end again
        before = caller.past.pages.get(_key(place), before)
    caller.answers.wait_for(_page_back(caller, place, before, int(count or HISTORY_LINES)))


def _line_number(word: str, last: int) -> int:
    wrong = _("There is no line {seen}; the lines are #1 to #{most}.",
              most=last, seen=excerpt(word))  # fmt: skip
    return number(word[1:], last, NotAllowed(wrong))


async def _page_back(caller: Caller, place: Place, before: int, lines: int) -> None:
    span = await caller.chat.history.before(caller.member, place.scope, before, lines)
    await _show(caller, place, span)


async def _open_around(caller: Caller, seq: int, lines: int) -> None:
    """Show a line in the middle of those around it."""
    chat, member = caller.chat, caller.member
    place = await chat.history.place_of(caller.seat, seq)
    await _show(caller, place, await chat.history.around(member, place.scope, seq, lines))


async def _show(caller: Caller, place: Place, span: Span | None) -> None:
    """Show lines of a place; say so when there are none."""
    if span is None or not await caller.past.show_span(span):
        caller.tell(_end(place))
        return
    caller.past.turn(_key(place), span.after + 1)
    caller.tell(_("{command} again shows what came before.", command=_line(place)))


def _key(place: Place) -> str:
    """Return the key of a place in a caller's pages."""
    return f"@{names.key(place.nick)}" if place.nick else place.room


def _line(place: Place) -> str:
    return f"/history @{place.nick}" if place.nick else "/history"


def _end(place: Place) -> Sentence:
    if place.nick:
        return _("That is all that you and {nick} have said to each other alone since you came.",
                 nick=place.nick)  # fmt: skip
    return _("That is all there is in #{room}.", room=place.room)


def search(caller: Caller, wish: str) -> None:
    """Find lines: in the caller's rooms, and in its private conversations."""
    if caller.searching:
        raise NotAllowed(_("Your last search is still under way."))
    query = sought(caller, wish)
    caller.searching = True
    caller.answers.do_aside(_search(caller, wish, query))


async def _search(caller: Caller, asked: str, query: Query) -> None:
    try:
        found = await caller.chat.history.search(caller.member, query, FOUND_LINES)
    finally:
        caller.searching = False
    if found.events:
        caller.past.show(found.events)
        caller.tell(_how_many(found), _opens(found))
    else:
        caller.tell(
            _("Nothing found for “{words}” in your rooms and private lines.", words=excerpt(asked))
        )
    if not found.whole:
        caller.tell(
            _(
                "The search was stopped after {seconds} s: older lines were not looked at."
                " Rarer words, #ROOM, @NICK or “on DATE” are faster.",
                seconds=f"{SEARCH_SECONDS:g}",
            )
        )


def _how_many(found: Found) -> Sentence:
    if len(found.events) < FOUND_LINES:
        return _n("{count} line found.", "{count} lines found.", len(found.events))
    return _("The newest {count} lines are shown; more words find fewer.", count=FOUND_LINES)


def _opens(found: Found) -> Sentence:
    return _("/history #{seq} opens around that line.", seq=found.events[-1].seq)


HISTORY = Subject(
    _("The past"),
    (
        Command(
            "history", ("hist",), (maybe(LINE | AT_NICK), maybe(COUNT)),
            (Action.READ_ROOM, Action.READ_PRIVATE),
            _("page back, in the room or in what you and NICK said alone; the last COUNT lines; or around a line"),
            history, example=_("/history 50"),
        ),
        Command(
            "search", ("find", "s"), (maybe(WORDS), maybe(OWN_ROOM), maybe(AT_NICK), maybe(ON_DATE)),
            (Action.READ_ROOM, Action.READ_PRIVATE),
            _("find lines with all the words, or words that begin so; by NICK; on a day"), search,
            any_order=True, example=_("/search apple tree"),
        ),
    ),
)  # fmt: skip
