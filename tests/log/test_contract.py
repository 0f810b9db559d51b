"""What every log promises: chatproto/core/ports.py, tried on each there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from chatproto.core.events import Draft, Event, Json, Kind, Presence
from chatproto.core.queries import Partner, Query, Scope
from chatproto.log import memory, pieces, sqlite
from chatproto.log.memory import MemoryLog
from chatproto.log.sqlite import SqliteLog
from following import Following, joined, private, reactor, read, said, soon, texts, turn, waits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from chatproto.core.ports import Log


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

    async def find(
        self, words: str, *rooms: str, limit: int = 20, member: int = 0, **more: Any
    ) -> list[str]:
        scope = Scope(rooms or ("lobby",), member)
        query = Query(scope, tuple(words.split()), **more)
        found = await soon(self.log.search(query, limit))
        assert found.whole
        return texts(found.events)

    async def after(self, scope: Scope, seq: int, upto: int = 99, limit: int = 99) -> list[str]:
        piece = await soon(self.log.after(scope, seq, upto, limit))
        return texts(piece.events)

    def events(self, *numbers: int) -> list[Event]:
        return [event for event in self.follower.events if event.seq in numbers]

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
    short = [one.nick if isinstance(one, Presence) else one.text for one in kept.follower.heard]
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
async def test_what_an_event_says_beside_its_words_is_kept(kept: Kept) -> None:
    line = said("yes")._replace(account="anna", ref="r-«1»", reply_to=1, data=Json('{"a": ["ё"]}'))
    secret = private("yes")._replace(account="bob", ref="2", reply_to=7)
    plain = said("yes")
    await kept.say(line, secret, plain)
    assert kept.follower.events == [(1, *line), (2, *secret), (3, *plain)]
    again = Following()
    kept.log.follow(0, again)
    await again.until(3)
    found = (await soon(kept.log.search(Query(Scope(("lobby",), 1), ("yes",)), 9))).events
    scope = (await soon(kept.log.after(Scope(("lobby",), 1), 0, 9, 9))).events
    assert again.events == found == scope == kept.follower.events
    assert await soon(kept.log.before(["lobby"], 9, 9)) == kept.events(1, 3)
    assert plain[-4:] == ("", "", 0, "")


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


@waits
async def test_a_follower_that_fails_keeps_nobody_else_from_being_told(
    kept: Kept, failures: list[str]
) -> None:
    bad, other = Following(), Following()
    bad.watch = lambda _batch: 1 / 0
    for follower in (bad, other):
        kept.log.follow(0, follower)
    await kept.say(said("one"))
    await kept.say(said("two"))
    await other.until(2)
    assert texts(other.events) == ["one", "two"]
    assert failures == ["A follower of the log failed"] * 2


@waits
async def test_whoever_waits_for_room_and_fails_keeps_nobody_else_waiting(
    kept: Kept, failures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (memory, sqlite):
        monkeypatch.setattr(module, "UNWRITTEN_EVENTS", 4)
    called: list[str] = []
    kept.log.append(said("one"))
    kept.log.when_roomy(lambda: called.append("first"))
    kept.log.when_roomy(lambda: called[9])  # type: ignore[arg-type]
    kept.log.when_roomy(lambda: called.append("last"))
    await kept.follower.until(1)
    await turn()
    assert called == ["first", "last"]
    assert failures == ["Somebody who waited for the log failed"]


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
    log, lobby = kept.log, Scope(("lobby",))
    assert await soon(log.after(lobby, 2, 9, 3)) == (kept.events(4, 5, 7), 7)
    assert await soon(log.after(lobby, 7, 9, 3)) == (kept.events(8), 9)
    assert await soon(log.after(lobby, 2, 5, 9)) == (kept.events(4, 5), 5)
    assert await kept.after(Scope(("lobby", "pub")), 7) == ["8", "9"]
    assert await kept.after(Scope((), 7), 0) == []
    assert await soon(log.count(["lobby"], 0, 2, 7)) == 3
    assert await soon(log.count(["lobby"], 0, 0, 99)) == 6


@waits
async def test_a_piece_that_is_full_ends_with_its_last_event_and_one_that_is_not_where_asked(
    kept: Kept,
) -> None:
    await kept.say(said("1"), said("2"), said("3", "pub"))
    lobby = Scope(("lobby",))
    assert (await soon(kept.log.after(lobby, 0, 3, 1))).upto == 1
    assert (await soon(kept.log.after(lobby, 0, 3, 2))).upto == 3
    assert await soon(kept.log.after(lobby, 2, 3, 2)) == ([], 3)


@waits
async def test_what_is_read_at_once_is_bounded_in_bytes(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "CATCH_UP_BYTES", 10)
    await kept.say(said("яяяя"), said("я"), said("я"), said("я" * 20), said("я"))
    lobby = Scope(("lobby",))
    assert (await soon(kept.log.after(lobby, 0, 5, 99))).upto == 2  # 10 bytes
    assert (await soon(kept.log.after(lobby, 2, 5, 99))).upto == 3
    assert (await soon(kept.log.after(lobby, 3, 5, 99))).upto == 4  # one in any case
    assert await read(kept.log.before(["lobby"], 6, 99)) == ["я"]
    assert await read(kept.log.before(["lobby"], 4, 99)) == ["я", "я"]


@waits
async def test_back_gives_the_number_at_which_the_last_lines_begin(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log, lobby = kept.log, Scope(("lobby",))
    assert [await soon(log.back(lobby, 9, count)) for count in (1, 2, 3, 99)] == [8, 7, 5, 1]
    assert await soon(log.back(Scope(("lobby", "pub")), 10, 4)) == 6
    assert await soon(log.back(lobby, 1, 5)) == 0
    assert await soon(log.back(Scope(("garden",)), 10, 5)) == 0
    assert await soon(log.back(Scope(), 10, 5)) == 0


@waits
async def test_private_lines_are_read_by_the_two_alone(kept: Kept) -> None:
    await kept.say(said("open"), private("secret", origin=1, target=2))
    log = kept.log
    for member, seen in ((1, ["open", "secret"]), (2, ["open", "secret"]), (3, ["open"])):
        assert await kept.after(Scope(("lobby",), member), 0) == seen
        assert await soon(log.count(["lobby"], member, 0, 10)) == len(seen)
        assert await kept.find("secret", member=member) == seen[1:]
        assert await kept.find("", member=member) == seen
    assert await read(log.before(["lobby"], 10, 10)) == ["open"]
    assert await kept.after(Scope(("lobby",)), 0) == ["open"]
    assert await kept.find("secret") == []


def from_to(origin: int, author: str, target: int, to: str, text: str) -> Draft:
    return Draft(1_000, Kind.PRIVATE.value, "", author, origin, to, target, text)


@waits
async def test_a_conversation_is_what_two_said_to_each_other_by_name_or_by_number(
    kept: Kept,
) -> None:
    await kept.say(
        from_to(1, "alice", 2, "Bob", "to Bob"),
        from_to(2, "BOB", 1, "alice", "from Bob"),
        from_to(1, "alice", 3, "carol", "to carol"),
        from_to(1, "alice", 2, "robert", "to Bob by his new name"),
        from_to(4, "bob", 1, "alice", "from another Bob"),
        from_to(4, "bob", 3, "carol", "not alice's"),
        from_to(1, "alice", 1, "alice", "a note"),
        said("open"),
    )
    by_name = Scope((), 1, Partner("bob"))
    assert await kept.after(by_name, 0) == ["to Bob", "from Bob", "from another Bob"]
    now = Scope((), 1, Partner("robert", 2))
    assert await kept.after(now, 0) == ["to Bob", "from Bob", "to Bob by his new name"]
    assert await soon(kept.log.back(now, 9, 2)) == 2
    # Whoever bears a name later reads nothing of what its former bearer said or was told.
    assert await kept.after(Scope((), 4, Partner("alice", 1)), 0) == ["from another Bob"]
    assert await kept.after(Scope((), 5, Partner("alice", 1)), 0) == []
    assert await kept.after(Scope((), 1, Partner("alice", 1)), 0) == ["a note"]
    assert await kept.after(Scope((), 1), 0, limit=9) == [
        "to Bob", "from Bob", "to carol", "to Bob by his new name", "from another Bob", "a note",
    ]  # fmt: skip


@waits
async def test_a_member_does_not_read_on_in_rooms_they_spoke_in(kept: Kept) -> None:
    await kept.say(said("mine, but elsewhere", "pub"))
    assert await kept.after(Scope(("lobby",), 1), 0) == []


@waits
async def test_what_is_read_is_what_happened(kept: Kept) -> None:
    await kept.say(said("one"), said("a topic", kind=Kind.TOPIC), said("waves", kind=Kind.DID))
    assert await soon(kept.log.before(["lobby"], 10, 10)) == kept.follower.events
    assert await soon(kept.log.after(Scope(("lobby",)), 0, 3, 10)) == (kept.follower.events, 3)


@waits
async def test_a_room_is_known_once_something_was_said_in_it(kept: Kept) -> None:
    assert await soon(kept.log.room("pub")) is None
    await kept.say(said("hello", "pub"), private("to somebody"))
    assert await soon(kept.log.room("pub")) == ("pub", None)
    await kept.say(said("cats", "pub", kind=Kind.TOPIC), said("dogs", kind=Kind.TOPIC))
    assert await soon(kept.log.room("pub")) == ("pub", ("cats", "alice", 1_000, 1))
    await kept.say(said("", "pub", kind=Kind.TOPIC))
    assert (await soon(kept.log.room("pub")))[1] is None  # type: ignore[index]
    assert await soon(kept.log.room("garden")) is None


@waits
async def test_an_unknown_kind_is_kept_and_handed_on_but_read_by_nobody(kept: Kept) -> None:
    unknown = said("apple", "pub")._replace(kind=77, to="bob", target=2)
    await kept.say(said("apple one"), unknown, unknown._replace(room=""))
    assert kept.follower.events[1:] == [(2, *unknown), (3, *unknown._replace(room=""))]
    assert await soon(kept.log.room("pub")) is None
    for member in (0, 1, 2):
        everywhere = Scope(("lobby", "pub", ""), member)
        assert await kept.after(everywhere, 0) == ["apple one"]
        assert await soon(kept.log.back(everywhere, 9, 2)) == 1
        assert await soon(kept.log.count(everywhere.rooms, member, 0, 9)) == 1
        assert await kept.find("apple", "pub", "lobby", "", member=member) == ["apple one"]
        assert await kept.find("", "pub", "lobby", "", member=member) == ["apple one"]
    assert await read(kept.log.before(["lobby", "pub", ""], 9, 9)) == ["apple one"]
    await kept.say(said("now it is a room", "pub"))
    assert await soon(kept.log.room("pub")) == ("pub", None)


# -- searching --------------------------------------------------------------------------------------


@waits
async def test_search_finds_all_of_the_words_or_their_beginnings_in_any_order(kept: Kept) -> None:
    await kept.say(said("the red apple"), said("an apple, red"), said("redder apples"))
    assert await kept.find("apple red") == ["the red apple", "an apple, red", "redder apples"]
    assert await kept.find("apples red") == ["redder apples"]
    assert await kept.find("pple") == []
    assert await kept.find("red pear") == []


@waits
async def test_search_finds_what_was_asked_for_just_before(kept: Kept) -> None:
    kept.log.append(said("the red apple"))
    assert await kept.find("apple") == ["the red apple"]


@waits
async def test_what_is_shorter_than_three_letters_is_a_whole_word(kept: Kept) -> None:
    await kept.say(said("no"), said("nothing"), said("слово за слово"))
    assert await kept.find("no") == ["no"]
    assert await kept.find("not") == ["nothing"]
    assert await kept.find("слов") == await kept.find("за слов") == ["слово за слово"]
    assert await kept.find("сл") == []


@waits
async def test_search_finds_what_somebody_said(kept: Kept) -> None:
    await kept.say(
        said("an apple"), said("a pear", author="Bob"), said("an apple", author="bob"),
        private("apple", origin=7, target=1),
    )  # fmt: skip
    assert await kept.find("apple", author="bob") == ["an apple"]
    assert await kept.find("", author="bob") == ["a pear", "an apple"]
    assert await kept.find("", author="bob", limit=1) == ["an apple"]
    assert await kept.find("apple", author="alice", member=1) == ["an apple", "apple"]
    assert await kept.find("", author="carol") == []


@waits
async def test_search_finds_what_was_said_at_a_time_whatever_the_clock_did(kept: Kept) -> None:
    hour = 3_600_000
    # 1, 2, ... 9 o'clock, but before the last two the clock is set back
    for number, time in enumerate((1, 2, 3, 4, 5, 6, 7, 3, 4), 1):
        await kept.say(said(f"line {number}")._replace(time=time * hour))
    at = {"since": 3 * hour, "until": 4 * hour}
    assert await kept.find("line", **at) == await kept.find("", **at) == ["line 3", "line 8"]
    assert await kept.find("line", since=6 * hour) == ["line 6", "line 7"]
    assert await kept.find("line", until=2 * hour) == ["line 1"]
    assert await kept.find("line", since=2 * hour + 1, until=3 * hour) == []
    assert await kept.find("line", since=90 * hour, until=99 * hour) == []


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
        ("hel*", True), ("el*", False), ("text:hello", False), ("NEAR(hello world)", False),
        ('hello"', True), ('"hello world"', True), ("(hello)", True), ("^hello", True),
        ("hello *", True), ("hello -world", True), ("hello-world", True), ("world-hello", False),
    ],
)  # fmt: skip
@waits
async def test_no_word_does_harm(kept: Kept, words: str, finds: bool) -> None:
    await kept.say(said("hello world"))
    assert await kept.find(words) == (["hello world"] if finds else [])
