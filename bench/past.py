"""What reading and searching a long past takes: a log of a million lines, asked as `/history` and `/search` ask it.

    python -m bench.past [--lines 1000000] [--keep FOLDER]

The words are as uneven as those of people (Zipf), half of them Cyrillic; 70 % is said in one room, one line in ten
thousand in a quiet one, 2 % to one person alone.  Each question is asked three times, and the best noted: what the
machine has to do when others leave it alone.

Must not know the peers or the scenarios.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatproto.core.events import Event, Kind
from chatproto.core.queries import Partner, Query, Scope
from chatproto.log import database, reading, searching

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

_BEGUN = 1_790_000_000_000  # milliseconds since 1970
_APART = 2_000  # milliseconds from one line to the next
_AT_ONCE = 10_000  # lines in a transaction
_KNOWN_WORDS = {"latin": ["the", "of", "and", "to", "a"], "cyrillic": ["и", "в", "не", "слово", "слова"]}  # fmt: skip
_LETTERS = {"latin": "abcdefghijklmnopqrstuvwxyz", "cyrillic": "абвгдежзиклмнопрстуфхцчшыэюя"}
_WORDS = 20_000  # of each alphabet
_ROOMS: Final = {"lobby": 0.7, "garden": 0.2, "pub": 0.0999, "quiet": 0.0001}


class Talk:
    """Lines without end, the same ones each time."""

    def __init__(self) -> None:
        self._random = random.Random(7)  # noqa: S311 - no secret
        self._words = {name: self._language(name) for name in _LETTERS}
        self._weights = list(accumulate(1 / place for place in range(1, _WORDS + 1)))

    def _language(self, name: str) -> list[str]:
        letters, known = _LETTERS[name], _KNOWN_WORDS[name]
        made = (
            "".join(self._random.choices(letters, k=self._random.randint(2, 9)))
            for _ in range(_WORDS - len(known))
        )
        return [*known, *made]

    def lines(self, first: int, last: int) -> Iterator[Event]:
        """Return the events of these numbers."""
        dice = self._random
        for seq in range(first, last):
            words = self._words[dice.choice(["latin", "cyrillic"])]
            said = dice.choices(words, cum_weights=self._weights, k=dice.randint(3, 14))
            when, text, author = _BEGUN + seq * _APART, " ".join(said), dice.randint(1, 300)
            if dice.random() < 0.02:  # noqa: PLR2004 - as above
                yield Event(seq, when, Kind.PRIVATE, "", f"n{author}", author, "bob", 301, text)
            else:
                (room,) = dice.choices(list(_ROOMS), list(_ROOMS.values()))
                yield Event(seq, when, Kind.SAID, room, f"n{author}", author, "", 0, text)


def build(folder: Path, lines: int) -> None:
    """Build a database of so many lines."""
    connection = database.open_to_write(folder)
    connection.execute("PRAGMA synchronous = OFF")
    talk, rooms = Talk(), set[str]()
    for first in range(1, lines + 1, _AT_ONCE):
        with database.transaction(connection):
            database.store(connection, list(talk.lines(first, first + _AT_ONCE)), rooms)
    while database.index(connection):
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def questions(lines: int) -> Mapping[str, Callable[[sqlite3.Connection], object]]:
    """Return what is asked, by its name in the table."""
    lobby, quiet = Scope(("lobby",)), Scope(("quiet",))
    several = Scope(("lobby", "garden", "quiet"), (7,))
    alone = Scope((), (301,), Partner("n7"))
    since, until = _BEGUN, _BEGUN + 24 * searching.HOUR  # the first day

    def read(scope: Scope, seq: int) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: reading.after(connection, scope, seq, lines, 100)

    def back(scope: Scope, count: int) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: reading.back(connection, scope, lines, count)

    def find(query: Query) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: searching.search(connection, query, 20, time.monotonic)

    return {
        "/history 500: where it begins": back(lobby, 500),
        "/history @nick: where it begins": back(alone, 20),
        "a piece, of one room": read(lobby, lines // 2),
        "a piece, of three rooms and what is private": read(several, lines // 2),
        "a piece, of a quiet room": read(quiet, 1),
        "the room of a line": lambda connection: reading.after(connection, several, 1, 2, 1),
        "/search the": find(Query(lobby, ("the",))),
        "/search слов": find(Query(lobby, ("слов",))),
        "/search the #quiet": find(Query(quiet, ("the",))),
        "/search of (two letters: a word)": find(Query(lobby, ("of",))),
        "/search with a word that nobody said": find(Query(lobby, ("xylophone",))),
        "/search the, in a room that is not there": find(Query(Scope(("nowhere",)), ("the",))),
        "/search with ten common words": find(Query(lobby, ("the",) * 10)),
        "/search the-the-the-the": find(Query(lobby, ("the-the-the-the",))),
        "/search @n7": find(Query(lobby, author="n7")),
        "/search @nobody": find(Query(lobby, author="nobody")),
        "/search on the first day": find(Query(lobby, since=since, until=until)),
        "/search the on the first day": find(Query(lobby, ("the",), since=since, until=until)),
    }


def main() -> None:
    """Build, ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument(
        "--keep", type=Path, help="a folder for the database; used again if it is there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / database.FILE).exists():
            build(folder, options.lines)
        with closing(database.open_to_read(folder)) as connection:
            for name, ask in questions(options.lines).items():
                print(f"{min(_timed(ask, connection) for _ in range(3)):9.2f} ms  {name}")


def _timed(ask: Callable[[sqlite3.Connection], object], connection: sqlite3.Connection) -> float:
    begun = time.perf_counter()
    ask(connection)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
