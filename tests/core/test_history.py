"""What a member may read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.python.failure import Failure

from chatproto.core.history import Place
from chatproto.core.queries import Partner, Query, Scope, Span
from chatproto.errors import NotAllowed, NotFound
from fakes import InMemoryServer, enter

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from chatproto.core.events import Ids
    from chatproto.core.queries import Piece
    from chatproto.core.rooms import Seat

T = TypeVar("T")

LOBBY = Scope(("lobby",))


class Hall:
    """Alice and bob in the lobby, where twenty lines were said; bob alone in the garden."""

    def __init__(self) -> None:
        self.server = InMemoryServer()
        self.chat = self.server.chat
        self.alice, self.bob = enter(self.chat, "alice"), enter(self.chat, "Bob")
        for seat, room in ((self.alice, "lobby"), (self.bob, "garden"), (self.bob, "lobby")):
            self.chat.join(seat, room)
        for number in range(1, 21):
            self.chat.say(self.bob, f"line {number}")
        self.chat.say(self.bob, "a secret", name="garden")  # 21
        self.chat.say_privately(self.alice, "Bob", "psst")  # 22
        self.server.clock.turn()

    def ask(self, question: Coroutine[Any, Any, T]) -> T:
        return self.soon(ensureDeferred(question))

    def soon(self, answer: Deferred[T]) -> T:
        got: list[T | Failure] = []
        answer.addBoth(got.append)
        self.server.clock.turn(9)
        (result,) = got
        if isinstance(result, Failure):
            result.raiseException()
        return result


@pytest.fixture
def hall() -> Hall:
    return Hall()


def private(seat: Seat, key: str = "bob", partner: Ids = ()) -> Scope:
    return Scope((), seat.member.ids, Partner(key, partner))


# -- where ------------------------------------------------------------------------------------------


def test_a_room_is_read_by_those_in_it(hall: Hall) -> None:
    assert hall.chat.history.room(hall.alice) == Place(LOBBY, room="lobby")
    assert hall.chat.history.room(hall.alice, "#Lobby") == Place(LOBBY, room="lobby")
    with pytest.raises(NotFound, match="You are not in #garden"):
        hall.chat.history.room(hall.alice, "garden")
    hall.chat.leave(hall.alice, "lobby")
    with pytest.raises(NotAllowed, match="You are in no room"):
        hall.chat.history.room(hall.alice)


def test_a_conversation_is_with_whoever_had_the_name_and_whoever_has_it(hall: Hall) -> None:
    alice, bob = hall.alice, hall.bob
    place = hall.chat.history.conversation
    assert place(alice.member, "BOB") == Place(private(alice, partner=bob.member.ids), nick="BOB")
    assert place(alice.member, "carol") == Place(private(alice, "carol"), nick="carol")


def test_a_line_is_found_where_it_was_said(hall: Hall) -> None:
    def found(seat: Seat, seq: int) -> Place:
        return hall.ask(hall.chat.history.place_of(seat, seq))

    alice, bob = hall.alice, hall.bob
    assert found(bob, 21) == Place(Scope(("garden",)), room="garden")
    assert found(alice, 21) == Place(LOBBY, room="lobby")  # which is all that she may know
    assert found(alice, 22) == Place(private(alice, partner=bob.member.ids), nick="Bob")
    assert found(bob, 22) == Place(private(bob, "alice", alice.member.ids), nick="alice")


def test_everything_is_ones_rooms_and_what_is_private_or_the_rooms_named(hall: Hall) -> None:
    everything = hall.chat.history.everything
    assert everything(hall.bob) == Scope(("garden", "lobby"), hall.bob.member.ids)
    assert everything(hall.bob, ["#Garden"]) == Scope(("garden",))
    with pytest.raises(NotFound, match="You are not in #garden"):
        everything(hall.alice, ["lobby", "garden"])


# -- reading ----------------------------------------------------------------------------------------


def test_the_lines_before_a_number_are_a_span(hall: Hall) -> None:
    before = hall.chat.history.before
    assert hall.ask(before(hall.alice.member, LOBBY, 21, 5)) == Span(LOBBY, 15, 20, 5)
    assert hall.ask(before(hall.alice.member, LOBBY, 1, 5)) is None


@pytest.mark.parametrize(("lines", "first"), [(1, 10), (2, 10), (4, 9), (5, 8), (21, 1)])
def test_a_line_stands_in_the_middle_of_those_around_it(hall: Hall, lines: int, first: int) -> None:
    span = hall.ask(hall.chat.history.around(hall.alice.member, LOBBY, 10, lines))
    assert span == Span(LOBBY, first - 1, 22, lines)
    piece = hall.soon(hall.chat.history.after(hall.alice.member, *span))
    assert [event.seq for event in piece.events] == list(
        range(first, min(20, first + lines - 1) + 1)
    )


def _read(hall: Hall, seat: Seat, scope: Scope) -> list[Coroutine[Any, Any, object]]:
    history, member = hall.chat.history, seat.member

    async def after() -> Piece:
        return await history.after(member, scope, 0, 22, 5)

    return [
        history.before(member, scope, 23, 5),
        history.around(member, scope, 21, 5),
        history.search(member, Query(scope, ("secret",)), 5),
        after(),
    ]


def test_whoever_has_left_a_room_reads_no_more_of_it(hall: Hall) -> None:
    hall.chat.leave(hall.bob, "lobby")
    for reading in _read(hall, hall.bob, Scope(("garden", "lobby"))):
        with pytest.raises(NotFound, match="You are not in #lobby"):
            hall.ask(reading)
    for reading in _read(hall, hall.bob, Scope(("garden",))):
        assert hall.ask(reading)


def test_what_others_say_to_each_other_alone_is_not_read(hall: Hall) -> None:
    carol = enter(hall.chat, "carol")
    for reading in _read(hall, carol, private(hall.alice)):
        with pytest.raises(NotAllowed, match="What others say to each other alone"):
            hall.ask(reading)


def test_of_ids_that_are_in_part_the_members_own_only_these_are_read(hall: Hall) -> None:
    """A seat that was left is forgotten while a page is on the screen; the rest of it is read on."""
    alice, bob = hall.alice.member, hall.bob.member
    mixed = Scope((), (999, *alice.ids))
    whole = hall.soon(hall.chat.history.after(alice, Scope((), alice.ids), 0, 22, 5))
    assert whole.events
    assert hall.soon(hall.chat.history.after(alice, mixed, 0, 22, 5)) == whole
    span = hall.ask(hall.chat.history.before(alice, mixed, 23, 5))
    assert span
    assert span.scope == Scope((), alice.ids)
    carol = enter(hall.chat, "carol").member
    both = Scope((), (*carol.ids, *bob.ids))
    assert hall.soon(hall.chat.history.after(carol, both, 0, 22, 5)).events == []
    assert hall.ask(hall.chat.history.search(carol, Query(both, ("secret",)), 5)).events == []


def test_a_search_finds_nothing_of_whom_one_ignores(hall: Hall) -> None:
    query = Query(LOBBY, ("line",))
    assert len(hall.ask(hall.chat.history.search(hall.alice.member, query, 5)).events) == 5
    hall.chat.ignore(hall.alice.member, "bob")
    assert hall.ask(hall.chat.history.search(hall.alice.member, query, 5)).events == []
