"""The columns of the table of kinds, as conditions of SQL.

They stand in the sentences themselves, not as values: only so does SQLite know that an index of private events, which
has such a condition of its own, will do.
Must not know queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core.events import ADDRESSED, INDEXED, REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Collection


def is_one_of(kinds: Collection[int]) -> str:
    """Return the condition that an event is of one of these kinds."""
    numbers = [str(int(kind)) for kind in sorted(kinds)]
    return f"kind = {numbers[0]}" if len(numbers) == 1 else f"kind IN ({', '.join(numbers)})"


PRIVATE: Final = is_one_of(ADDRESSED)
IN_A_ROOM: Final = is_one_of(REMEMBERED)
HAS_WORDS: Final = is_one_of(INDEXED)
