"""Commands about people.  Must not know which door a line came from."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from chatproto.commands import talking
from chatproto.commands.row import Caller, Command, Subject, first_word
from chatproto.core.limits import NAMES_SHOWN, PEOPLE_PER_PAGE
from chatproto.core.spans import span
from chatproto.errors import NotFound
from chatproto.language import _, _n, listing

if TYPE_CHECKING:
    from chatproto.core.rooms import Member, Room
    from chatproto.language import Sentence


def nick(caller: Caller, rest: str) -> None:
    """Take another name."""
    caller.chat.rename(caller.member, rest)
    caller.tell(_("You are {nick} now.", nick=caller.member.nick))


def who(caller: Caller, rest: str) -> None:
    """List who is in a room, a page at a time."""
    word, more = first_word(rest)
    name, page = (word, more) if word.startswith("#") else ("", word)
    room = caller.chat.room_of(caller.member, name)
    pages = max(1, -(-len(room.members) // PEOPLE_PER_PAGE))
    wanted = _page(page, pages)
    first = (wanted - 1) * PEOPLE_PER_PAGE
    here = islice(room.members.values(), first, first + PEOPLE_PER_PAGE)
    names = ", ".join(_name(member) for member in here)
    count = len(room.members)
    caller.tell(
        _n("{count} person in #{room}: {names}", "{count} people in #{room}: {names}", count,
           room=room.name, names=names)
    )  # fmt: skip
    if pages > 1:
        caller.tell(
            _("Page {page} of {pages}: /who #{room} {next} shows another.",
              page=wanted, pages=pages, room=room.name, next=wanted % pages + 1)
        )  # fmt: skip


def _page(text: str, pages: int) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= pages):
        raise NotFound(
            _("There is no page “{seen}”; there are 1 to {pages}.", seen=text, pages=pages)
        )
    return int(text)


def _name(member: Member) -> str:
    return member.nick if member.away is None else f"{member.nick}*"


def whois(caller: Caller, rest: str) -> None:
    """Tell what is known of somebody."""
    member = caller.chat.member(first_word(rest)[0]) if rest else caller.member
    rooms = ", ".join(f"#{name}" for name in member.rooms) or "-"
    caller.tell(
        _("{nick} is in {rooms}; here for {here}, last heard {heard} ago.",
          nick=member.nick, rooms=rooms,
          here=span(caller.now() - member.since), heard=span(caller.now() - member.spoke))
    )  # fmt: skip
    if member.away is not None:
        caller.tell(talking.away(member))


def ignore(caller: Caller, rest: str) -> None:
    """Stop reading somebody, or read them again."""
    if not rest:
        ignored = ", ".join(sorted(caller.member.ignored.values()))
        caller.tell(_("You ignore: {names}", names=ignored) if ignored else _("You ignore nobody."))
        return
    name, _more = first_word(rest)
    if caller.chat.ignore(caller.member, name):
        caller.tell(
            _("You do not read {nick} any more; /ignore {nick} again undoes it.", nick=name)
        )
    else:
        caller.tell(_("You read {nick} again.", nick=name))


def away(caller: Caller, rest: str) -> None:
    """Say that you are away, or back."""
    member = caller.member
    if rest or member.away is None:
        member.away, member.left_at = rest, caller.chat.head
        caller.tell(_("You are away. /away again says that you are back."))
    else:
        member.away = None
        caller.chat.log.count(
            list(member.rooms), member.number, member.left_at, caller.chat.head
        ).addCallback(lambda count: _welcome_back(caller, count)).addErrback(caller.failed)


def _welcome_back(caller: Caller, missed: int) -> None:
    caller.tell(_("You are back."))
    if missed:
        caller.tell(
            _n(
                "{count} line was said while you were away; /history shows the last ones.",
                "{count} lines were said while you were away; /history shows the last ones.",
                missed,
            )
        )


def welcome(room: Room, you: Member) -> Sentence:
    """Say who is in a room, to somebody who has just come in."""
    others = [
        member.nick
        for member in islice(room.members.values(), NAMES_SHOWN + 1)
        if member is not you
    ][:NAMES_SHOWN]
    if not others:
        return _("You are in #{room}. Nobody else is here yet.", room=room.name)
    here = listing(others, len(room.members) - 1)
    return _("You are in #{room} with {names}.", room=room.name, names=here)


PEOPLE = Subject(
    _("People"),
    (
        Command("nick", ("name",), _("NAME"), _("take another name"), nick, least=1),
        Command(
            "who", ("names", "people"), _("[#ROOM] [PAGE]"),
            _("list who is in the room; * is away"), who,
        ),
        Command("whois", ("info",), _("[NICK]"), _("what is known of somebody"), whois),
        Command(
            "ignore", ("unignore",), _("[NICK]"), _("stop reading somebody, or read them again"),
            ignore,
        ),
        Command("away", ("afk", "back"), _("[REASON]"), _("say that you are away, or back"), away),
    ),
)  # fmt: skip
