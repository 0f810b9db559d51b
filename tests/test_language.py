"""Sentences, and the languages they are read in."""

from __future__ import annotations

import pytest

from chatproto.language import (
    ENGLISH,
    LANGUAGES,
    Sentence,
    _,
    _n,
    from_environment,
    language,
    listing,
)

RUSSIAN = language("ru")


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0 человек", "0 people"),
        (1, "1 человек", "1 person"),
        (2, "2 человека", "2 people"),
        (5, "5 человек", "5 people"),
        (11, "11 человек", "11 people"),
        (21, "21 человек", "21 people"),
        (22, "22 человека", "22 people"),
        (111, "111 человек", "111 people"),
    ],
)
def test_a_sentence_agrees_with_its_number(count: int, russian: str, english: str) -> None:
    people = _n("{count} person", "{count} people", count)
    assert RUSSIAN.read(people) == russian
    assert ENGLISH.read(people) == english


@pytest.mark.parametrize(
    ("count", "russian"),
    [(1, "1 минуту"), (2, "2 минуты"), (5, "5 минут"), (11, "11 минут"), (21, "21 минуту")],
)
def test_russian_has_three_forms(count: int, russian: str) -> None:
    assert RUSSIAN.read(_n("{count} minute", "{count} minutes", count)) == russian


def test_a_sentence_inside_a_sentence_is_read_in_the_same_language() -> None:
    people = _n("{count} person", "{count} people", 3)
    line = _("#{room}: {people}.", room="lobby", people=people)
    assert ENGLISH.read(line) == "#lobby: 3 people."
    assert RUSSIAN.read(line) == "#lobby: 3 человека."


def test_what_somebody_wrote_is_never_a_template() -> None:
    said = _("Not sent: {text}", text="{0} {nick} {text.__class__} %s")
    assert RUSSIAN.read(said) == "Не отправлено: {0} {nick} {text.__class__} %s"


def test_a_sentence_without_values_may_have_braces() -> None:
    assert ENGLISH.read(Sentence("a {motd}")) == "a {motd}"


def test_a_sentence_the_catalogue_has_not_is_read_as_it_is() -> None:
    assert RUSSIAN.read(_("Untranslated {thing}", thing="words")) == "Untranslated words"


def test_in_a_log_a_sentence_is_english() -> None:
    assert str(_("You are {nick} now.", nick="alice")) == "You are alice now."


def test_a_language_is_one_object() -> None:
    assert language("ru") is RUSSIAN


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_offered_can_be_read(code: str) -> None:
    assert language(code).read(_("Goodbye."))


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "ru@petr1708"}, "ru"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU"}, "ru"),
        ({"LC_MESSAGES": "en_GB", "LC_ALL": "ru_RU"}, "ru"),
        ({"LANG": "ru_RU", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "en_US", "LANGUAGE": "ru"}, "ru"),
        ({"LANGUAGE": "de:ru:en"}, "ru"),
        ({"LANGUAGE": "en:ru"}, "en"),
        ({"LANGUAGE": "", "LANG": "ru_RU"}, "ru"),
    ],
)
def test_the_environment_asks_for_a_language(environ: dict[str, str], code: str) -> None:
    assert from_environment(environ) == code


@pytest.mark.parametrize(
    ("names", "total", "english", "russian"),
    [
        (["a"], None, "a", "a"),
        (["a", "b"], None, "a and b", "a и b"),
        (["a", "b", "c"], None, "a, b and c", "a, b и c"),
        (["a", "b", "c"], 3, "a, b and c", "a, b и c"),
        (["a", "b"], 3, "a, b and 1 other", "a, b и ещё 1"),
        (["a", "b"], 9, "a, b and 7 others", "a, b и ещё 7"),
        (["a"], 2, "a and 1 other", "a и ещё 1"),
    ],
)
def test_names_are_listed_as_a_sentence_does(
    names: list[str], total: int | None, english: str, russian: str
) -> None:
    assert ENGLISH.read(listing(names, total)) == english
    assert RUSSIAN.read(listing(names, total)) == russian
