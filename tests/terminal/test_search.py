"""^R, without a screen."""

from __future__ import annotations

from chatproto.terminal.history import History
from chatproto.terminal.line import Line
from chatproto.terminal.phrases import Phrases
from chatproto.terminal.search import QUERY_LIMIT, Search

LINES = ("Привет, Anna", "anna: hello", "bob: hello", "bye")


def searching(query: str) -> Search:
    history = History()
    for line in LINES:
        history.remember(line)
    search = Search(history, Line("draft"), Phrases())
    for character in query:
        search.extend(character)
    return search


def test_it_finds_the_newest_line() -> None:
    assert searching("").match == "draft"
    assert searching("h").match == "bob: hello"
    assert searching("hello").match == "bob: hello"
    assert searching("привет").match == "Привет, Anna"  # in any case


def test_it_goes_back_and_forth() -> None:
    search = searching("anna")
    assert search.match == "anna: hello"
    search.older()
    assert (search.match, search.cursor) == ("Привет, Anna", 8)
    search.older()
    assert search.failed
    search.newer()
    assert search.match == "anna: hello"


def test_taking_a_letter_back_looks_from_the_newest_again() -> None:
    search = searching("привет")
    for _ in range(6):
        search.shorten()
    assert search.match == "draft"
    assert not search.failed


def test_a_failed_search_keeps_the_last_match() -> None:
    search = searching("helloz")
    assert (search.match, search.failed) == ("bob: hello", True)
    assert search.label == "(not found) helloz: "
    search.shorten()
    assert search.label == "(search) hello: "


def test_a_query_has_a_limit_and_its_end_is_shown() -> None:
    search = searching("x" * 100 + "y")
    assert len(search.query) == QUERY_LIMIT
    assert len(search.label) < 40
