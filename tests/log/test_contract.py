"""What every log promises: chatproto/log/interface.py, tried on each there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from chatproto.core.events import Kind, Presence
from chatproto.log import memory, sqlite
from chatproto.log.memory import MemoryLog
from chatproto.log.sqlite import SqliteLog
from following import Following, joined, private, reactor, read, said, soon, texts, turn, waits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from chatproto.log.interface import Log


class Kept:
    """A log that has been opened, and somebody who follows it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.log.open()
        self.follower = Following()
        self.log.follow(0, self.follower)
        self._closed = False

    async def say(self, *asked: Any) -> None:
        """Ask for these, and wait until they have happened."""
        count = len(self.follower.heard)
        for one in asked:
            self.log.append(one)
        await self.follower.until(count + len(asked))

    async def find(self, words: str, *rooms: str, limit: int = 20) -> list[str]:
        return await read(self.log.search(rooms or ["lobby"], words, limit))

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await soon(self.log.close())


@pytest_twisted.async_yield_fixture(params=["memory", "sqlite"])  # type: ignore[untyped-decorator]
async def kept(request: Any, tmp_path: Path) -> AsyncIterator[Kept]:
    log = MemoryLog(reactor) if request.param == "memory" else SqliteLog(tmp_path / "log", reactor)
    kept = Kept(log)
    yield kept
    await kept.close()
    await turn()


# -- appending --------------------------------------------------------------------------------------


@waits
async def test_everything_happens_in_the_order_it_was_asked_for(kept: Kept) -> None:
    await kept.say(said("one"), joined("bob"), said("two"), private("three"), joined("carol"))
    short = [one.names[0] if isinstance(one, Presence) else one.text for one in kept.follower.heard]
    assert short == ["one", "bob", "two", "three", "carol"]


@waits
async def test_events_are_numbered_from_one_without_a_gap(kept: Kept) -> None:
    for number in range(30):
        kept.log.append(said(str(number)))
        if number % 7 == 0:
            kept.log.append(joined("bob"))
            await turn()
    await kept.follower.until(35)
    assert [event.seq for event in kept.follower.events] == list(range(1, 31))
    assert texts(kept.follower.events) == [str(number) for number in range(30)]


@waits
async def test_an_event_is_what_was_asked_for_behind_its_number(kept: Kept) -> None:
    draft = private("«ёж»\t🦔")
    await kept.say(draft)
    assert kept.follower.events == [(1, *draft)]


@waits
async def test_nothing_happens_in_the_turn_in_which_it_is_asked(kept: Kept) -> None:
    kept.log.append(said("one"))
    assert kept.follower.heard == []
    await kept.follower.until(1)


@waits
async def test_it_is_full_when_too_much_waits_and_calls_once_when_it_is_not(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (memory, sqlite):
        monkeypatch.setattr(module, "UNWRITTEN_EVENTS", 10)
    calls: list[bool] = []
    for number in range(10):
        assert not kept.log.is_full()
        kept.log.append(said(str(number)))
    assert kept.log.is_full()
    kept.log.when_roomy(lambda: calls.append(kept.log.is_full()))
    await kept.follower.until(10)
    await turn()
    await kept.say(said("more"))
    assert calls == [False]


@waits
async def test_closing_makes_durable_what_was_asked_for(kept: Kept) -> None:
    for number in range(5):
        kept.log.append(said(str(number)))
    await kept.close()
    assert texts(kept.follower.events) == ["0", "1", "2", "3", "4"]


# -- following --------------------------------------------------------------------------------------


@waits
async def test_who_follows_late_misses_nothing_and_hears_nothing_twice(kept: Kept) -> None:
    late: list[Following] = []
    for number in range(2_500):
        kept.log.append(said(str(number)))
        if number % 100 == 0:
            await turn()
        if number % 500 == 250:
            late.append(Following())
            kept.log.follow(number // 2, late[-1])
    for place, follower in enumerate(late):
        after = (250 + 500 * place) // 2
        await follower.until(2_500 - after)
        assert [event.seq for event in follower.events] == list(range(after + 1, 2_501))


@waits
async def test_presences_are_not_kept_for_who_follows_late(kept: Kept) -> None:
    await kept.say(said("one"), joined("bob"), said("two"))
    late = Following()
    kept.log.follow(0, late)
    await kept.say(joined("carol"))
    await late.until(3)
    assert late.heard == [*kept.follower.events, joined("carol")]


@waits
async def test_all_followers_are_handed_the_same(kept: Kept) -> None:
    other = Following()
    kept.log.follow(0, other)
    await kept.say(said("one"), joined("bob"))
    await other.until(2)
    assert other.heard == kept.follower.heard


# -- reading ----------------------------------------------------------------------------------------


@waits
async def test_before_reads_back_in_the_rooms_asked_for(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log = kept.log
    assert await read(log.before(["lobby"], 9, 3)) == ["5", "7", "8"]
    assert await read(log.before(["lobby", "pub"], 4, 10)) == ["1", "2", "3"]
    assert await soon(log.before(["lobby"], 1, 10)) == []
    assert await soon(log.before([], 10, 10)) == []


@waits
async def test_after_reads_on_and_count_counts_it(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log = kept.log
    assert await read(log.after(["lobby"], 0, 2, 3)) == ["4", "5", "7"]
    assert await read(log.after(["lobby", "pub"], 0, 7, 10)) == ["8", "9"]
    assert await soon(log.after([], 7, 0, 10)) == []
    assert await soon(log.count(["lobby"], 0, 2, 7)) == 3
    assert await soon(log.count(["lobby"], 0, 0, 99)) == 6


@waits
async def test_private_lines_are_read_by_the_two_alone(kept: Kept) -> None:
    await kept.say(said("open"), private("secret", origin=1, target=2))
    log = kept.log
    for member, seen in ((1, ["open", "secret"]), (2, ["open", "secret"]), (3, ["open"])):
        assert await read(log.after(["lobby"], member, 0, 10)) == seen
        assert await soon(log.count(["lobby"], member, 0, 10)) == len(seen)
    assert await read(log.before(["lobby"], 10, 10)) == ["open"]
    assert await kept.find("secret") == []


@waits
async def test_a_member_does_not_read_on_in_rooms_they_spoke_in(kept: Kept) -> None:
    await kept.say(said("mine, but elsewhere", "pub"))
    assert await soon(kept.log.after(["lobby"], 1, 0, 10)) == []


@waits
async def test_what_is_read_is_what_happened(kept: Kept) -> None:
    await kept.say(said("one"), said("a topic", kind=Kind.TOPIC), said("waves", kind=Kind.DID))
    assert await soon(kept.log.before(["lobby"], 10, 10)) == kept.follower.events
    assert await soon(kept.log.after(["lobby"], 0, 0, 10)) == kept.follower.events


@waits
async def test_a_room_is_known_once_something_was_said_in_it(kept: Kept) -> None:
    assert await soon(kept.log.room("pub")) is None
    await kept.say(said("hello", "pub"), private("to somebody"))
    assert await soon(kept.log.room("pub")) == ("pub", "", "", 0)
    await kept.say(said("cats", "pub", kind=Kind.TOPIC), said("dogs", kind=Kind.TOPIC))
    assert await soon(kept.log.room("pub")) == ("pub", "cats", "alice", 1_000)
    await kept.say(said("", "pub", kind=Kind.TOPIC))
    assert (await soon(kept.log.room("pub")))[1] == ""  # type: ignore[index]
    assert await soon(kept.log.room("garden")) is None


# -- searching --------------------------------------------------------------------------------------


@waits
async def test_search_finds_whole_words_all_of_them_in_any_order(kept: Kept) -> None:
    await kept.say(said("the red apple"), said("an apple, red"), said("redder apples"))
    assert await kept.find("apple red") == ["the red apple", "an apple, red"]
    assert await kept.find("appl") == []
    assert await kept.find("red pear") == []


@waits
async def test_search_folds_case_in_any_alphabet_and_accents_in_latin(kept: Kept) -> None:
    await kept.say(said("ПРИВЕТ, Мир"), said("un café noir"), said("мой чай"))
    assert await kept.find("привет МИР") == ["ПРИВЕТ, Мир"]
    assert await kept.find("CAFE") == await kept.find("café") == ["un café noir"]
    assert await kept.find("мои") == []  # й is a letter of its own


@waits
async def test_search_gives_the_newest_oldest_first_in_the_rooms_asked_for(kept: Kept) -> None:
    await kept.say(*(said(f"line {n}", "pub" if n % 2 else "lobby") for n in range(10)))
    assert await kept.find("line", limit=2) == ["line 6", "line 8"]
    assert await kept.find("line", "pub", "lobby", limit=3) == ["line 7", "line 8", "line 9"]
    assert await kept.find("line", "garden") == []


@waits
async def test_search_finds_topics_and_deeds(kept: Kept) -> None:
    await kept.say(said("cats topic", kind=Kind.TOPIC), said("pets cats", kind=Kind.DID))
    assert await kept.find("cats") == ["cats topic", "pets cats"]


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ('"', False), ('""', False), ("*", False), ("(", False), ("' OR 1=1 --", False),
        ("AND", False), ("NEAR", False), ("hello AND world", False), ("hello OR nothing", False),
        ("hel*", False), ("text:hello", False), ("NEAR(hello world)", False), ("", False),
        ('hello"', True), ('"hello world"', True), ("(hello)", True), ("^hello", True),
        ("hello *", True), ("hello -world", True), ("hello-world", True), ("world-hello", False),
    ],
)  # fmt: skip
@waits
async def test_no_word_does_harm(kept: Kept, words: str, finds: bool) -> None:
    await kept.say(said("hello world"))
    assert await kept.find(words) == (["hello world"] if finds else [])
