"""Kinds of events and changes that this version does not know: a newer one may have written them, or another node.

And all voices there are, which read them as nothing.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from modules import modules

from chatproto.core.events import KINDS, Change
from chatproto.voices.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterator

# For a field of a voice, values that make it read otherwise; others have their defaults.
VALUES: Final[dict[str, tuple[Any, Any]]] = {
    "language": ("en", "ru"),
    "end": (b"\n", b"\r\n"),
    "wipes": (False, True),
    "columns": (40, 120),
    "theme": ("none", "dark"),
    "time": ("off", "HH:MM:SS"),
    "bell": ("on", "all"),
}

# SQLite's numbers; and, more often, those that will be next.
UNKNOWN_KINDS: Final = (st.integers(-1, 100) | st.integers(-(2**63), 2**63 - 1)).filter(
    lambda kind: kind not in KINDS
)
UNKNOWN_CHANGES: Final = st.integers(-1, 100).filter(lambda change: change not in {*Change})


def voice_classes() -> Iterator[Any]:
    """Yield every class of ours that has all that a voice has."""
    wanted = [name for name in vars(Voice) if not name.startswith("_")]
    for name, _path in modules():
        module = importlib.import_module(f"chatproto.{name}".rstrip("."))
        for one in vars(module).values():
            is_here = isinstance(one, type) and one.__module__ == module.__name__
            if is_here and one is not Voice and all(hasattr(one, each) for each in wanted):
                yield one


def _made(one: Any, which: int) -> Voice:
    names = [field.name for field in dataclasses.fields(one) if field.init]
    voice: Voice = one(**{name: VALUES[name][which] for name in names if name in VALUES})
    return voice


VOICES: Final = [_made(one, which) for one in voice_classes() for which in (0, 1)]
