"""Databases as older versions of this program wrote them: tests/log/form-1.sqlite to form-3.sqlite.

Each was made by the code of its time, from a checkout of it: form 1 by 4f56fc8, the first commit that has a log, form 2
by 5d3da0a, form 3 by 80287ca:

    git worktree add /tmp/old 4f56fc8; cd /tmp/old
    PYTHONPATH=. python .../tests/old_forms.py .../tests/log/form-1.sqlite

When a form is added, make one more with the last commit before it, and add it to FORMS.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

FORMS: Final = {
    number: Path(__file__).parent / "log" / f"form-{number}.sqlite" for number in (1, 2, 3)
}
UNINDEXED: Final = 20  # the words of the last lines had not been taken into the index
_HOUR: Final = 3_600_000
_SAYINGS: Final = (
    "hello from {}",
    "«Привет» из {}",
    "ёжик 🦔 {}",
    "un café à {}",
    "apples, {} of them",
)


def past() -> list[tuple[int, int, str, str, int, str, int, str]]:
    """Return what was asked of the log: time, kind, room, author, origin, to, target, text."""
    asked = []
    for number in range(300):
        who = number % 3
        author, origin = (("alice", 101), ("Боб", 102), ("carol", 103))[who]
        time = 1_800_000_000_000 + number * _HOUR // 10
        text = _SAYINGS[number % 5].format(number)
        if number % 10 == 3:
            asked.append((time, 4, "", author, origin, "Боб" if who != 1 else "alice",
                          102 if who != 1 else 101, text))  # fmt: skip
            continue
        room = ("lobby", "garden", "тема-дня", "attic")[number % 4]
        kind = 3 if number in TOPICS else 2 if number % 10 == 7 else 1
        asked.append((time, kind, room, author, origin, "", 0, TOPICS.get(number, text)))
    return asked


# By number: the garden's topic is set twice, the attic's is taken away.
TOPICS: Final = {9: "roses", 10: "О погоде", 11: "dust", 41: "tulips", 51: ""}


def main(path: str) -> None:
    """Write all of it with the chatproto that is imported."""
    from chatproto.core.events import Event  # noqa: PLC0415 - of the old checkout
    from chatproto.log import database  # noqa: PLC0415

    old: Any = database
    with tempfile.TemporaryDirectory() as folder:
        connection = old.open_to_write(Path(folder))
        events = [Event(seq, *draft) for seq, draft in enumerate(past(), 1)]
        for some in (events[:-UNINDEXED], events[-UNINDEXED:]):
            with old.transaction(connection):
                old.store(connection, some, set())
            while some[-1] is not events[-1] and old.index(connection):
                pass
        connection.close()
        Path(path).write_bytes((Path(folder) / old.FILE).read_bytes())


if __name__ == "__main__":
    main(sys.argv[1])
