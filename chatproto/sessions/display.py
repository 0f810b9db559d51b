"""The display: what a person reads on, and how they prefer to read and type.  Their voice follows from both.

Must not know doors, sockets or commands.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chatproto.core import permissions
from chatproto.core.permissions import Action
from chatproto.core.preferences import Preferences, with_preference
from chatproto.language import language
from chatproto.sessions.answers import nothing
from chatproto.voices.screen import voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence
    from chatproto.sessions.context import Context
    from chatproto.voices.screen import Screen


@cache
def _unasked(code: str) -> Preferences:
    """Return the preferences of a person who has not said any, in that language: one object for all of them."""
    return Preferences(code)


class Display:
    """How one person reads.

    preferences      how the person prefers to read and type
    on_preferences   called when these change: the door may have to do something about it
    screen           what the person reads on
    """

    __slots__ = ("_context", "_reader", "on_preferences", "preferences", "screen")

    def __init__(self, context: Context, reader: Reader, screen: Screen) -> None:
        self._context = context
        self._reader = reader
        self.preferences = _unasked(context.language)
        self.on_preferences: Callable[[], None] = nothing
        self.screen = screen
        reader.voice = voice(self.preferences, screen)

    def set_preference(self, name: str, value: str) -> None:
        """Prefer something else, as a member asks, or a peer's own settings do.  Raise NotAllowed."""
        if seat := self._reader.seat:
            permissions.check(Action.PREFER, seat.member)
        self.set_preferences(with_preference(self.preferences, name, value))

    def set_preferences(self, preferences: Preferences) -> None:
        """Prefer all this."""
        self.preferences = preferences
        self._read_anew()
        self.on_preferences()

    def look_on(self, screen: Screen) -> None:
        """Take note of what the person reads on."""
        self.screen = screen
        self._read_anew()

    def _read_anew(self) -> None:
        reader = self._reader
        reader.voice = voice(self.preferences, self.screen)
        if reader.seat:
            self._context.delivery.refresh(reader.seat.member)

    def read(self, sentence: Sentence) -> str:
        """Return a sentence in the person's language."""
        return language(self.preferences.language).read(sentence)

    def clear(self) -> None:
        """Empty the screen, where there is one."""
        if self._reader.editor:
            self._reader.send(self._reader.editor.clear())
