"""What every archive promises: chatproto/core/ports.py, tried on each there is, without an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from chatproto.core.events import Draft, Event, Json, Kind
from chatproto.core.queries import Partner, Query, Scope
from chatproto.log import pieces
from chatproto.log.archive import SqliteArchive
from chatproto.log.memory import MemoryArchive
from following import private, reactor, read, said, soon, texts, turn, waits, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from chatproto.core.ports import Archive, Store


class Kept:
    """An archive that has been opened, and what was stored in it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.opened_with = archive.open()
        self.stored: list[Event] = []
        self._closed = False

    async def say(self, *drafts: Draft) -> None:
        """Store these as the next events."""
        first = len(self.stored) + 1
        events = [Event(seq, *draft) for seq, draft in enumerate(drafts, first)]
        await written(self.archive, lambda store: store.store(events))
        self.stored += events

    async def refuses(self, *events: Event) -> bool:
        """Return whether these are not stored."""

        def work(store: Store) -> bool:
            try:
                store.store(events)
            except Exception:  # noqa: BLE001 - each archive has its own
                return True
            return False

        return await written(self.archive, work)

    async def all(self) -> list[Event]:
        """Read everything."""
        return await written(self.archive, lambda store: store.all_after(0, 999))

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await soon(self.archive.close())

    async def find(
        self, words: str, *rooms: str, limit: int = 20, member: int = 0, **more: Any
    ) -> list[str]:
        scope = Scope(rooms or ("lobby",), (member,) if member else ())
        query = Query(scope, tuple(words.split()), **more)
        found = await soon(self.archive.search(query, limit))
        assert found.whole
        return texts(found.events)

    async def after(self, scope: Scope, seq: int, upto: int = 99, limit: int = 99) -> list[str]:
        piece = await soon(self.archive.after(scope, seq, upto, limit))
        return texts(piece.events)

    def events(self, *numbers: int) -> list[Event]:
        return [event for event in self.stored if event.seq in numbers]


@pytest_twisted.async_yield_fixture(params=["memory", "sqlite"])  # type: ignore[untyped-decorator]
async def kept(request: Any, tmp_path: Path) -> AsyncIterator[Kept]:
    in_memory = request.param == "memory"
    archive = MemoryArchive(reactor) if in_memory else SqliteArchive(tmp_path / "log", reactor)
    kept = Kept(archive)
    yield kept
    await kept.close()
    await turn()


# -- storing ----------------------------------------------------------------------------------------


@waits
async def test_a_new_one_has_nothing(kept: Kept) -> None:
    assert kept.opened_with == (0, [])
    assert await kept.all() == []


@waits
async def test_what_is_stored_is_read_as_it_was_said(kept: Kept) -> None:
    line = said("yes")._replace(account="anna", ref="r-«1»", reply_to=1, data=Json('{"a": ["ё"]}'))
    secret = private("yes")._replace(account="bob", ref="2", reply_to=7)
    await kept.say(line, secret, said("yes"))
    found = (await soon(kept.archive.search(Query(Scope(("lobby",), (1,)), ("yes",)), 9))).events
    scope = (await soon(kept.archive.after(Scope(("lobby",), (1,)), 0, 9, 9))).events
    assert await kept.all() == found == scope == kept.stored
    assert await soon(kept.archive.before(["lobby"], 9, 9)) == kept.events(1, 3)


@waits
async def test_everything_is_read_on_from_a_number(kept: Kept) -> None:
    await kept.say(said("1"), private("2"), said("3", "pub"), said("4"))
    read_on = await written(kept.archive, lambda store: store.all_after(1, 2))
    assert read_on == kept.events(2, 3)
    assert await written(kept.archive, lambda store: store.all_after(4, 2)) == []


@waits
async def test_what_does_not_follow_on_the_last_number_is_not_stored(kept: Kept) -> None:
    await kept.say(said("1"))
    for numbers in ((1,), (3,), (2, 4), (2, 2), (3, 4), (0, 1)):
        assert await kept.refuses(*(Event(seq, *said("no")) for seq in numbers))
    await kept.say(said("2"))
    assert await kept.all() == kept.stored


@waits
async def test_what_is_to_be_done_is_done_in_order_and_so_are_the_answers(kept: Kept) -> None:
    seen: list[int] = []
    for seq in (1, 2, 3):

        def work(store: Store, seq: int = seq) -> int:
            store.store([Event(seq, *said(str(seq)))])
            return len(store.all_after(0, 99))

        kept.archive.write(work, seen.append)
    assert await written(kept.archive, lambda store: len(store.all_after(1, 99))) == 2
    assert seen == [1, 2, 3]


@waits
async def test_closing_does_what_was_asked_for_and_answers_before(kept: Kept) -> None:
    seen: list[str] = []
    kept.archive.write(lambda _store: "done", seen.append)
    await kept.close()
    assert seen == ["done"]


@waits
async def test_work_that_fails_is_logged_and_the_next_is_done(
    kept: Kept, failures: list[str]
) -> None:
    def fail(_store: Store) -> None:
        raise LookupError

    seen: list[object] = []
    kept.archive.write(fail, seen.append)
    await kept.say(said("1"))
    assert seen == []
    assert failures == ["A job of the log's writer failed"]


# -- refs -------------------------------------------------------------------------------------------


def by(ref: str, origin: int = 1, account: str = "") -> Draft:
    return said(ref)._replace(ref=ref, origin=origin, account=account)


def found_by(draft: Draft) -> Callable[[Store], Event | None]:
    return lambda store: store.find(draft)


@waits
async def test_an_event_is_found_by_its_ref_and_its_account_or_the_member_without_one(
    kept: Kept,
) -> None:
    await kept.say(by("a"), by("a", 2), by("b", 2), by("a", 3, "1"), by("a", 3, "anna"), said("c"))
    wanted = {
        by("a"): 1, by("a", 2): 2, by("b", 2): 3, by("a", 1, "1"): 4, by("a", 9, "anna"): 5,
        by("b"): 0, by("a", 3): 0, by("a", 1, "bob"): 0, by("A"): 0, by("c"): 0,
    }  # fmt: skip
    for draft, seq in wanted.items():
        found = await written(kept.archive, found_by(draft))
        assert (found.seq if found else 0) == seq


@waits
async def test_no_ref_of_a_sender_is_stored_twice_and_nothing_that_comes_with_it(
    kept: Kept,
) -> None:
    await kept.say(by("a"), by("b", 3, "anna"))
    assert await kept.refuses(Event(3, *said("lost", "pub")), Event(4, *by("a")))
    assert await kept.refuses(Event(3, *by("b", 4, "anna")))
    assert await kept.refuses(Event(3, *by("c")), Event(4, *by("c")))
    assert await kept.all() == kept.stored
    assert await soon(kept.archive.room("pub")) is None
    await kept.say(by("c"), by("a", 2), said(""), said(""))
    assert await kept.all() == kept.stored


# -- reading ----------------------------------------------------------------------------------------


@waits
async def test_before_reads_back_in_the_rooms_asked_for(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log = kept.archive
    assert await read(log.before(["lobby"], 9, 3)) == ["5", "7", "8"]
    assert await read(log.before(["lobby", "pub"], 4, 10)) == ["1", "2", "3"]
    assert await soon(log.before(["lobby"], 1, 10)) == []
    assert await soon(log.before([], 10, 10)) == []


@waits
async def test_after_reads_on_and_count_counts_it(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log, lobby = kept.archive, Scope(("lobby",))
    assert await soon(log.after(lobby, 2, 9, 3)) == (kept.events(4, 5, 7), 7)
    assert await soon(log.after(lobby, 7, 9, 3)) == (kept.events(8), 9)
    assert await soon(log.after(lobby, 2, 5, 9)) == (kept.events(4, 5), 5)
    assert await kept.after(Scope(("lobby", "pub")), 7) == ["8", "9"]
    assert await kept.after(Scope((), (7,)), 0) == []
    assert await soon(log.count(lobby, 2, 7)) == 3
    assert await soon(log.count(lobby, 0, 99)) == 6


@waits
async def test_a_piece_that_is_full_ends_with_its_last_event_and_one_that_is_not_where_asked(
    kept: Kept,
) -> None:
    await kept.say(said("1"), said("2"), said("3", "pub"))
    lobby = Scope(("lobby",))
    assert (await soon(kept.archive.after(lobby, 0, 3, 1))).upto == 1
    assert (await soon(kept.archive.after(lobby, 0, 3, 2))).upto == 3
    assert await soon(kept.archive.after(lobby, 2, 3, 2)) == ([], 3)


@waits
async def test_what_is_read_at_once_is_bounded_in_bytes(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "CATCH_UP_BYTES", 10)
    await kept.say(said("яяяя"), said("я"), said("я"), said("я" * 20), said("я"))
    lobby = Scope(("lobby",))
    assert (await soon(kept.archive.after(lobby, 0, 5, 99))).upto == 2  # 10 bytes
    assert (await soon(kept.archive.after(lobby, 2, 5, 99))).upto == 3
    assert (await soon(kept.archive.after(lobby, 3, 5, 99))).upto == 4  # one in any case
    assert await read(kept.archive.before(["lobby"], 6, 99)) == ["я"]
    assert await read(kept.archive.before(["lobby"], 4, 99)) == ["я", "я"]


@waits
async def test_back_gives_the_number_at_which_the_last_lines_begin(kept: Kept) -> None:
    await kept.say(*(said(str(n), "pub" if n % 3 == 0 else "lobby") for n in range(1, 10)))
    log, lobby = kept.archive, Scope(("lobby",))
    assert [await soon(log.back(lobby, 9, count)) for count in (1, 2, 3, 99)] == [8, 7, 5, 1]
    assert await soon(log.back(Scope(("lobby", "pub")), 10, 4)) == 6
    assert await soon(log.back(lobby, 1, 5)) == 0
    assert await soon(log.back(Scope(("garden",)), 10, 5)) == 0
    assert await soon(log.back(Scope(), 10, 5)) == 0


@waits
async def test_private_lines_are_read_by_the_two_alone(kept: Kept) -> None:
    await kept.say(said("open"), private("secret", origin=1, target=2))
    log = kept.archive
    for member, seen in ((1, ["open", "secret"]), (2, ["open", "secret"]), (3, ["open"])):
        scope = Scope(("lobby",), (member,))
        assert await kept.after(scope, 0) == seen
        assert await soon(log.count(scope, 0, 10)) == len(seen)
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
    by_name = Scope((), (1,), Partner("bob"))
    assert await kept.after(by_name, 0) == ["to Bob", "from Bob", "from another Bob"]
    now = Scope((), (1,), Partner("robert", (2,)))
    assert await kept.after(now, 0) == ["to Bob", "from Bob", "to Bob by his new name"]
    assert await soon(kept.archive.back(now, 9, 2)) == 2
    # A later bearer of a nick reads nothing of what the former one said or was told.
    assert await kept.after(Scope((), (4,), Partner("alice", (1,))), 0) == ["from another Bob"]
    assert await kept.after(Scope((), (5,), Partner("alice", (1,))), 0) == []
    assert await kept.after(Scope((), (1,), Partner("alice", (1,))), 0) == ["a note"]
    assert await kept.after(Scope((), (1,)), 0, limit=9) == [
        "to Bob", "from Bob", "to carol", "to Bob by his new name", "from another Bob", "a note",
    ]  # fmt: skip


@waits
async def test_a_member_does_not_read_on_in_rooms_they_spoke_in(kept: Kept) -> None:
    await kept.say(said("mine, but elsewhere", "pub"))
    assert await kept.after(Scope(("lobby",), (1,)), 0) == []


@waits
async def test_what_is_read_is_what_happened(kept: Kept) -> None:
    await kept.say(said("one"), said("a topic", kind=Kind.TOPIC), said("waves", kind=Kind.DID))
    assert await soon(kept.archive.before(["lobby"], 10, 10)) == kept.stored
    assert await soon(kept.archive.after(Scope(("lobby",)), 0, 3, 10)) == (kept.stored, 3)


@waits
async def test_a_room_is_known_once_something_was_said_in_it(kept: Kept) -> None:
    assert await soon(kept.archive.room("pub")) is None
    await kept.say(said("hello", "pub"), private("to somebody"))
    assert await soon(kept.archive.room("pub")) == ("pub", None)
    await kept.say(said("cats", "pub", kind=Kind.TOPIC), said("dogs", kind=Kind.TOPIC))
    assert await soon(kept.archive.room("pub")) == ("pub", ("cats", "alice", 1_000, 1))
    await kept.say(said("", "pub", kind=Kind.TOPIC))
    assert (await soon(kept.archive.room("pub")))[1] is None  # type: ignore[index]
    assert await soon(kept.archive.room("garden")) is None


@waits
async def test_an_unknown_kind_is_kept_and_handed_on_but_read_by_nobody(kept: Kept) -> None:
    unknown = said("apple", "pub")._replace(kind=77, to="bob", target=2)
    await kept.say(said("apple one"), unknown, unknown._replace(room=""))
    assert kept.stored[1:] == [(2, *unknown), (3, *unknown._replace(room=""))]
    assert await soon(kept.archive.room("pub")) is None
    for member in (0, 1, 2):
        everywhere = Scope(("lobby", "pub", ""), (member,) if member else ())
        assert await kept.after(everywhere, 0) == ["apple one"]
        assert await soon(kept.archive.back(everywhere, 9, 2)) == 1
        assert await soon(kept.archive.count(everywhere, 0, 9)) == 1
        assert await kept.find("apple", "pub", "lobby", "", member=member) == ["apple one"]
        assert await kept.find("", "pub", "lobby", "", member=member) == ["apple one"]
    assert await read(kept.archive.before(["lobby", "pub", ""], 9, 9)) == ["apple one"]
    await kept.say(said("now it is a room", "pub"))
    assert await soon(kept.archive.room("pub")) == ("pub", None)


# -- searching --------------------------------------------------------------------------------------


@waits
async def test_search_finds_all_of_the_words_or_their_beginnings_in_any_order(kept: Kept) -> None:
    await kept.say(said("the red apple"), said("an apple, red"), said("redder apples"))
    assert await kept.find("apple red") == ["the red apple", "an apple, red", "redder apples"]
    assert await kept.find("apples red") == ["redder apples"]
    assert await kept.find("pple") == []
    assert await kept.find("red pear") == []


@waits
async def test_search_finds_what_is_stored_just_before(kept: Kept) -> None:
    event = Event(1, *said("the red apple"))
    kept.archive.write(lambda store: store.store([event]), lambda _none: None)
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
