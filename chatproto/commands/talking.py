"""Commands for talking.  Must not know doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.arguments import NICK, OWN_ROOM, TEXT
from chatproto.commands.row import Caller, Command, Subject
from chatproto.core.events import Kind
from chatproto.core.permissions import Action
from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.core.absence import Absence
    from chatproto.core.rooms import Member
    from chatproto.language import Sentence


def me(caller: Caller, text: str) -> None:
    """Say in the current room what the caller does."""
    caller.chat.say(caller.seat, text, Kind.DID)


def msg(caller: Caller, whom: str, text: str) -> None:
    """Say something to one member, or in another room."""
    if whom.startswith("#"):
        caller.chat.say(caller.seat, text, name=whom)
    else:
        _tell_absence(caller, caller.chat.say_privately(caller.seat, whom, text))


def reply(caller: Caller, text: str) -> None:
    """Answer the last private message."""
    _tell_absence(caller, caller.chat.reply(caller.seat, text))


def _tell_absence(caller: Caller, target: Member) -> None:
    if target.away and caller.member.written.tell_absence(target):
        caller.tell(away(target.nick, target.away))


def away(nick: str, absence: Absence) -> Sentence:
    """Return the sentence that a member is away."""
    if absence.reason:
        return _("{nick} is away: {reason}", nick=nick, reason=absence.reason)
    return _("{nick} is away.", nick=nick)


TALKING = Subject(
    _("Talking"),
    (
        Command(
            "me", (), (TEXT,), (Action.SAY,), _("say what you do: “* alice waves”"), me,
            example=_("/me waves"),
        ),
        Command(
            "msg", ("m", "tell", "w"), (NICK | OWN_ROOM, TEXT), (Action.WRITE, Action.SAY),
            _("say something to one person, or in another room"), msg,
            example=_("/msg bob see you at noon"),
        ),
        Command(
            "reply", ("r",), (TEXT,), (Action.WRITE,), _("answer the last private message"), reply,
            example=_("/reply noon is fine"),
        ),
    ),
)  # fmt: skip
