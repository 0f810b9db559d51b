"""Commands about rooms.  Must not know doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.commands.arguments import OWN_ROOM, REASON, TEXT, Argument, Kind, maybe
from chatproto.commands.row import Caller, Command, Subject
from chatproto.core import whereabouts
from chatproto.core.permissions import Action
from chatproto.core.text import excerpt
from chatproto.language import Sentence, _, _n

if TYPE_CHECKING:
    from chatproto.core.facts import Topic
    from chatproto.core.rooms import Member, Room

ROOMS_LISTED: Final = 50  # a screenful or two; the fullest come first
NO_TOPIC: Final = "-"
# To the end of the line: a name of two words is told what one of one word would be.
NEW_ROOM: Final = Argument(Kind.ROOM, _("#ROOM"), sign="#", is_rest=True)
TOPIC: Final = TEXT | Argument(Kind.CHOICE, Sentence(NO_TOPIC), choices=(NO_TOPIC,))


def join(caller: Caller, name: str) -> None:
    """Bring the caller into a room."""
    before = caller.seat.current_room
    known = set(caller.member.rooms)
    room = caller.chat.join(caller.seat, name)
    if room.name not in known:
        caller.past.welcome(room)
    elif room is before:
        caller.tell(_("You are in #{room} already.", room=room.name))
    else:
        caller.tell(_("You are talking in #{room} now.", room=room.name))


def leave(caller: Caller, name: str, reason: str) -> None:
    """Take the caller out of a room."""
    room = caller.chat.leave(caller.seat, name, reason)
    caller.past.turn(room.name, 0)
    caller.tell(whereabouts.left(room, caller.seat.current_room))


def rooms(caller: Caller) -> None:
    """List the rooms, the fullest first."""
    everywhere = caller.chat.list_rooms(caller.member)
    if not everywhere:
        caller.tell(_("There are no rooms. /join makes one."))
        return
    caller.tell(*(_line(room, caller.member) for room in everywhere[:ROOMS_LISTED]))
    more = len(everywhere) - ROOMS_LISTED
    if more > 0:
        caller.tell(_n("... and {count} more room.", "... and {count} more rooms.", more))


def _line(room: Room, reader: Member) -> Sentence:
    count = len(room.members)
    people = _n("{count} person", "{count} people", count) if count else _("empty")
    if topic := room.topic:
        shown = _hidden(topic, reader) or excerpt(topic.text)
        return _("#{room}: {people}. {topic}", room=room.name, people=people, topic=shown)
    return _("#{room}: {people}.", room=room.name, people=people)


def topic(caller: Caller, text: str) -> None:
    """Set the topic of the current room, or tell it."""
    if text == NO_TOPIC:
        caller.chat.set_topic(caller.seat, "")
    elif text:
        caller.chat.set_topic(caller.seat, text)
    else:
        member = caller.member  # it may have left when the log answers
        room = caller.chat.room_of(caller.seat)
        caller.chat.history.recall(room, lambda: caller.tell(about(room, member)))


def about(room: Room, reader: Member) -> Sentence:
    """Return the topic of a room, for a reader who may ignore its author."""
    topic = room.topic
    if topic is None:
        return _("#{room} has no topic. /topic TEXT gives it one.", room=room.name)
    if hidden := _hidden(topic, reader):
        return _("Topic: {topic}", topic=hidden)
    return _("Topic: {topic} (by {nick})", topic=topic.text, nick=topic.author)


def _hidden(topic: Topic, reader: Member) -> Sentence | None:
    """Return what a reader who ignores the author of a topic reads in its place; None for any other."""
    if reader.reads(topic.origin, topic.author):
        return None
    return _("(set by {nick}, whom you ignore)", nick=topic.author)


ROOMS = Subject(
    _("Rooms"),
    (
        Command(
            "join", ("j",), (NEW_ROOM,), (Action.JOIN, Action.MAKE_ROOM),
            _("enter a room, or go back to one you are in; a new name makes a new room"), join,
            example=_("/join #garden"),
        ),
        Command(
            "leave", ("part", "l"), (maybe(OWN_ROOM), maybe(REASON)), (Action.LEAVE,),
            _("leave a room"), leave, example=_("/leave #garden it is raining"),
        ),
        Command("rooms", ("list",), (), (Action.LIST_ROOMS,), _("list the rooms"), rooms),
        Command(
            "topic", ("t",), (maybe(TOPIC),), (Action.SEE_ROOM, Action.SET_TOPIC),
            _("see or set what the room is about; “-” removes the topic"), topic,
            example=_("/topic roses and how to grow them"),
        ),
    ),
)  # fmt: skip
