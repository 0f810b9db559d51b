"""The archive in memory keeps the newest alone, and knows nothing more of what it has forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.core.events import Event, Kind
from chatproto.log import memory
from chatproto.log.memory import MemoryArchive
from fakes import Clock
from following import said, texts

if TYPE_CHECKING:
    import pytest


def test_what_is_forgotten_leaves_its_ref_behind_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT_EVENTS", 3)
    archive = MemoryArchive(Clock())
    drafts = [said(ref)._replace(ref=ref) for ref in "abcde"]
    for seq, draft in enumerate(drafts, 1):
        archive.store([Event(seq, *draft)])
    assert [bool(archive.find(draft)) for draft in drafts] == [False, False, True, True, True]
    assert texts(archive.all_after(0, 9)) == ["c", "d", "e"]
    assert texts(archive.all_after(3, 1)) == ["d"]
    archive.store([Event(6, *drafts[0]), *(Event(seq, *said("no ref")) for seq in (7, 8))])
    assert len(archive._by_ref) == 1


def test_it_is_opened_again_with_what_it_keeps_the_rooms_of_the_latest_topics_first() -> None:
    archive = MemoryArchive(Clock())
    drafts = [
        said("cats", "pub", kind=Kind.TOPIC)._replace(time=5), said("hello", "garden"),
        said("dogs", "hall", kind=Kind.TOPIC)._replace(time=9),
        said("gone", "attic", kind=Kind.TOPIC), said("", "attic", kind=Kind.TOPIC),
    ]  # fmt: skip
    archive.store([Event(seq, *draft) for seq, draft in enumerate(drafts, 1)])
    head, records = archive.open()
    assert head == 5
    assert [record.name for record in records] == ["hall", "pub", "attic", "garden"]
    assert [bool(record.topic) for record in records] == [True, True, False, False]
