"""What may be done, and what each thing asks for: a row for each action.

All but leaving asks for a name, most of what concerns a room for being in it.  The chat and its parts ask this table
before anything is done, whichever door a request came by; commands carry the rows, for `/help` and for completion.
What else an action may ask for is one more column here, and one more line of `refusal`.
Must not know commands or the log.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from chatproto.core.rooms import FIRST_ROOM
from chatproto.errors import NotAllowed, NotFound
from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.core.rooms import Member
    from chatproto.errors import ChatError


class Asks(Enum):
    """What an action asks for."""

    NOTHING = auto()
    NAME = auto()  # being a member
    ROOM = auto()  # being in the room where it is done


# At hand for every line on its way, like the kinds of events.
_NOTHING, _NAME = Asks.NOTHING, Asks.NAME


class Action(Enum):
    """What may be done: its code, for programs, and what it asks for."""

    SAY = "say", Asks.ROOM
    WRITE = "write", Asks.NAME  # to one member alone
    JOIN = "join", Asks.NAME
    MAKE_ROOM = "make_room", Asks.NAME
    LEAVE = "leave", Asks.ROOM
    SET_TOPIC = "set_topic", Asks.ROOM
    SEE_ROOM = "see_room", Asks.ROOM  # who is in it, and what it is about
    LIST_ROOMS = "list_rooms", Asks.NAME
    SEE_MEMBER = "see_member", Asks.NAME
    READ_ROOM = "read_room", Asks.ROOM  # what was said in it before
    READ_PRIVATE = "read_private", Asks.NAME  # what one said or was told alone
    RENAME = "rename", Asks.NAME
    IGNORE = "ignore", Asks.NAME
    GO_AWAY = "go_away", Asks.NAME
    PREFER = "prefer", Asks.NAME  # how one reads and types
    ASK_HELP = "ask_help", Asks.NAME
    QUIT = "quit", Asks.NOTHING

    def __init__(self, code: str, asks: Asks) -> None:
        self.code = code
        self.asks = asks


def refusal(action: Action, member: Member | None, room: str = "") -> ChatError | None:
    """Return why a member may not do something in the room of that name, or in none; None when they may.

    Without a member: for a peer that has no name yet.
    """
    asks = action.asks
    if asks is _NOTHING:
        return None
    if member is None:
        return NotAllowed(_("Give a name first."))
    if asks is _NAME or room in member.rooms:
        return None
    if not room:
        return NotAllowed(_("You are in no room. /join #{room} brings you into one.",
                            room=FIRST_ROOM))  # fmt: skip
    return NotFound(_("You are not in #{room}. /join #{room} brings you in.", room=room))


def check(action: Action, member: Member, room: str = "") -> None:
    """Raise NotAllowed or NotFound when a member may not do something in the room of that name, or in none."""
    if error := refusal(action, member, room):
        raise error
