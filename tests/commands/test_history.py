"""/history and /search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger, capturedLogs, formatEvent

from asking import ask, told
from chatproto.core.limits import FOUND_LINES, HISTORY_LINES, HISTORY_MOST
from chatproto.errors import NotRead
from chatproto.language import _

if TYPE_CHECKING:
    from fakes import House, Peer

MORE = "-- /history again shows what came before."
LINE = re.compile(r"#(\d+) (?:\d{4}-\d\d-\d\d )?\d\d:\d\d (.*)")


def numbers(lines: list[str]) -> list[int]:
    """Give the numbers of the lines of the past among these."""
    return [int(match[1]) for line in lines if (match := LINE.fullmatch(line))]


@pytest.fixture
def past(bob: Peer, alice: Peer) -> None:
    """Bob has said 45 lines."""
    for number in range(1, 46):
        bob.send(f"line {number}")
    alice.read()


@pytest.mark.usefixtures("past")
def test_history_pages_back_to_the_beginning(alice: Peer) -> None:
    shown = ask(alice, "/history")
    assert numbers(shown) == list(range(26, 46))
    assert shown[-1] == MORE
    assert numbers(ask(alice, "/history")) == list(range(6, 26))
    assert numbers(ask(alice, "/history")) == list(range(1, 6))
    assert ask(alice, "/history") == ["-- That is all there is in #lobby."]


@pytest.mark.usefixtures("past")
def test_history_shows_who_said_what_and_when(alice: Peer) -> None:
    (line, _more) = ask(alice, "/history 1")
    assert re.fullmatch(r"#45 \d\d:\d\d bob: line 45", line)


@pytest.mark.usefixtures("past")
def test_history_of_another_day_has_its_date(house: House, alice: Peer) -> None:
    house.clock.advance(48 * 3600)
    (line, _more) = ask(alice, "/history 1")
    assert re.fullmatch(r"#45 2027-01-1\d \d\d:\d\d bob: line 45", line)


@pytest.mark.usefixtures("past")
def test_history_of_so_many_lines_begins_at_the_end_again(alice: Peer) -> None:
    ask(alice, "/history")
    assert numbers(ask(alice, "/history 5")) == [41, 42, 43, 44, 45]
    assert numbers(ask(alice, "/history")) == list(range(21, 41))


@pytest.mark.usefixtures("past")
def test_history_opens_around_a_line_and_pages_on_from_there(alice: Peer) -> None:
    half = HISTORY_LINES // 2
    assert numbers(ask(alice, "/history #30")) == list(range(30 - half, 30 + half + 1))
    assert numbers(ask(alice, "/history")) == list(range(1, 20))


@pytest.mark.usefixtures("past")
def test_history_opens_around_a_line_of_another_room(alice: Peer, bob: Peer) -> None:
    for peer in (alice, bob):
        ask(peer, "/join garden")
    ask(bob, "in the garden")
    ask(alice, "/join lobby")
    assert numbers(ask(alice, "/history #46")) == [46]
    assert numbers(ask(bob, "/history #7"))[0] == 1


@pytest.mark.usefixtures("past")
def test_history_opens_around_no_line_of_a_room_one_is_not_in(alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    ask(bob, "/leave #lobby")
    ask(bob, "a secret")
    assert "a secret" not in "\n".join(ask(alice, "/history #46"))


@pytest.mark.parametrize(
    ("word", "most"),
    [
        ("0", HISTORY_MOST), ("501", HISTORY_MOST), ("-5", HISTORY_MOST), ("five", HISTORY_MOST),
        ("٥", HISTORY_MOST), ("0" * 17 + "1" + "9" * 12, HISTORY_MOST), ("#0", 45), ("#46", 45),
        ("#", 45), ("#x", 45),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("past")
def test_history_says_which_numbers_there_are(alice: Peer, word: str, most: int) -> None:
    assert ask(alice, f"/history {word}") == [f"-- “{word}” is no number from 1 to {most}."]


def test_history_of_a_room_without_one(alice: Peer) -> None:
    assert ask(alice, "/history") == ["-- That is all there is in #lobby."]


def test_history_has_topics_and_deeds_and_nothing_private(alice: Peer, bob: Peer) -> None:
    for line in ("/topic cats", "/msg alice psst", "/me waves"):
        bob.send(line)
    shown = [match[2] for line in ask(alice, "/history") if (match := LINE.fullmatch(line))]
    assert shown == ["-- bob sets the topic: cats", "* bob waves"]


def test_who_comes_back_to_a_room_pages_on_from_what_they_were_shown(
    alice: Peer, bob: Peer
) -> None:
    for number in range(30):
        ask(bob, f"line {number}")
    ask(alice, "/leave")
    ask(alice, "/join lobby")  # shows 11 to 30
    assert numbers(ask(alice, "/history")) == list(range(1, 11))


def test_search_finds_lines_by_their_words_and_history_opens_there(alice: Peer, bob: Peer) -> None:
    for number in range(30):
        bob.send(f"line {number}")
    bob.send("the Apple is red")
    found = ask(alice, "/search red APPLE")
    assert numbers(found) == [31]
    assert found[1:] == ["-- 1 line found.", "-- /history #31 opens around that line."]
    assert numbers(ask(alice, "/history #31")) == list(range(21, 32))


def test_search_looks_only_in_ones_own_rooms(alice: Peer, bob: Peer) -> None:
    ask(bob, "/join garden")
    ask(bob, "red apple")
    assert ask(alice, "/search apple") == ["-- Nothing found for “apple” in your rooms."]
    assert numbers(ask(bob, "/search apple")) == [1]


def test_search_shows_the_newest_and_says_that_there_are_more(alice: Peer, bob: Peer) -> None:
    for number in range(FOUND_LINES + 5):
        bob.send(f"apple {number}")
    found = ask(alice, "/search apple")
    assert numbers(found) == list(range(6, FOUND_LINES + 6))
    assert found[-2] == "-- The newest 20 lines are shown; more words find fewer."


def test_search_needs_words(alice: Peer) -> None:
    assert ask(alice, "/search") == ["-- It is used so: /search WORDS"]


@pytest.mark.parametrize("line", ["/history", "/history 5", "/history #1", "/search apple"])
def test_a_log_that_cannot_be_read_is_told_and_is_one_line_for_the_operator(
    house: House, alice: Peer, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    alice.send("an apple")
    error = NotRead(_("The log could not be read: {reason}.", reason="no disk"))
    for question in ("before", "search"):
        monkeypatch.setattr(house.log, question, lambda *_: fail(error))
    with capturedLogs() as told:
        assert ask(alice, line) == ["-- The log could not be read just now."]
    assert [formatEvent(event) for event in told] == ["The log could not be read: no disk."]
    assert "log_failure" not in told[0]


def test_a_fault_of_ours_is_told_likewise_and_leaves_its_traceback(
    house: House, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("chatproto.session._log", Logger(observer=cast("Any", seen.append)))
    monkeypatch.setattr(house.log, "before", lambda *_: fail(KeyError("ours")))
    assert ask(alice, "/history") == ["-- The log could not be read just now."]
    assert [event["log_failure"].type for event in seen] == [KeyError]


def test_who_has_left_when_the_answer_comes_is_spared(
    house: House, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.send("hello")
    events = list(house.log._kept)
    answer: Deferred[object] = Deferred()
    monkeypatch.setattr(house.log, "before", lambda *_: answer)
    ask(alice, "/history")
    ask(alice, "/quit")
    answer.callback(events)
    assert "hello" not in alice.read()


def test_the_past_leaves_out_who_is_ignored(alice: Peer, bob: Peer) -> None:
    ask(bob, "pest control")
    told(alice)
    ask(alice, "/ignore bob")
    assert not any("pest" in line for line in ask(alice, "/history"))


def test_what_is_found_in_another_room_says_so(alice: Peer, bob: Peer) -> None:
    ask(bob, "a needle")
    told(alice)
    ask(alice, "/join garden")
    assert "#lobby bob: a needle" in ask(alice, "/search needle")[0]
