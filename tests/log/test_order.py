"""What every order promises: chatproto/core/ports.py, tried on each there is, over each archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest_twisted

from chatproto.core.events import Draft, Json, Presence
from chatproto.core.ports import Log
from chatproto.core.queries import Query, Scope
from chatproto.log import embedded
from chatproto.log.archive import SqliteArchive
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from following import Following, joined, private, reactor, said, soon, texts, turn, waits, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest

    from chatproto.core.events import Event
    from chatproto.core.ports import Archive


class Ordered:
    """An order that has been opened, with its archive, and a follower."""

    def __init__(self, archive: Callable[[], Archive]) -> None:
        self._archive = archive
        self.begin()

    def begin(self) -> None:
        """Open, and follow from the beginning."""
        archive = self._archive()
        self.order = EmbeddedOrder(archive, reactor)
        self.log = Log(self.order, archive)
        self.log.open()
        self.follower = Following()
        self.order.follow(0, self.follower)
        self._closed = False

    async def say(self, *asked: Any) -> None:
        """Ask for these, and wait until they have happened."""
        count = len(self.follower.heard)
        for one in asked:
            self.order.append(one)
        await self.follower.until(count + len(asked))

    async def stored(self) -> list[Event]:
        """Read all that the archive has."""
        return await written(self.log.archive, lambda store: store.all_after(0, 9_999))

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await soon(self.log.close())


@pytest_twisted.async_yield_fixture(params=["memory", "sqlite"])  # type: ignore[untyped-decorator]
async def ordered(request: Any, tmp_path: Path) -> AsyncIterator[Ordered]:
    in_memory = MemoryArchive(reactor)
    makers: dict[str, Callable[[], Archive]] = {
        "memory": lambda: in_memory,  # which has what it had, as long as there is one
        "sqlite": lambda: SqliteArchive(tmp_path / "log", reactor),
    }
    ordered = Ordered(makers[request.param])
    yield ordered
    await ordered.close()
    await turn()


# -- appending --------------------------------------------------------------------------------------


@waits
async def test_everything_happens_in_the_order_it_was_asked_for(ordered: Ordered) -> None:
    await ordered.say(said("one"), joined("bob"), said("two"), private("three"), joined("carol"))
    short = [one.nick if isinstance(one, Presence) else one.text for one in ordered.follower.heard]
    assert short == ["one", "bob", "two", "three", "carol"]


@waits
async def test_events_are_numbered_from_one_without_a_gap(ordered: Ordered) -> None:
    for number in range(30):
        ordered.order.append(said(str(number)))
        if number % 7 == 0:
            ordered.order.append(joined("bob"))
            await turn()
    await ordered.follower.until(35)
    assert [event.seq for event in ordered.follower.events] == list(range(1, 31))
    assert texts(ordered.follower.events) == [str(number) for number in range(30)]


@waits
async def test_an_event_is_what_was_asked_for_behind_its_number(ordered: Ordered) -> None:
    draft = private("«ёж»\t🦔")
    await ordered.say(draft)
    assert ordered.follower.events == [(1, *draft)]


@waits
async def test_what_an_event_says_beside_its_words_is_kept(ordered: Ordered) -> None:
    line = said("yes")._replace(account="anna", ref="r-«1»", reply_to=1, data=Json('{"a": ["ё"]}'))
    secret = private("yes")._replace(account="bob", ref="2", reply_to=7)
    plain = said("yes")
    await ordered.say(line, secret, plain)
    assert ordered.follower.events == [(1, *line), (2, *secret), (3, *plain)]
    again = Following()
    ordered.order.follow(0, again)
    await again.until(3)
    assert again.events == ordered.follower.events == await ordered.stored()
    assert plain[-4:] == ("", "", 0, "")


@waits
async def test_nothing_happens_in_the_turn_in_which_it_is_asked(ordered: Ordered) -> None:
    ordered.order.append(said("one"))
    assert ordered.follower.heard == []
    await ordered.follower.until(1)


@waits
async def test_it_is_full_when_too_much_waits_and_calls_once_when_it_is_not(
    ordered: Ordered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "UNWRITTEN_EVENTS", 10)
    calls: list[bool] = []
    for number in range(10):
        assert not ordered.order.is_full()
        ordered.order.append(said(str(number)))
    assert ordered.order.is_full()
    ordered.order.when_roomy(lambda: calls.append(ordered.order.is_full()))
    await ordered.follower.until(10)
    await turn()
    await ordered.say(said("more"))
    assert calls == [False]


@waits
async def test_closing_makes_durable_what_was_asked_for(ordered: Ordered) -> None:
    for number in range(5):
        ordered.order.append(said(str(number)))
    await ordered.close()
    assert texts(ordered.follower.events) == ["0", "1", "2", "3", "4"]


# -- following --------------------------------------------------------------------------------------


@waits
async def test_who_follows_late_misses_nothing_and_hears_nothing_twice(ordered: Ordered) -> None:
    late: list[Following] = []
    for number in range(2_500):
        ordered.order.append(said(str(number)))
        if number % 100 == 0:
            await turn()
        if number % 500 == 250:
            late.append(Following())
            ordered.order.follow(number // 2, late[-1])
    for place, follower in enumerate(late):
        after = (250 + 500 * place) // 2
        await follower.until(2_500 - after)
        assert [event.seq for event in follower.events] == list(range(after + 1, 2_501))


@waits
async def test_presences_are_not_kept_for_who_follows_late(ordered: Ordered) -> None:
    await ordered.say(said("one"), joined("bob"), said("two"))
    late = Following()
    ordered.order.follow(0, late)
    await ordered.say(joined("carol"))
    await late.until(3)
    assert late.heard == [*ordered.follower.events, joined("carol")]


@waits
async def test_all_followers_are_handed_the_same(ordered: Ordered) -> None:
    other = Following()
    ordered.order.follow(0, other)
    await ordered.say(said("one"), joined("bob"))
    await other.until(2)
    assert other.heard == ordered.follower.heard


@waits
async def test_a_follower_that_fails_keeps_nobody_else_from_being_told(
    ordered: Ordered, failures: list[str]
) -> None:
    bad, other = Following(), Following()
    bad.watch = lambda _batch: 1 / 0
    for follower in (bad, other):
        ordered.order.follow(0, follower)
    await ordered.say(said("one"))
    await ordered.say(said("two"))
    await other.until(2)
    assert texts(other.events) == ["one", "two"]
    assert failures == ["A follower of the log failed"] * 2


@waits
async def test_whoever_waits_for_room_and_fails_keeps_nobody_else_waiting(
    ordered: Ordered, failures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "UNWRITTEN_EVENTS", 4)
    called: list[str] = []
    ordered.order.append(said("one"))
    ordered.order.when_roomy(lambda: called.append("first"))
    ordered.order.when_roomy(lambda: called[9])  # type: ignore[arg-type]
    ordered.order.when_roomy(lambda: called.append("last"))
    await ordered.follower.until(1)
    await turn()
    assert called == ["first", "last"]
    assert failures == ["Somebody who waited for the log failed"]


@waits
async def test_what_was_asked_for_just_before_is_found(ordered: Ordered) -> None:
    ordered.order.append(said("the red apple"))
    found = ordered.log.archive.search(Query(Scope(("lobby",)), ("apple",)), 9)
    assert texts((await soon(found)).events) == ["the red apple"]


@waits
async def test_an_event_is_stored_before_it_is_handed_on(ordered: Ordered) -> None:
    found: list[list[str]] = []
    answers: list[Any] = []

    def look(_batch: object) -> None:
        after = ordered.log.archive.after(Scope(("lobby",)), 0, 9, 9)
        answers.append(after.addCallback(lambda piece: found.append(texts(piece.events))))

    ordered.follower.watch = look
    await ordered.say(said("one"))
    await ordered.say(said("two"))
    for answer in answers:
        await soon(answer)
    assert found == [["one"], ["one", "two"]]


@waits
async def test_the_next_start_counts_on(ordered: Ordered) -> None:
    await ordered.say(said("one"), said("two"))
    await ordered.close()
    ordered.begin()
    await ordered.follower.until(2)
    await ordered.say(said("three"))
    assert [event.seq for event in ordered.follower.events] == [1, 2, 3]


@waits
async def test_what_is_asked_for_after_a_follower_came_is_heard_by_them_presences_too(
    ordered: Ordered,
) -> None:
    late = Following()
    ordered.order.append(said("one"))
    ordered.order.append(joined("bob"))
    ordered.order.follow(0, late)
    ordered.order.append(said("two"))
    ordered.order.append(joined("carol"))
    await late.until(3)
    assert late.heard == [*ordered.follower.events, joined("carol")]
    assert len(ordered.follower.heard) == 4


# -- refs -------------------------------------------------------------------------------------------


def by(ref: str, text: str = "hello", origin: int = 1, account: str = "") -> Draft:
    """Return something that is asked for by a ref."""
    return said(text)._replace(ref=ref, origin=origin, account=account)


AGAIN = by("a", "as it was typed the second time")


@waits
async def test_what_is_asked_for_twice_in_one_turn_happens_once(ordered: Ordered) -> None:
    order, follower = ordered.order, ordered.follower
    for draft in (by("a"), said("between"), AGAIN, by("b")):
        order.append(draft)
    await follower.until(3, repeats=1)
    assert texts(follower.events) == ["hello", "between", "hello"]
    assert [event.seq for event in follower.events] == [1, 2, 3]
    assert follower.repeats == [(AGAIN, follower.events[0])]
    assert await ordered.stored() == follower.events


@waits
async def test_what_is_asked_for_again_later_happens_once(ordered: Ordered) -> None:
    follower = ordered.follower
    await ordered.say(by("a"), joined("bob"))
    ordered.order.append(AGAIN)
    await follower.until(2, repeats=1)
    await ordered.say(said("next"))
    assert [event.seq for event in follower.events] == [1, 2]
    assert follower.repeats == [(AGAIN, follower.events[0])]
    assert await ordered.stored() == follower.events


@waits
async def test_what_is_asked_for_again_after_a_restart_happens_once(ordered: Ordered) -> None:
    await ordered.say(by("a"), by("a", account="anna"))
    await ordered.close()
    ordered.begin()
    again = by("a", origin=77, account="anna")
    ordered.order.append(again)
    await ordered.follower.until(2, repeats=1)
    assert ordered.follower.repeats == [(again, ordered.follower.events[1])]
    assert await ordered.stored() == ordered.follower.events


@waits
async def test_a_ref_is_its_senders_alone(ordered: Ordered) -> None:
    await ordered.say(by("a"), by("a", origin=2), by("a", account="1"), by("a", account="anna"))
    await ordered.say(by("", "no ref"), by("", "no ref"))
    assert ordered.follower.repeats == []


@waits
async def test_every_follower_is_told_of_a_repeat_whatever_becomes_of_another(
    ordered: Ordered, failures: list[str]
) -> None:
    class Bad(Following):
        def repeated(self, draft: Draft, event: Event) -> None:
            raise LookupError

    other = Following()
    for follower in (Bad(), other):
        ordered.order.follow(0, follower)
    await ordered.say(by("a"))
    ordered.order.append(AGAIN)
    await other.until(1, repeats=1)
    assert other.repeats == [(AGAIN, ordered.follower.events[0])]
    assert failures == ["A follower of the log failed"]


@waits
async def test_repeats_do_not_fill_it(ordered: Ordered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "UNWRITTEN_EVENTS", 10)
    await ordered.say(by("a"))
    for number in range(1, 11):
        ordered.order.append(AGAIN)
        await ordered.follower.until(1, repeats=number)
    assert not ordered.order.is_full()
