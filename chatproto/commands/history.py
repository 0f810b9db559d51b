"""Commands about the past.  Must not know which door a line came from, or where the past is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatproto.commands.row import Caller, Command, Subject, first_word, number
from chatproto.commands.sought import sought
from chatproto.core import names
from chatproto.core.events import ADDRESSED
from chatproto.core.queries import Partner, Scope, Span
from chatproto.core.text import excerpt
from chatproto.errors import NotAllowed, NotFound
from chatproto.language import _, _n
from chatproto.limits import FOUND_LINES, HISTORY_LINES, HISTORY_MOST, SEARCH_SECONDS

if TYPE_CHECKING:
    from chatproto.core.queries import Found, Query
    from chatproto.language import Sentence


class Place(NamedTuple):
    """A room, or what two people said to each other alone: what `/history` pages through.

    key    by which a caller's `pages` know it
    scope  what is read
    name   what stands after `/history` to page on
    end    what is said when there is nothing more
    """

    key: str
    scope: Scope
    name: str
    end: Sentence


def history(caller: Caller, rest: str) -> None:
    """Page back, show the last lines, or open around a number."""
    word, more = first_word(rest)
    if word.startswith("#"):
        seq = _line_number(word, caller.chat.head or 1)
        caller.answers.wait_for(_open_around(caller, seq))
        return
    if word.startswith("@"):
        place, count = _with(caller, word[1:]), first_word(more)[0]
    else:
        place, count = _room(caller.chat.room_of(caller.member).name), word
    newest = caller.chat.head + 1
    if count:  # a number of lines: begin at the end again
        lines, before = _count(count), newest
    else:
        lines, before = HISTORY_LINES, caller.past.pages.get(place.key, newest)
    caller.answers.wait_for(_page_back(caller, place, before, lines))


def _count(word: str) -> int:
    wrong = _("COUNT is a number from 1 to {most}, not “{seen}”.",
              most=HISTORY_MOST, seen=excerpt(word))  # fmt: skip
    return number(word, HISTORY_MOST, NotAllowed(wrong))


def _line_number(word: str, last: int) -> int:
    wrong = _("There is no line {seen}; the lines are #1 to #{most}.",
              most=last, seen=excerpt(word))  # fmt: skip
    return number(word[1:], last, NotAllowed(wrong))


def _room(name: str) -> Place:
    return Place(name, Scope((name,)), "/history", _("That is all there is in #{room}.", room=name))


def _with(caller: Caller, wish: str) -> Place:
    """Return what the caller and another said to each other alone.

    What was said to somebody of that name and what was said to whoever has it now are both the
    caller's to read: they sent it, or it was sent to them.
    """
    nick = names.nick(wish)
    try:
        bearer = caller.chat.member(nick).id
    except NotFound:
        bearer = 0
    return _conversation(caller, nick, bearer)


def _conversation(caller: Caller, nick: str, partner: int) -> Place:
    key = names.key(nick)
    return Place(
        f"@{key}", Scope((), caller.member.id, Partner(key, partner)), f"/history @{nick}",
        _("That is all that you and {nick} have said to each other alone since you came.",
          nick=nick),
    )  # fmt: skip


async def _page_back(caller: Caller, place: Place, before: int, lines: int) -> None:
    first = await caller.chat.log.archive.back(place.scope, before, lines)
    if first:
        await _show(caller, place, Span(place.scope, first - 1, before - 1, lines))
    else:
        caller.tell(place.end)


async def _open_around(caller: Caller, seq: int) -> None:
    """Show a line with half a page before it and half a page after."""
    half = HISTORY_LINES // 2
    place = await _place_of(caller, seq)
    first = await caller.chat.log.archive.back(place.scope, seq + 1, half + 1) or seq
    await _show(caller, place, Span(place.scope, first - 1, caller.chat.head, 2 * half + 1))


async def _place_of(caller: Caller, seq: int) -> Place:
    """Return where the line of that number was said; the current room, when that is not theirs to know."""
    member = caller.member
    mine = Scope(tuple(member.rooms), member.id)
    for line in (await caller.chat.log.archive.after(mine, seq - 1, seq, 1)).events:
        if line.kind not in ADDRESSED:
            return _room(line.room)
        if line.origin == member.id:
            return _conversation(caller, line.to, line.target)
        return _conversation(caller, line.author, line.origin)
    return _room(caller.chat.room_of(member).name)


async def _show(caller: Caller, place: Place, span: Span) -> None:
    if not await caller.past.show_span(span):
        caller.tell(place.end)
        return
    caller.past.pages[place.key] = span.after + 1
    caller.tell(_("{command} again shows what came before.", command=place.name))


def search(caller: Caller, rest: str) -> None:
    """Find lines, in the rooms you are in and among what was said to you or by you alone."""
    if caller.searching:
        raise NotAllowed(_("Your last search is still under way."))
    query = sought(caller, rest)
    caller.searching = True
    caller.answers.do_aside(_search(caller, rest, query))


async def _search(caller: Caller, asked: str, query: Query) -> None:
    try:
        found = await caller.chat.log.archive.search(query, FOUND_LINES)
    finally:
        caller.searching = False
    reads = caller.member.reads
    found = found._replace(events=[e for e in found.events if reads(e.origin, e.author)])
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
            "history", ("hist",), _("[#NUMBER|[@NICK] [COUNT]]"),
            _("page back, in the room or in what you and NICK said alone; the last COUNT lines; or around a line"),
            history, example=_("/history 50"),
        ),
        Command(
            "search", ("find", "s"), _("[WORDS] [#ROOM] [@NICK] [on DATE]"),
            _("find lines with all the words, or words that begin so; by NICK; on a day"), search,
            least=1, example=_("/search apple tree"),
        ),
    ),
)  # fmt: skip
