"""What can go wrong for a person, and the sentence that tells them."""

from __future__ import annotations

import re

import pytest

from chatproto import errors
from chatproto.errors import ChatError
from chatproto.language import _, language

KINDS: list[type[ChatError]] = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ChatError) and kind is not ChatError
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_read_in_the_readers_language(kind: type[ChatError]) -> None:
    error = kind(_("“{nick}” is taken. Choose another name.", nick="alice"))
    assert isinstance(error, ChatError)
    assert str(error) == "“alice” is taken. Choose another name."
    assert language("ru").read(error.sentence) == "Имя «alice» занято. Выберите другое."


def test_the_tree_in_the_docstring_is_the_tree_there_is_and_no_two_share_a_code() -> None:
    drawn = re.findall(r'[├└]── (\w+) +"(\w+)"', errors.__doc__ or "")
    assert sorted(drawn) == sorted((kind.__name__, kind.code) for kind in KINDS)
    codes = [ChatError.code, *(kind.code for kind in KINDS)]
    assert len(set(codes)) == len(codes)
