"""The catalogues: every sentence of the source is in them, translated, with the same values."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from babel.messages.pofile import read_po

from chatproto.language import LANGUAGES, LOCALE

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT: Final = Path(__file__).parent.parent
OTHERS: Final = [code for code in LANGUAGES if code != "en"]
_VALUE: Final = re.compile(r"\{(\w+)\}|%\((\w+)\)s")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every sentence that the source marks."""
    path = tmp_path_factory.mktemp("catalogue") / "source.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-k", "_", "-k", "_n:1,2",
         "-o", str(path), "chatproto"],
        cwd=ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return catalogue(path)


def forms(message: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return ids, strings


@pytest.mark.parametrize("code", OTHERS)
def test_it_is_complete(source: Catalog, code: str) -> None:
    translated = catalogue(LOCALE / code / "LC_MESSAGES" / "chatproto.po")
    for message in source:
        if message.id:
            there = translated[message.id]
            assert there is not None, f"not in the catalogue: {message.id}"
            assert all(forms(there)[1]), f"not translated: {message.id}"
            assert not there.fuzzy


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_in_it_is_said_no_more(source: Catalog, code: str) -> None:
    translated = catalogue(LOCALE / code / "LC_MESSAGES" / "chatproto.po")
    assert [message.id for message in translated if message.id and message.id not in source] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_form_has_the_values_of_the_sentence(code: str) -> None:
    for message in catalogue(LOCALE / code / "LC_MESSAGES" / "chatproto.po"):
        if message.id:
            ids, strings = forms(message)
            for string in strings:
                assert set(_VALUE.findall(string)) == set(_VALUE.findall(ids[-1])), message.id


def test_russian_has_its_three_plural_forms() -> None:
    russian = catalogue(LOCALE / "ru" / "LC_MESSAGES" / "chatproto.po")
    for message in russian:
        if isinstance(message.id, tuple):
            assert len(forms(message)[1]) == 3


def test_russian_has_one_word_for_a_nick() -> None:
    for message in catalogue(LOCALE / "ru" / "LC_MESSAGES" / "chatproto.po"):
        for string in forms(message)[1]:
            assert not re.search(r"\bник(?:а|у|ом|е|и|ов)?\b", string, re.IGNORECASE), string


def test_russian_speaks_of_nobody_as_he_or_she() -> None:
    # Past tense has a gender in Russian: what people do is told in the present.
    for message in catalogue(LOCALE / "ru" / "LC_MESSAGES" / "chatproto.po"):
        for string in forms(message)[1]:
            if "{nick}" in string:
                assert not re.search(r"\{nick\} \w+(?:л|ла|лся|лась)\b", string), string
