"""What events say, as sentences: the words every voice shares, before any layout.

Must not know colours, widths or readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core.events import TOPIC, Change
from chatproto.language import Sentence, _, _n, listing
from chatproto.limits import NAMES_SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatproto.core.events import Event, Ids
    from chatproto.voices.voice import Crowd


def private(event: Event, ids: Ids) -> Sentence:
    """Return the head of a private line, its author and its addressee, as the member of that id reads it."""
    if event.origin in ids:
        return _("you -> {nick}", nick=event.to)
    return _("{nick} -> you", nick=event.author)


def topic(event: Event) -> Sentence:
    """Return what a member did with the topic."""
    if event.text:
        return _("{nick} sets the topic: {topic}", nick=event.author, topic=event.text)
    return _("{nick} removes the topic", nick=event.author)


# The kinds of events that read as what the server says of a room, and the sentence for each.
_ANNOUNCEMENTS: Final[Mapping[int, Callable[[Event], Sentence]]] = {TOPIC: topic}
_CHANGES: Final = frozenset(Change)  # another node may know more of them


def announced(event: Event) -> Sentence | None:
    """Return what the server says of such an event; None for one of another kind."""
    sentence_for = _ANNOUNCEMENTS.get(event.kind)
    return sentence_for(event) if sentence_for else None


def crowd(told: Crowd) -> Sentence | None:
    """Return which members came, went or changed their nick; None for a change that there are no words for."""
    if told.change not in _CHANGES:
        return None
    if told.change == Change.RENAMED:
        return _("{old} is now {new}", old=told.names[0], new=told.names[1])
    return _many(told) if told.size > 1 else _one(told)


def _one(told: Crowd) -> Sentence:
    """Return that a member came or went."""
    nick = told.names[0]
    if told.change == Change.JOINED:
        return _("{nick} joined", nick=nick)
    if told.change == Change.LOST:
        return _("{nick} left: the connection broke", nick=nick)
    if told.text:
        return _("{nick} left: {reason}", nick=nick, reason=told.text)
    return _("{nick} left", nick=nick)


def _many(told: Crowd) -> Sentence:
    """Return which members came or went together: by nick while they are few, else as a number."""
    came = told.change == Change.JOINED
    if told.size <= NAMES_SHOWN:
        names = listing(told.names)
        return _("{names} joined", names=names) if came else _("{names} left", names=names)
    here = _n("{count} is here", "{count} are here", told.here)
    if came:
        return _n("{count} person joined, {here}", "{count} people joined, {here}", told.size,
                  here=here)  # fmt: skip
    return _n("{count} person left, {here}", "{count} people left, {here}", told.size, here=here)
