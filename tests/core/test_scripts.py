"""What the alphabets of names are called."""

from __future__ import annotations

import pytest

from chatproto.core import names, scripts
from chatproto.errors import NotAllowed
from chatproto.language import language


@pytest.mark.parametrize(
    ("mixed", "english", "russian"),
    [
        ({"LATIN", "CYRILLIC"}, "Cyrillic and Latin", "кириллица и латиница"),
        (
            {"LATIN", "CYRILLIC", "GREEK"},
            "Cyrillic, Greek and Latin",
            "кириллица, греческий алфавит и латиница",
        ),
        ({"LATIN", "OGHAM"}, "Latin and Ogham", "латиница и Ogham"),
    ],
)
def test_scripts_are_listed_by_their_names(mixed: set[str], english: str, russian: str) -> None:
    told = scripts.told(mixed)
    assert (str(told), language("ru").read(told)) == (english, russian)


def test_a_name_of_two_alphabets_is_told_which() -> None:
    with pytest.raises(NotAllowed) as caught:
        names.nick("pаypal")  # with a Cyrillic а
    assert language("ru").read(caught.value.sentence) == (
        "Имя пишется одним алфавитом; в «pаypal» смешаны кириллица и латиница."
    )
