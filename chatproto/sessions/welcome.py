"""The welcome: what a member is shown on coming in, or on going on where a connection of theirs broke.

Must not know doors or sockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.rooms import FIRST_ROOM
from chatproto.language import _, _n

if TYPE_CHECKING:
    from chatproto.core.rooms import Member, Seat
    from chatproto.language import Sentence
    from chatproto.sessions.lines import LineSession


def welcome(session: LineSession, seat: Seat) -> None:
    """Let a member read at their seat, and show them the room they look at."""
    seen, seat.seen = seat.seen, None
    session.answers.hold()  # what is older comes first
    session.begin_to_read(seat, seen)
    if seen is not None:
        _go_on(session, seat, seen)
    else:
        _begin(session, seat)
    session.answers.release()


def _begin(session: LineSession, seat: Seat) -> None:
    """Show the room that the member looks at first: the last one they are in, if they are here already."""
    if message := session.context.message:
        session.tell(*message)
    room = session.chat.join(seat, next(reversed(seat.member.rooms), FIRST_ROOM))
    session.past.welcome(room, last=_who_you_are(seat.member))


def _who_you_are(member: Member) -> Sentence:
    if len(member.seats) == 1:
        return _("You are {nick}. /help lists the commands.", nick=member.nick)
    return _n(
        "You are {nick}, who is here {count} time now.",
        "You are {nick}, who is here {count} times now.",
        len(member.seats), nick=member.nick,
    )  # fmt: skip


def _go_on(session: LineSession, seat: Seat, seen: int) -> None:
    """Show the last lines before the connection broke; what was missed follows by itself."""
    session.display.set_preferences(seat.preferences or session.display.preferences)
    session.tell(_("Welcome back, {nick}. You go on where your connection broke.",
                   nick=seat.member.nick))  # fmt: skip
    if seat.current_room:
        session.past.welcome(seat.current_room, upto=seen)
