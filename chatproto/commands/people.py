"""Commands about people.  Must not know doors."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from chatproto.commands import talking
from chatproto.commands.arguments import NICK, OWN_ROOM, REASON, Argument, Kind, maybe
from chatproto.commands.row import Caller, Command, Subject, number
from chatproto.core.permissions import Action
from chatproto.core.spans import span
from chatproto.core.text import excerpt
from chatproto.errors import NotFound
from chatproto.language import _, _n, in_a_row, listing
from chatproto.limits import NAMES_SHOWN, PEOPLE_PER_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproto.core.absence import Missed
    from chatproto.core.rooms import Member, Room
    from chatproto.language import Sentence

MISSED_SHOWN: Final = 5  # rooms in one line; the fullest come first
# To the end of the line: a name of two words is told what one of one word would be.
NEW_NICK: Final = Argument(Kind.TEXT, _("NAME"), is_rest=True)
PAGE: Final = Argument(Kind.NUMBER, _("PAGE"))  # how many there are depends on the room


def nick(caller: Caller, name: str) -> None:
    """Give the caller another nick."""
    caller.answers.wait_for(_nick(caller, name))


async def _nick(caller: Caller, wish: str) -> None:
    await caller.chat.seating.rename(caller.seat, wish)
    caller.tell(_("You are {nick} now.", nick=caller.member.nick))


def who(caller: Caller, name: str, page: str) -> None:
    """List the members in a room, a page at a time."""
    room = caller.chat.room_of(caller.seat, name)
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
    wrong = _("There is no page “{seen}”; there are 1 to {pages}.", seen=excerpt(text), pages=pages)
    return number(text, pages, NotFound(wrong)) if text else 1


def _name(member: Member) -> str:
    return member.nick if member.away is None else f"{member.nick}*"


def whois(caller: Caller, name: str) -> None:
    """Tell what is known of a member."""
    member = caller.chat.member_of(caller.seat, name or caller.member.nick)
    rooms = ", ".join(f"#{name}" for name in member.rooms)
    where = _("{nick} is in {rooms}.", nick=member.nick, rooms=rooms)
    caller.tell(where if rooms else _("{nick} is in no room.", nick=member.nick))
    caller.tell(_times(member, caller.now()))
    if member.away:
        caller.tell(talking.away(member.nick, member.away))


def _times(member: Member, now: float) -> Sentence:
    here = span(now - member.since)
    if member.spoke == member.since:
        return _("Here for {here}; has said nothing yet.", here=here)
    if now - member.spoke < 1:
        return _("Here for {here}; spoke just now.", here=here)
    return _("Here for {here}; spoke {heard} ago.", here=here, heard=span(now - member.spoke))


def ignore(caller: Caller, name: str) -> None:
    """Ignore a nick, or ignore it no more; without one, list those ignored."""
    if not name:
        ignored = ", ".join(sorted(_ignored(caller)))
        caller.tell(
            _("You are ignoring: {names}", names=ignored)
            if ignored
            else _("You are not ignoring anybody.")
        )
        return
    if caller.chat.ignore(caller.member, name):
        caller.tell(_("You are ignoring {nick} now; /ignore {nick} again undoes it.", nick=name))
    else:
        caller.tell(_("You are not ignoring {nick} any more.", nick=name))


def _ignored(caller: Caller) -> Iterator[str]:
    """Yield the names that are ignored, each with those its bearers have taken since."""
    ignored = caller.member.ignored
    for key, name in ignored.names.items():
        bearers = {caller.chat.members.of(n) for n, borne in ignored.ids.items() if borne == key}
        now = sorted(member.nick for member in bearers if member and member.key != key)
        yield f"{name} ({', '.join(now)})" if now else name


def away(caller: Caller, reason: str) -> None:
    """Note that the caller is away, or back."""
    if reason or not caller.member.away:
        caller.chat.away.go(caller.member, reason)
        caller.tell(_("You are away. Anything you say, or /away again, brings you back."))
    else:
        caller.chat.away.come_back(caller.member)


def back(missed: Missed) -> list[Sentence]:
    """Return what a member who is back has missed."""
    told = [_("You are back.")]
    rooms = [
        _n("{count} line in #{room}", "{count} lines in #{room}", count, room=name)
        for name, count in sorted(missed.rooms.items(), key=lambda room: (-room[1], room[0]))
    ]
    if len(rooms) > MISSED_SHOWN:
        more = sum(missed.rooms.values()) - sum(sentence.count for sentence in rooms[:MISSED_SHOWN])
        rooms[MISSED_SHOWN:] = [_n("{count} line elsewhere", "{count} lines elsewhere", more)]
    if rooms:
        told.append(_("You missed: {lines}.", lines=in_a_row(rooms)))
    if missed.named:
        told.append(
            _n("{count} of them names you: see /history #{seq}.",
               "{count} of them name you; for the first one, see /history #{seq}.",
               missed.named, seq=missed.first)
        )  # fmt: skip
    if missed.private:
        told.append(
            _n(
                "You got {count} private message.",
                "You got {count} private messages.",
                missed.private,
            )
        )
    return told


def welcome(room: Room, you: Member) -> Sentence:
    """Return the members of a room, for a member that has just come in."""
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
        Command(
            "nick", ("name",), (NEW_NICK,), (Action.RENAME,), _("take another name"), nick,
            example=_("/nick alice"),
        ),
        Command(
            "who", ("names", "people"), (maybe(OWN_ROOM), maybe(PAGE)), (Action.SEE_ROOM,),
            _("list who is in the room; * means away"), who,
            example=_("/who #lobby"),
        ),
        Command(
            "whois", ("info",), (maybe(NICK),), (Action.SEE_MEMBER,),
            _("what is known about somebody"), whois, example=_("/whois bob"),
        ),
        Command(
            "ignore", ("unignore",), (maybe(NICK),), (Action.IGNORE,),
            _("ignore somebody, or stop ignoring them"), ignore, example=_("/ignore bob"),
        ),
        Command(
            "away", ("afk", "back"), (maybe(REASON),), (Action.GO_AWAY,),
            _("say that you are away, or back"), away, example=_("/away at lunch"),
        ),
    ),
)  # fmt: skip
