"""What `/search` is asked for, taken apart: words, rooms, the author, and the day.

    /search apple pie #kitchen @bob on yesterday

What stands in none of the other forms is a word.  `on` and `за` are words too, unless a day follows.
Must not know doors or the log.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from chatproto.core import names
from chatproto.core.preferences import midnight, moment
from chatproto.core.queries import Query, has_letters
from chatproto.errors import NotAllowed
from chatproto.language import _
from chatproto.limits import SEARCH_WORDS

if TYPE_CHECKING:
    from chatproto.commands.row import Caller

_ON: Final = frozenset({"on", "за"})
_DAYS_AGO: Final = {"today": 0, "yesterday": 1, "сегодня": 0, "вчера": 1}
_RUN: Final = re.compile(r"[^\W_]+")
_LIKE_A_DAY: Final = re.compile(r"[0-9]+[-./][0-9]+.*")
_ISO: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_DOTTED: Final = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.?(?P<year>[0-9]{4})?")
_FIRST_YEAR, _LAST_YEAR = 1970, 9998  # days whose midnights, and the next ones, can be counted


class Sought(NamedTuple):
    """What was typed, taken apart.

    words   what must be there
    rooms   names, as they were typed, without `#`
    nick    of the author, as it was typed; "" for any
    day     when; None for any day
    """

    words: tuple[str, ...]
    rooms: tuple[str, ...]
    nick: str
    day: date | None


def sought(caller: Caller, text: str) -> Query:
    """Return what a caller searches for.  Raise NotAllowed, NotFound."""
    zone = caller.display.preferences.zone
    words, rooms, nick, day = taken_apart(text, moment(int(caller.now() * 1000), zone).date())
    if not (words or nick or day):
        raise NotAllowed(_("Say what to search for: words, @NICK or “on DATE”."))
    return Query(
        scope=caller.chat.history.everything(caller.seat, rooms),
        words=words,
        author=names.key(names.nick(nick)) if nick else "",
        since=midnight(day, zone) if day else 0,
        until=midnight(day + timedelta(days=1), zone) if day else 0,
    )


def taken_apart(text: str, today: date) -> Sought:
    """Return what was typed, taken apart.  Raise NotAllowed."""
    words: list[str] = []
    rooms: list[str] = []
    nicks: list[str] = []
    days: list[date] = []
    parts = text.split()
    while parts:
        part = parts.pop(0)
        if part.casefold() in _ON and parts and _is_like_a_day(parts[0]):
            days.append(_day(parts.pop(0), today))
        elif part.startswith("#") and len(part) > 1:
            rooms.append(part[1:])
        elif part.startswith("@") and len(part) > 1:
            nicks.append(part[1:])
        else:
            words.append(part)
    if len(nicks) > 1 or len(days) > 1:
        raise NotAllowed(_("A line has one author and one day: give one @NICK and one “on DATE”."))
    places = tuple(dict.fromkeys(rooms))
    return Sought(
        words=_searchable(words, len(places)),
        rooms=places,
        nick=nicks[0] if nicks else "",
        day=days[0] if days else None,
    )


def _searchable(words: list[str], others: int) -> tuple[str, ...]:
    """Return each word once.  Raise NotAllowed when there are too many, or none with a letter."""
    kept = tuple(dict.fromkeys(word for word in words if has_letters(word)))
    if words and not kept:
        raise NotAllowed(_("Only letters and digits can be searched for."))
    seen = sum(len(_RUN.findall(word)) for word in kept) + others
    if seen > SEARCH_WORDS:
        raise NotAllowed(
            _("That is {seen} words and rooms; the most is {most}.", seen=seen, most=SEARCH_WORDS)
        )
    return kept


def _is_like_a_day(word: str) -> bool:
    return word.casefold() in _DAYS_AGO or _LIKE_A_DAY.fullmatch(word) is not None


def _day(word: str, today: date) -> date:
    """Return the day that a word names; without a year, the last such day.  Raise NotAllowed."""
    ago = _DAYS_AGO.get(word.casefold())
    if ago is not None:
        return today - timedelta(days=ago)
    form = _ISO.fullmatch(word) or _DOTTED.fullmatch(word)
    if form:
        day, month, year = (form[name] for name in ("day", "month", "year"))
        years = (
            [int(year)] if year else range(today.year, today.year - 8, -1)
        )  # a leap day may be that old
        found = [_date(one, int(month), int(day)) for one in years]
        if days := [one for one in found if one and (year or one <= today)]:
            return days[0]
    raise NotAllowed(
        _(
            "“{seen}” is no day. On which: on {iso}, on {dotted}, on {short}, on today or on yesterday.",
            seen=word,
            iso=f"{today:%Y-%m-%d}",
            dotted=f"{today:%d.%m.%Y}",
            short=f"{today:%d.%m}",
        )
    )


def _date(year: int, month: int, day: int) -> date | None:
    """Return a date, if there is such a day."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
