"""/history and /search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger, capturedLogs, formatEvent

from asking import ask, told
from chatproto.core.queries import Found, Scope
from chatproto.delivery import pages
from chatproto.doors.plain import PlainProtocol
from chatproto.errors import Busy, NotRead
from chatproto.language import _
from chatproto.limits import (
    CATCH_UP_BYTES,
    CATCH_UP_LINES,
    FOUND_LINES,
    HISTORY_LINES,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.queries import Piece
    from fakes import InMemoryServer, Peer

MORE = "-- /history again shows what came before."
LINE = re.compile(r"#(\d+) (?:\d{4}-\d\d-\d\d )?\d\d:\d\d (.*)")


def numbers(lines: list[str]) -> list[int]:
    """Return the numbers of the lines of the past among these."""
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
def test_history_of_another_day_has_its_date(server: InMemoryServer, alice: Peer) -> None:
    server.clock.advance(48 * 3600)
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
def test_history_opens_around_a_line_with_as_many_lines_as_one_likes(alice: Peer) -> None:
    assert numbers(ask(alice, "/history #30 5")) == [28, 29, 30, 31, 32]
    assert numbers(ask(alice, "/history #30 1")) == [30]
    assert numbers(ask(alice, "/history 2")) == [44, 45]
    wrong = ["-- COUNT is a number from 1 to 500, not “501”."]
    assert ask(alice, "/history #30 501") == wrong


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
    "word", ["0", "501", "-5", "five", "٥", "0" * 17 + "1" + "9" * 12, "#0", "#46", "#", "#x"]
)
@pytest.mark.usefixtures("past")
def test_history_says_which_numbers_there_are(alice: Peer, word: str) -> None:
    wrong = f"COUNT is a number from 1 to 500, not “{word}”."
    if word.startswith("#"):
        wrong = f"There is no line {word}; the lines are #1 to #45."
    assert ask(alice, f"/history {word}") == [f"-- {wrong}"]


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
    assert ask(alice, "/search apple") == [
        "-- Nothing found for “apple” in your rooms and private lines."
    ]
    assert numbers(ask(bob, "/search apple")) == [1]


def test_search_shows_the_newest_and_says_that_there_are_more(alice: Peer, bob: Peer) -> None:
    for number in range(FOUND_LINES + 5):
        bob.send(f"apple {number}")
    found = ask(alice, "/search apple")
    assert numbers(found) == list(range(6, FOUND_LINES + 6))
    assert found[-2] == "-- The newest 20 lines are shown; more words find fewer."


def test_search_needs_words(alice: Peer) -> None:
    assert ask(alice, "/search") == ["-- Usage: /search [WORDS] [#ROOM] [@NICK] [on DATE]"]


@pytest.mark.parametrize("line", ["/history", "/history 5", "/history #1", "/search apple"])
def test_a_log_that_cannot_be_read_is_told_and_is_one_line_for_the_operator(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    alice.send("an apple")
    error = NotRead(_("The log could not be read: {reason}.", reason="no disk"))
    for question in ("back", "after", "search"):
        monkeypatch.setattr(server.archive, question, lambda *_: fail(error))
    with capturedLogs() as told:
        assert ask(alice, line) == ["-- The log could not be read just now."]
    assert [formatEvent(event) for event in told] == ["The log could not be read: no disk."]
    assert "log_failure" not in told[0]


def test_a_fault_of_ours_is_told_likewise_and_leaves_its_traceback(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        "chatproto.sessions.answers._log", Logger(observer=cast("Any", seen.append))
    )
    monkeypatch.setattr(server.archive, "back", lambda *_: fail(KeyError("ours")))
    assert ask(alice, "/history") == ["-- The log could not be read just now."]
    assert [event["log_failure"].type for event in seen] == [KeyError]


def test_who_has_left_when_the_answer_comes_is_spared(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.send("hello")
    answer: Deferred[int] = Deferred()
    monkeypatch.setattr(server.archive, "back", lambda *_: answer)
    ask(alice, "/history")
    alice.hang_up()
    answer.callback(1)
    server.clock.turn()
    assert alice.read() == ""


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


# -- a page goes out as it is taken ----------------------------------------------------------------


@pytest.mark.usefixtures("past")
def test_a_page_of_many_pieces_is_shown_whole_with_what_was_said_meanwhile_behind_it(
    server: InMemoryServer, alice: Peer, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "CATCH_UP_LINES", 10)
    alice.door.dataReceived(b"/history 45\n")
    bob.door.dataReceived(b"said meanwhile\n")
    server.clock.turn(30)
    lines = told(alice)
    assert numbers(lines) == list(range(1, 46))
    assert lines[-2:] == [MORE, "bob: said meanwhile"]


def test_who_does_not_take_a_page_costs_one_piece_of_it(server: InMemoryServer) -> None:
    talker, reader = server.seat(PlainProtocol, "talker"), server.seat(PlainProtocol, "reader")
    for number in range(200):
        talker.send(f"{number} " + "x" * 2_000)
    reader.read()
    reader.take(0)
    for _again in range(4):
        reader.send("/history 200")
    reader.turn(50)
    assert 0 < reader.held <= CATCH_UP_BYTES + 100 * CATCH_UP_LINES
    assert not reader.is_read_from
    talker.send("behind it")
    most = 0
    while not reader.is_read_from:
        reader.take(10_000)
        most = max(most, reader.held)
    reader.take(None)
    reader.turn(100)
    assert most <= CATCH_UP_BYTES + 100 * CATCH_UP_LINES
    assert numbers(reader.read().splitlines()) == [*range(1, 201)] + [*range(2, 202)] * 3


def test_a_second_request_waits_for_the_first_and_so_does_what_is_said(
    server: InMemoryServer, alice: Peer, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        bob.send(f"line {number}")
    told(alice)
    back = server.archive.back
    answers: list[Callable[[], object]] = []

    def late(scope: Scope, seq: int, count: int) -> Deferred[int]:
        answer: Deferred[int] = Deferred()
        answers.append(lambda: back(scope, seq, count).addCallback(answer.callback))
        return answer

    monkeypatch.setattr(server.archive, "back", late)
    assert ask(alice, "/history 5\n/history\nhello") == []
    assert len(answers) == 1
    answers.pop(0)()
    server.clock.turn(9)
    assert numbers(told(alice)) == [26, 27, 28, 29, 30]
    assert "alice: hello" not in told(bob)
    answers.pop(0)()
    server.clock.turn(9)
    assert numbers(told(alice)) == list(range(6, 26))
    assert "alice: hello" in told(bob)


@pytest.mark.usefixtures("past")
def test_whoever_leaves_a_room_is_shown_no_more_of_its_past(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "CATCH_UP_LINES", 10)
    alice.door.dataReceived(b"/history 45\n")
    server.clock.turn(1)
    assert alice.door.session
    server.chat.leave(alice.door.session.seat, "lobby")
    server.clock.turn(30)
    lines = told(alice)
    assert 0 < len(numbers(lines)) < 45
    assert lines[-1] == "-- You are not in #lobby. /join #lobby brings you in."
    assert alice.door.session.answers.is_asking is False
    assert ask(alice, "/join #lobby")[0] == "-- You are in #lobby with bob."


@pytest.mark.usefixtures("past")
def test_who_is_sent_home_is_sent_no_more_of_a_page(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = server.archive._read_on(Scope(("lobby",)), 0, 45, 45)
    answer: Deferred[Piece] = Deferred()
    monkeypatch.setattr(server.archive, "after", lambda *_: answer)
    assert ask(alice, "/history 45") == []
    server.context.say_goodbye()
    answer.callback(piece)
    server.clock.turn()
    assert told(alice) == ["-- The server is going down. Goodbye."]


# -- what was said to one alone ---------------------------------------------------------------------


def privately(*lines: str) -> list[str]:
    """Return these lines of the past without their numbers and times."""
    return [match[2] for line in lines if (match := LINE.fullmatch(line))]


@pytest.fixture
def whispers(alice: Peer, bob: Peer) -> None:
    """Alice and bob have said three things to each other."""
    ask(bob, "/msg alice psst, an apple")
    ask(alice, "/msg bob what?")
    ask(bob, "said to all")
    ask(bob, "/msg alice nothing")
    told(alice)


@pytest.mark.usefixtures("whispers")
def test_history_pages_through_what_two_have_said_to_each_other_alone(alice: Peer) -> None:
    shown = ask(alice, "/history @bob 2")
    assert privately(*shown) == ["[you -> bob] what?", "[bob -> you] nothing"]
    assert numbers(shown) == [2, 4]
    assert shown[-1] == "-- /history @bob again shows what came before."
    assert privately(*ask(alice, "/history @BOB")) == ["[bob -> you] psst, an apple"]
    end = "-- That is all that you and bob have said to each other alone since you came."
    assert ask(alice, "/history @bob") == [end]
    assert privately(*ask(alice, "/history")) == ["bob: said to all"]


@pytest.mark.usefixtures("whispers")
def test_what_was_said_to_one_alone_is_found_by_the_two(
    server: InMemoryServer, alice: Peer
) -> None:
    found = ask(alice, "/search apple")
    assert privately(*found) == ["[bob -> you] psst, an apple"]
    carol = server.enter(PlainProtocol, "carol")
    assert privately(*ask(carol, "/search apple")) == []
    assert privately(*ask(carol, "/history @bob")) == []


@pytest.mark.usefixtures("whispers")
def test_history_opens_around_a_line_said_to_one_alone(server: InMemoryServer, alice: Peer) -> None:
    assert numbers(ask(alice, "/history #1")) == [1, 2, 4]  # bob's
    assert numbers(ask(alice, "/history #2")) == [1, 2, 4]  # her own
    carol = server.enter(PlainProtocol, "carol")
    assert numbers(ask(carol, "/history #2")) == [3]  # the room's, as for any number


@pytest.mark.usefixtures("whispers")
def test_a_later_bearer_of_a_name_reads_nothing_of_a_former_ones(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(bob, "/quit")
    bob.hang_up()
    other = server.enter(PlainProtocol, "bob")
    assert privately(*ask(other, "/history @alice")) == []
    assert privately(*ask(other, "/search apple")) == []
    assert privately(*ask(other, "/search @alice")) == []
    # but what alice said and was told stays hers
    ask(other, "/msg alice I am new")
    told(alice)
    assert len(privately(*ask(alice, "/history @bob"))) == 4


@pytest.mark.usefixtures("whispers")
def test_a_conversation_goes_on_under_another_name(alice: Peer, bob: Peer) -> None:
    ask(bob, "/nick robert")
    ask(bob, "/msg alice me again")
    told(alice)
    assert len(privately(*ask(alice, "/history @robert"))) == 4


def test_history_with_nobody(alice: Peer) -> None:
    assert ask(alice, "/history @carol") == [
        "-- That is all that you and carol have said to each other alone since you came."
    ]
    assert ask(alice, "/history @") == ["-- A name has at least one letter."]
    assert ask(alice, "/history @bob five")[0] == "-- COUNT is a number from 1 to 500, not “five”."


# -- searching ------------------------------------------------------------------------------------


def test_search_in_a_room_by_somebody_on_a_day(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(bob, "apples yesterday")
    server.clock.advance(24 * 3600)
    ask(alice, "apples today")
    for peer in (alice, bob):
        ask(peer, "/join garden")
    ask(bob, "apples in the garden")
    told(alice)
    assert numbers(ask(alice, "/search apple")) == [1, 2, 3]
    assert numbers(ask(alice, "/search apple #lobby")) == [1, 2]
    assert numbers(ask(alice, "/search apple #lobby #garden on today")) == [2, 3]
    assert numbers(ask(alice, "/search apple за вчера")) == [1]
    assert numbers(ask(alice, "/search on 2027-01-15")) == [1]
    assert numbers(ask(alice, "/search @BOB")) == [1, 3]
    assert numbers(ask(alice, "/search on today @bob appl")) == [3]


def test_a_day_is_one_of_the_readers_zone(server: InMemoryServer, alice: Peer) -> None:
    server.clock.advance(8 * 3600 - 2)  # 2027-01-15 16:00 UTC
    ask(alice, "an apple")
    ask(alice, "/set zone UTC")
    assert numbers(ask(alice, "/search on 15.01.2027")) == [1]
    ask(alice, "/set zone Asia/Tokyo")  # where it is one in the night
    assert numbers(ask(alice, "/search on 15.01.2027")) == []
    assert numbers(ask(alice, "/search on 16.1.")) == [1]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("apple #garden", "You are not in #garden. /join #garden brings you in."),
        ("#lobby", "Say what to search for: words, @NICK or “on DATE”."),
        ("@a!b", "A name has letters, digits and any of _ . - but no “!”."),
        ("...", "Only letters and digits can be searched for."),
    ],
)
def test_search_says_what_is_wrong(alice: Peer, asked: str, sentence: str) -> None:
    assert ask(alice, f"/search {asked}") == [f"-- {sentence}"]


def test_one_search_at_a_time(
    server: InMemoryServer, alice: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.send("an apple")
    answers: list[Deferred[Found]] = []

    def search(*_query: object) -> Deferred[Found]:
        answers.append(Deferred())
        return answers[-1]

    monkeypatch.setattr(server.archive, "search", search)
    assert ask(alice, "/search apple") == []
    assert ask(alice, "/search apple") == ["-- Your last search is still under way."]
    assert numbers(ask(alice, "/history")) == [1]  # which does not wait for it
    answers[0].callback(Found(list(server.archive._kept)))
    assert numbers(told(alice)) == [1]
    ask(alice, "/search apple")
    answers[1].callback(Found([], whole=False))
    nothing, stopped = told(alice)
    assert nothing == "-- Nothing found for “apple” in your rooms and private lines."
    assert stopped.startswith(
        "-- The search was stopped after 1 s: older lines were not looked at."
    )
    ask(alice, "/search apple")
    answers[2].errback(Busy(_("Too many are searching just now. Try again in a moment.")))
    assert told(alice) == ["-- Too many are searching just now. Try again in a moment."]
    ask(alice, "/search apple")
    alice.hang_up()
    answers[3].callback(Found([]))
    assert told(alice) == []
