"""Sentences for people, and the languages they are read in.

A sentence is made where something happens, and read in a language where its reader is: the core says
`_("{nick} is taken.")` without knowing that language, and a voice or a session reads the sentence in it.
Must not know readers or voices.  Catalogues: GNU gettext, chatproto/locale/*/LC_MESSAGES.
"""

from __future__ import annotations

import gettext
import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DOMAIN = "chatproto"
LOCALE = Path(__file__).parent / "locale"

# The languages that have a catalogue, by their own names: what `/language` lists.
LANGUAGES: Mapping[str, str] = {"en": "English", "ru": "Русский"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to be said to a person, not yet in any language.

    `text` (and `many`, where `count` decides) are templates for `str.format`; `values` fill them.
    A value that is itself a sentence is read in the same language.
    """

    text: str
    many: str = ""
    count: int = 0
    values: Mapping[str, object] = field(default_factory=dict)

    def filled(self, **values: object) -> Sentence:
        """Return it with these values: for a sentence of a table, which has none yet."""
        return replace(self, values=values)

    def __str__(self) -> str:
        """Return it in English: for logs and tracebacks."""
        return ENGLISH.read(self)


def _(text: str, /, **values: object) -> Sentence:
    """Return a sentence; `_` is the name by which the catalogue finds it in the source."""
    return Sentence(text, values=values)


def _n(one: str, many: str, count: int, /, **values: object) -> Sentence:
    """Return a sentence whose form depends on `count`, which is also a value."""
    return Sentence(one, many, count, {"count": count, **values})


class Language:
    """One language to read sentences in."""

    def __init__(self, code: str) -> None:
        self.code = code
        fallback = code == "en"  # English is in the source
        self._catalogue = gettext.translation(DOMAIN, LOCALE, [code], fallback=fallback)

    def read(self, sentence: Sentence) -> str:
        """Return the sentence in this language."""
        if sentence.many:
            text = self._catalogue.ngettext(sentence.text, sentence.many, sentence.count)
        else:
            text = self._catalogue.gettext(sentence.text)
        if not sentence.values:
            return text
        values = {name: self._value(value) for name, value in sentence.values.items()}
        return text.format_map(values)

    def _value(self, value: object) -> object:
        return self.read(value) if isinstance(value, Sentence) else value


@cache
def language(code: str) -> Language:
    """Return the language of that code, one object for all its readers."""
    return Language(code)


ENGLISH = language("en")


def from_environment(environ: Mapping[str, str] = os.environ) -> str:
    """Return the code of the first language we have that the environment asks for, else `en`.

    As in gettext the first of LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set decides: LC_ALL=C is English.
    """
    variables = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wishes = next((wish for variable in variables if (wish := environ.get(variable))), "")
    for wish in wishes.split(":"):
        code = re.split(r"[._@]", wish)[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def in_a_row(sentences: Sequence[Sentence]) -> Sentence:
    """Return sentences, each a few words, as one with commas between them."""
    places = [f"_{place}" for place in range(len(sentences))]
    text = ", ".join(f"{{{place}}}" for place in places)
    return Sentence(text, values=dict(zip(places, sentences, strict=True)))


def listing(names: Sequence[str], total: int | None = None) -> Sentence:
    """Return names as a sentence lists them: `a`, `a and b`, `a, b and c`, `a, b and 7 others`.

    `total` is how many there are in all when `names` holds only the first of them.
    """
    others = (total or len(names)) - len(names)
    if others:
        return _n(
            "{names} and {count} other", "{names} and {count} others", others,
            names=", ".join(names),
        )  # fmt: skip
    if len(names) == 1:
        return Sentence("{name}", values={"name": names[0]})
    return _("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])
