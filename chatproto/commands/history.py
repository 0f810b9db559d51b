"""Commands about the past.  Must not know which door a line came from, or where the past is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.row import Caller, Command, Subject, first_word
from chatproto.core.limits import FOUND_LINES, HISTORY_LINES, HISTORY_MOST
from chatproto.core.text import excerpt
from chatproto.errors import NotAllowed
from chatproto.language import _, _n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Event


def history(caller: Caller, rest: str) -> None:
    """Page back in the room, show its last lines, or open around a number."""
    word, _more = first_word(rest)
    room = caller.chat.room_of(caller.member)
    if word.startswith("#"):
        _open_around(caller, room.name, _line_number(word, caller.chat.head or 1))
        return
    newest = caller.chat.head + 1
    if word:  # a number of lines: begin at the end again
        count, before = _count(word), newest
    else:
        count, before = HISTORY_LINES, caller.pages.get(room.name, newest)
    caller.chat.log.before([room.name], before, count).addCallback(
        lambda events: _turn_page(caller, room.name, events)
    ).addErrback(caller.failed)


def _count(word: str) -> int:
    count = _number(word, HISTORY_MOST)
    if not count:
        raise NotAllowed(
            _(
                "COUNT is a number from 1 to {most}, not “{seen}”.",
                most=HISTORY_MOST,
                seen=excerpt(word),
            )
        )
    return count


def _line_number(word: str, last: int) -> int:
    number = _number(word[1:], last)
    if not number:
        raise NotAllowed(
            _(
                "There is no line {seen}; the lines are #1 to #{most}.",
                most=last,
                seen=excerpt(word),
            )
        )
    return number


def _number(digits: str, most: int) -> int:
    """Return the number that is written, or 0 when it is none from 1 to `most`."""
    is_number = digits.isascii() and digits.isdigit() and 1 <= int(digits) <= most
    return int(digits) if is_number else 0


def _turn_page(caller: Caller, room: str, events: Sequence[Event]) -> None:
    if not events:
        caller.tell(_("That is all there is in #{room}.", room=room))
        return
    caller.pages[room] = events[0].seq
    caller.show(events)
    caller.tell(_("/history again shows what came before."))


def _open_around(caller: Caller, room: str, seq: int) -> None:
    """Show a line with half a page before it and half a page after."""
    half = HISTORY_LINES // 2
    rooms = list(caller.member.rooms)

    def room_of_the_line(found: Sequence[Event]) -> object:
        place = found[-1].room if found and found[-1].seq == seq else room
        return caller.chat.log.before([place], seq + 1, half + 1).addCallback(
            lambda events: caller.chat.log.after([place], 0, seq, half).addCallback(
                lambda later: _turn_page(caller, place, [*events, *later])
            )
        )

    caller.chat.log.before(rooms, seq + 1, 1).addCallback(room_of_the_line).addErrback(
        caller.failed
    )


def search(caller: Caller, rest: str) -> None:
    """Find lines by their words, in the rooms you are in."""
    caller.chat.log.search(list(caller.member.rooms), rest, FOUND_LINES).addCallback(
        lambda events: _found(caller, rest, events)
    ).addErrback(caller.failed)


def _found(caller: Caller, words: str, events: Sequence[Event]) -> None:
    if not events:
        caller.tell(_("Nothing found for “{words}” in your rooms.", words=excerpt(words)))
        return
    caller.show(events)
    caller.tell(
        _n("{count} line found.", "{count} lines found.", len(events))
        if len(events) < FOUND_LINES
        else _("The newest {count} lines are shown; more words find fewer.", count=len(events)),
        _("/history #{seq} opens around that line.", seq=events[-1].seq),
    )


HISTORY = Subject(
    _("The past"),
    (
        Command(
            "history", ("hist",), _("[COUNT|#NUMBER]"),
            _("page back; show the last COUNT lines; or open around a line"), history,
            example=_("/history 50"),
        ),
        Command(
            "search", ("find", "s"), _("WORDS"), _("find lines that have all the words"), search,
            least=1, example=_("/search apple tree"),
        ),
    ),
)  # fmt: skip
