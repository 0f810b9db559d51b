"""Reading on and back in the log: the sentences of SQL for it.

Each room, and what is private to or from a member, has an index that is in the order of numbers; SQLite merges them as
it goes.  So reading costs what is read, however long the log is and however quiet the room.
Each function does one thing, on the connection it is given.
Must not know threads or Deferreds.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from chatproto.core.events import Event, sender
from chatproto.core.queries import Scope
from chatproto.log import database
from chatproto.log.kinds import IN_A_ROOM, PRIVATE
from chatproto.log.pieces import piece

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from chatproto.core.events import Draft
    from chatproto.core.ports import RoomRecord
    from chatproto.core.queries import Piece

FIRST: Final = 0
END: Final = 2**62  # over every number
# As the index of refs has it: only so does SQLite know that it will do.
_SENDER: Final = "CASE account WHEN '' THEN origin ELSE account END"


def room(connection: sqlite3.Connection, name: str) -> RoomRecord | None:
    """Return what is known of one room."""
    row = connection.execute("SELECT * FROM room WHERE name = ?", (name,)).fetchone()
    return database.as_record(row) if row else None


def by_ref(connection: sqlite3.Connection, draft: Draft) -> Event | None:
    """Return the event that the sender of a draft has asked for by the same ref."""
    row = connection.execute(
        f"SELECT * FROM event WHERE {_SENDER} = ? AND ref = ? AND ref <> ''",  # noqa: S608 - marks
        (sender(draft), draft.ref),
    ).fetchone()
    return Event._make(row) if row else None


def all_after(connection: sqlite3.Connection, seq: int, limit: int) -> list[Event]:
    """Return the first events over `seq`, of the whole log."""
    return events(
        connection.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
    )


def before(
    connection: sqlite3.Connection, rooms: Collection[str], seq: int, limit: int
) -> list[Event]:
    """Return the last events of some rooms below `seq`, oldest first."""
    rows = merged(connection, Scope(tuple(rooms)), FIRST, seq - 1, limit, newest=True)
    with closing(rows):  # or it would go on reading what there was now
        return piece(map(Event._make, rows), FIRST, limit).events[::-1]


def after(connection: sqlite3.Connection, scope: Scope, seq: int, upto: int, limit: int) -> Piece:
    """Return the next piece of a scope, over `seq` and up to number `upto`."""
    rows = merged(connection, scope, seq, upto, limit + 1)
    with closing(rows):
        return piece(map(Event._make, rows), upto, limit)


def back(connection: sqlite3.Connection, scope: Scope, seq: int, count: int) -> int:
    """Return the number at which the last so many events below `seq` begin; 0 when there are none."""
    numbers = [0]
    rows = merged(connection, scope, FIRST, seq - 1, count, newest=True, columns="seq")
    numbers += [number for (number,) in rows]
    return numbers[-1]


def count(connection: sqlite3.Connection, scope: Scope, seq: int, upto: int) -> int:
    """Return how many events `after` would read, up to and with number `upto`."""
    found = 0
    for where, values in _branches(scope):
        sql = f"SELECT count(*) FROM event WHERE {where} AND seq > ? AND seq <= ?"  # noqa: S608
        found += connection.execute(sql, (*values, seq, upto)).fetchone()[0]
    return found


def merged(
    connection: sqlite3.Connection,
    scope: Scope,
    seq: int,
    upto: int,
    limit: int,
    *,
    newest: bool = False,
    columns: str = "*",
    where: str = "",
    values: Sequence[object] = (),
) -> sqlite3.Cursor:
    """Return what there is in a scope over `seq` and up to `upto`, as it is stepped to; or the newest first.

    `where` is one more condition that each must fulfil, and `values` stand for its marks.
    """
    branches = _branches(scope) or [("false", ())]
    sql = " UNION ALL ".join(
        f"SELECT {columns} FROM event WHERE {branch} AND seq > ? AND seq <= ?{where}"  # noqa: S608
        for branch, _values in branches
    )
    given = [value for _branch, own in branches for value in (*own, seq, upto, *values)]
    order = "DESC" if newest else "ASC"
    return connection.execute(f"{sql} ORDER BY seq {order} LIMIT ?", (*given, limit))


def _branches(scope: Scope) -> list[tuple[str, tuple[object, ...]]]:
    """Return a condition for each index that a scope is read by, and the values for its marks."""
    found: list[tuple[str, tuple[object, ...]]] = [
        (f"room = ? AND {IN_A_ROOM}", (name,)) for name in scope.rooms
    ]
    sent = f"{PRIVATE} AND origin = ?"
    received = f"{PRIVATE} AND target = ? AND origin NOT IN ({marks(scope.ids)})"
    partner: tuple[object, ...] = ()
    if scope.partner:
        partner = (*scope.partner.ids, scope.partner.key)
        sent += f' AND (target IN ({marks(scope.partner.ids)}) OR key("to") = ?)'
        received += f" AND (origin IN ({marks(scope.partner.ids)}) OR key(author) = ?)"
    for one_id in scope.ids:
        found += [(sent, (one_id, *partner)), (received, (one_id, *scope.ids, *partner))]
    return found


def marks(values: Sequence[object]) -> str:
    """Return a mark for each of these values."""
    return ", ".join("?" * len(values))


def events(rows: Iterable[Any]) -> list[Event]:
    """Return rows as events."""
    return [Event._make(row) for row in rows]
