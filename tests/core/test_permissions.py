"""What may be done: the table, and that the chat decides by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproto.core import permissions
from chatproto.core.permissions import Action, Asks, check, refusal
from chatproto.core.queries import Scope
from chatproto.doors.plain import PlainProtocol
from chatproto.errors import ChatError, NotAllowed, NotFound
from chatproto.language import Sentence
from fakes import InMemoryServer, answer_of, enter

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from chatproto.core.chat import Chat
    from chatproto.core.rooms import Member, Seat

    Deed: TypeAlias = Callable[[Chat, Seat, str], object]

NOWHERE = "You are in no room. /join #lobby brings you into one."
ELSEWHERE = "You are not in #garden. /join #garden brings you in."

# How each is asked of the chat, in the room of that name or the current one.
DEEDS: dict[Action, Deed] = {
    Action.SAY: lambda chat, seat, room: chat.say(seat, "hello", name=room),
    Action.WRITE: lambda chat, seat, _room: chat.say_privately(seat, "bob", "psst"),
    Action.JOIN: lambda chat, seat, _room: chat.join(seat, "library"),
    Action.MAKE_ROOM: lambda chat, seat, _room: chat.join(seat, "attic"),
    Action.LEAVE: lambda chat, seat, room: chat.leave(seat, room),
    Action.SEE_ROOM: lambda chat, seat, room: chat.room_of(seat, room),
    Action.LIST_ROOMS: lambda chat, seat, _room: chat.list_rooms(seat.member),
    Action.SEE_MEMBER: lambda chat, seat, _room: chat.member_of(seat, "bob"),
    Action.READ_ROOM: lambda chat, seat, room: chat.history.room(seat, room),
    Action.READ_PRIVATE: lambda chat, seat, _room: chat.history.conversation(seat.member, "bob"),
    Action.RENAME: lambda chat, seat, _room: answer_of(chat.seating.rename(seat, "ann")),
    Action.IGNORE: lambda chat, seat, _room: chat.ignore(seat.member, "bob"),
    Action.GO_AWAY: lambda chat, seat, _room: chat.away.go(seat.member, "lunch"),
    Action.QUIT: lambda chat, seat, _room: chat.seating.quit(seat),
}
# Other ways to do the same.
OTHER_WAYS: tuple[tuple[Action, Deed], ...] = (
    (Action.SAY, lambda chat, seat, _room: chat.say(seat, "hello")),
    (Action.WRITE, lambda chat, seat, _room: chat.reply(seat, "psst")),
    (Action.SET_TOPIC, lambda chat, seat, _room: chat.set_topic(seat, "roses")),
    (Action.READ_ROOM, lambda chat, seat, _room: _read(chat, seat, Scope(("lobby",)))),
    (Action.READ_PRIVATE, lambda chat, seat, _room: _read(chat, seat, Scope((), seat.member.ids))),
)
WAYS = (*DEEDS.items(), *OTHER_WAYS)
# What concerns nobody else is asked where it is done: in the session, or in the command.
OF_SESSIONS = {Action.PREFER: "/set theme dark", Action.ASK_HELP: "/help"}
# What cannot be done without it.
NEEDED_FOR = {Action.JOIN: {Action.MAKE_ROOM}}


def _read(chat: Chat, seat: Seat, scope: Scope) -> object:
    return chat.history.after(seat.member, scope, 0, 1, 1)


@pytest.fixture
def chat() -> Chat:
    chat = InMemoryServer().chat
    chat.join(enter(chat, "bob"), "lobby")
    chat.join(enter(chat, "carol"), "library")
    return chat


def _told(deed: Callable[[], object]) -> str:
    try:
        deed()
    except ChatError as error:
        return str(error)
    return ""


def test_each_action_is_tried_or_is_not_the_chats() -> None:
    assert {*dict(WAYS), *OF_SESSIONS} == set(Action)


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


# -- an action that is refused, whatever its row asks for -----------------------------------------


def _refuse(monkeypatch: pytest.MonkeyPatch, refused: Action) -> None:
    """Let an action be refused to everybody."""

    def refuse(action: Action, member: Member | None, room: str = "") -> ChatError | None:
        if action is refused:
            return NotAllowed(Sentence(f"No {action.code}."))
        return refusal(action, member, room)

    monkeypatch.setattr(permissions, "refusal", refuse)


class Company:
    """Alice in the lobby, to whom bob has written; carol in the library."""

    def __init__(self) -> None:
        server = InMemoryServer()
        self.chat = server.chat
        self.alice, bob, carol = (enter(self.chat, nick) for nick in ("alice", "bob", "carol"))
        for seat, room in ((self.alice, "lobby"), (bob, "lobby"), (carol, "library")):
            self.chat.join(seat, room)
        self.chat.say_privately(bob, "alice", "psst")
        server.clock.turn()

    def do(self, deed: Deed) -> str:
        """Return what alice is told who does that in the lobby."""
        return _told(lambda: deed(self.chat, self.alice, "lobby"))


@pytest.mark.parametrize("refused", dict(WAYS), ids=lambda action: action.code)
def test_what_is_refused_is_not_done_and_all_else_is(
    monkeypatch: pytest.MonkeyPatch, refused: Action
) -> None:
    tried = [(action, deed, Company()) for action, deed in WAYS]
    _refuse(monkeypatch, refused)
    told = [(action, company.do(deed)) for action, deed, company in tried]
    # Going asks for nothing: whoever may not, hangs up.
    not_done = {refused, *NEEDED_FOR.get(refused, ())} - {Action.QUIT}
    expected = [(action, f"No {refused.code}." if action in not_done else "") for action, _ in told]
    assert told == expected


@pytest.mark.parametrize(("refused", "line"), OF_SESSIONS.items(), ids=str)
def test_what_is_a_sessions_is_refused_too(
    monkeypatch: pytest.MonkeyPatch, refused: Action, line: str
) -> None:
    alice = InMemoryServer().enter(PlainProtocol, "alice")
    _refuse(monkeypatch, refused)
    told = {}
    for typed in OF_SESSIONS.values():
        alice.send(typed)
        told[typed] = alice.read() == f"-- No {refused.code}.\n"
    assert told == {typed: typed == line for typed in OF_SESSIONS.values()}


def test_who_may_not_read_private_lines_searches_their_rooms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company = Company()
    everything = company.chat.history.everything
    assert everything(company.alice) == Scope(("lobby",), company.alice.member.ids)
    _refuse(monkeypatch, Action.READ_PRIVATE)
    assert everything(company.alice) == Scope(("lobby",))
    _refuse(monkeypatch, Action.READ_ROOM)
    assert everything(company.alice) == Scope((), company.alice.member.ids)


# -- the table --------------------------------------------------------------------------------------


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
