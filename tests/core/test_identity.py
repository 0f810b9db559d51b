"""When two peers have proved to be one person."""

from __future__ import annotations

import pytest

from chatproto.core.identity import NOBODY, Identity

ANNA, BY_KEY = Identity(account="anna"), Identity(key="SHA256:a")


@pytest.mark.parametrize("one", [ANNA, BY_KEY, Identity("anna", "SHA256:b")])
def test_the_same_proof_is_the_same_person_wherever_they_come_from(one: Identity) -> None:
    assert one.is_proved
    assert one.is_same(one._replace(address="192.0.2.1", door="ssh"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NOBODY, NOBODY),
        (Identity(address="192.0.2.1"), Identity(address="192.0.2.1")),
        (ANNA, Identity(account="bob")),
        (BY_KEY, Identity(key="SHA256:b")),
        (ANNA, BY_KEY),
        (Identity("anna", "SHA256:a"), Identity("bob", "SHA256:a")),
        (Identity("anna", "SHA256:a"), BY_KEY),
    ],
)
def test_nothing_else_is(one: Identity, other: Identity) -> None:
    assert not one.is_same(other)
    assert not other.is_same(one)


def test_an_address_proves_nothing() -> None:
    assert not Identity(address="192.0.2.1", door="telnet").is_proved
