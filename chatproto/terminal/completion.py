"""Tab: the words that begin with what was typed, and the round through them.

Must not know keys, screens or rooms (their names come from outside, when they are asked for).

Source: irssi's and weechat's manners: a nick that opens a line is addressed ("anna: "), and Tab
goes round through all that fits, back to what was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CANDIDATE_LIMIT: Final = 100
"""Candidates in a round: more presses of Tab than anyone has patience for; a big room has thousands."""


class Completer(Protocol):
    """A source of words."""

    def complete(self, before: str, /) -> Sequence[str]:
        """Return what the last word of `before`, the text after its last space, could become.

        Each candidate is the whole word, with the space or ": " that belongs after it.
        """


class Cycle:
    """A round through the candidates; the word as it was typed is one of them."""

    def __init__(self, start: int, word: str, candidates: Sequence[str]) -> None:
        self.start = start
        self._choices = [word, *candidates[:CANDIDATE_LIMIT]]
        self._at = 0

    def turn(self, step: int) -> str:
        """Return the next choice, or with a negative step the one before."""
        self._at = (self._at + step) % len(self._choices)
        return self._choices[self._at]


def _nobody() -> Iterable[str]:
    return ()


def _no_arguments(_command: str, _given: Sequence[str]) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Words:
    """A completer of commands, their arguments, rooms and nicks, each asked for when needed.

    `arguments` is told the command and the words between it and the one to complete.
    """

    commands: Callable[[], Iterable[str]] = _nobody  # "/join"
    rooms: Callable[[], Iterable[str]] = _nobody  # "#python"
    nicks: Callable[[], Iterable[str]] = _nobody  # "anna"
    arguments: Callable[[str, Sequence[str]], Iterable[str]] = _no_arguments

    def complete(self, before: str, /) -> Sequence[str]:
        """Return what begins with the last word, in any case; sorted, but arguments in their own order."""
        *given, word = before.split(" ")
        if not given and word.startswith("/"):
            return _endings(word, sorted(self.commands()), " ")
        if given and before.startswith("/"):
            known = _endings(word, self.arguments(given[0], given[1:]), " ")
            if known:
                return known
        if word.startswith("#"):
            return _endings(word, sorted(self.rooms()), " ")
        return _endings(word, sorted(self.nicks(), key=str.casefold), " " if given else ": ")


def _endings(word: str, names: Iterable[str], tail: str) -> list[str]:
    wanted = word.casefold()
    return [name + tail for name in names if name.casefold().startswith(wanted)]
