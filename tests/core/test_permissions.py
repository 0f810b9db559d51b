"""What may be done: the table, and that the chat decides by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.core.permissions import Action, Asks, check, refusal
from chatproto.errors import ChatError, NotAllowed, NotFound
from fakes import InMemoryServer, answer_of, enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.chat import Chat
    from chatproto.core.rooms import Seat

NOWHERE = "You are in no room. /join #lobby brings you into one."
ELSEWHERE = "You are not in #garden. /join #garden brings you in."

# How each is asked of the chat, in the room of that name or the current one.
DEEDS: dict[Action, Callable[[Chat, Seat, str], object]] = {
    Action.SAY: lambda chat, seat, room: chat.say(seat, "hello", name=room),
    Action.WRITE: lambda chat, seat, _room: chat.say_privately(seat, "bob", "psst"),
    Action.JOIN: lambda chat, seat, _room: chat.join(seat, "lobby"),
    Action.MAKE_ROOM: lambda chat, seat, _room: chat.join(seat, "attic"),
    Action.LEAVE: lambda chat, seat, room: chat.leave(seat, room),
    Action.SEE_ROOM: lambda chat, seat, room: chat.room_of(seat, room),
    Action.LIST_ROOMS: lambda chat, _member, _room: chat.rooms.listed(),
    Action.SEE_MEMBER: lambda chat, _member, _room: chat.member("bob"),
    Action.READ_ROOM: lambda chat, seat, room: chat.history.room(seat, room),
    Action.READ_PRIVATE: lambda chat, seat, _room: chat.history.conversation(seat.member, "bob"),
    Action.RENAME: lambda chat, seat, _room: answer_of(chat.seating.rename(seat, "ann")),
    Action.IGNORE: lambda chat, seat, _room: chat.ignore(seat.member, "bob"),
    Action.GO_AWAY: lambda chat, seat, _room: chat.away.go(seat.member, "lunch"),
    Action.QUIT: lambda chat, seat, _room: chat.seating.quit(seat),
}
OF_SESSIONS = {Action.PREFER, Action.ASK_HELP}


@pytest.fixture
def chat() -> Chat:
    chat = InMemoryServer().chat
    chat.join(enter(chat, "bob"), "lobby")
    return chat


def _told(deed: Callable[[], object]) -> str:
    try:
        deed()
    except ChatError as error:
        return str(error)
    return ""


def test_each_action_is_tried_or_is_not_the_chats() -> None:
    assert {*DEEDS, *OF_SESSIONS, Action.SET_TOPIC} == set(Action)


@pytest.mark.parametrize("action", DEEDS, ids=lambda action: action.code)
def test_the_chat_asks_for_what_the_table_says(chat: Chat, action: Action) -> None:
    alice = enter(chat, "alice")
    refused = NOWHERE if action.asks is Asks.ROOM else ""
    assert _told(lambda: DEEDS[action](chat, alice, "")) == refused


@pytest.mark.parametrize(
    "action", [action for action in DEEDS if action.asks is Asks.ROOM], ids=lambda one: one.code
)
def test_what_asks_for_a_room_asks_for_that_room(chat: Chat, action: Action) -> None:
    alice = enter(chat, "alice")
    chat.join(alice, "lobby")
    assert _told(lambda: DEEDS[action](chat, alice, "garden")) == ELSEWHERE
    assert _told(lambda: DEEDS[action](chat, alice, "#Lobby")) == ""


def test_a_topic_asks_for_the_room_it_is_set_in(chat: Chat) -> None:
    alice = enter(chat, "alice")
    assert Action.SET_TOPIC.asks is Asks.ROOM
    assert _told(lambda: chat.set_topic(alice, "roses")) == NOWHERE
    chat.join(alice, "lobby")
    chat.set_topic(alice, "roses")


@pytest.mark.parametrize("action", Action, ids=lambda action: action.code)
def test_whoever_has_no_name_may_do_nothing_but_leave(action: Action) -> None:
    refused = refusal(action, None)
    assert (refused is None) == (action is Action.QUIT)
    assert str(refused or "Give a name first.") == "Give a name first."


def test_a_check_raises_the_refusal(chat: Chat) -> None:
    alice = enter(chat, "alice")
    with pytest.raises(NotAllowed, match="You are in no room"):
        check(Action.SAY, alice.member)
    with pytest.raises(NotFound, match="You are not in #garden"):
        check(Action.SAY, alice.member, "garden")
    check(Action.RENAME, alice.member)
    chat.join(alice, "garden")
    check(Action.SAY, alice.member, "garden")


def test_no_two_actions_share_a_code() -> None:
    assert len({action.code for action in Action}) == len(Action)
