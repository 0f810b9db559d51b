"""A voice as a program would have it: JSON, one object a line; each presence with its member, and no crowds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from chatproto.core.events import Change, Event, Presence
from chatproto.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproto.core.events import Ids
    from chatproto.language import Sentence
    from chatproto.voices.voice import Shown


@dataclass(frozen=True, slots=True)
class RawVoice:
    """Everything that happens, as objects."""

    own_lines: ClassVar[bool] = True  # so that a program knows the number of what it said
    marks_mentions: ClassVar[bool] = False
    gathers: ClassVar[bool] = False
    columns: ClassVar[int] = 0

    @property
    def wide(self) -> RawVoice:
        return self

    def width(self, _events: Iterable[Shown], _current: str) -> int:
        return 0

    def render(
        self, events: Iterable[Shown], _current: str, _ids: Ids = (), _nick: str = ""
    ) -> list[bytes]:
        return [_line(_fields(event)) for event in events]

    def past(
        self, event: Event, _now: float, _current: str, _ids: Ids = (), *, numbered: bool
    ) -> bytes:
        return _line({"past": numbered, **_fields(event)})

    def notice(self, sentence: Sentence) -> bytes:
        return _line({"notice": language("en").read(sentence)})

    def typed(self, _text: str) -> bytes:
        return b""

    def frame(self, lines: bytes) -> bytes:
        return lines


_CHANGES = frozenset(Change)


def _fields(shown: Shown) -> dict[str, Any]:
    if isinstance(shown, Event):
        return {"seq": shown.seq, "room": shown.room, "by": shown.origin, "text": shown.text}
    if isinstance(shown, Presence) and shown.change in _CHANGES:
        fields = {"change": shown.change.name, "by": shown.origin, "nick": shown.nick}
        return {**fields, "rooms": shown.rooms, "new": shown.new_nick, "text": shown.text}
    return {}


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n" if fields else b""
