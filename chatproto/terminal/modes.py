"""What a mode of the editor is, and what a key may bring about in it.

A mode takes keys and returns effects; it draws nothing and never calls the editor. There are three:
`composing` a line, and in front of it, while they are open, `search` and `question`.

Must not know screens or bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatproto.terminal.events import Cleared, Left, Submitted
    from chatproto.terminal.keys import Stroke


View: TypeAlias = "tuple[str, Sequence[str], int, int | None]"
"""What a mode shows, as `Screen.show` takes it: label, clusters, cursor, the first that changed."""


class Mode(Protocol):
    """What the keys go to."""

    def press(self, stroke: Stroke, /) -> Iterable[Effect]:
        """Take one key; return what it brings about, in order."""

    def view(self) -> View:
        """Return what is to be on the screen, and count it as shown."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The key could not do what it does: the bell rings."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A sentence to be shown above the prompt."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """From now on the keys go to another mode."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Closed:
    """This mode is over: the keys go to the line again, and first of all the one it does not know."""

    unknown: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """Keys to be looked at before any that wait."""

    strokes: Iterable[Stroke]


Effect: TypeAlias = "Submitted | Left | Cleared | Refused | Noticed | Opened | Closed | Next"

NOTHING: Final[tuple[Effect, ...]] = ()
REFUSED: Final[tuple[Effect, ...]] = (Refused(),)


def refused_unless(done: object) -> tuple[Effect, ...]:
    """Return the bell unless the key has done its work."""
    return NOTHING if done else REFUSED
