"""Preferences: how a member reads, and how it types.

The options of `/set` are a table: what each may be is checked here, and nowhere else.
What a preference means for a screen or a door is the voice's and the door's business.
Must not know screens or doors.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from chatproto.core.text import excerpt
from chatproto.errors import NotAllowed
from chatproto.language import LANGUAGES, Sentence, _

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_FORMATS: Final = {
    "off": "",
    "HH:MM": "%H:%M",
    "HH:MM:SS": "%H:%M:%S",
    "date": "%Y-%m-%d %H:%M",
}
"""What `/set time` takes, and the format (strftime) it stands for."""

SERVER_ZONE: Final = "server"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member prefers; hashable, so that equal preferences can share what is made for them.

    input   `auto` chooses by what the terminal says it is
    bell    when it rings: at a mention (`on`), at every line (`all`), or never
    """

    language: str = "en"
    input: str = "auto"
    theme: str = "auto"
    time: str = "off"
    zone: str = SERVER_ZONE
    bell: str = "on"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to prefer: its name, what it may be, what it is for."""

    name: str
    values: tuple[str, ...]
    summary: Sentence
    also: str = ""  # how values are told that are too many to list
    find: Callable[[str], str | None] = field(default=lambda _wish: None)


def _names_of_zones() -> dict[str, str]:
    """Return the time zones by their names in small letters, and by the last part of these."""
    found: dict[str, str] = {}
    for name in sorted(available_timezones()):
        found.setdefault(name.casefold(), name)
        found.setdefault(name.casefold().rpartition("/")[2], name)
    return found


_ZONES: Final = _names_of_zones()  # made once: it reads all of tzdata, for 10 ms
_ZONE_LENGTH: Final = max(map(len, _ZONES))


def _zone(wish: str) -> str | None:
    """Return the time zone of that name, in any case; the last part of a name will do."""
    if len(wish) > _ZONE_LENGTH:
        return None
    return _ZONES.get(wish.casefold().replace(" ", "_"))


_zone_info = cache(ZoneInfo)
"""The rules of a zone, read from disk once: ZoneInfo itself remembers eight."""


def _language(wish: str) -> str | None:
    """Return the code of a language that is called by its own name."""
    return next(
        (code for code, name in LANGUAGES.items() if name.casefold() == wish.casefold()), None
    )


OPTIONS: Final = (
    Option("language", tuple(LANGUAGES), _("your language"), find=_language),
    Option(
        "input", ("auto", "line", "char"),
        _("who edits the line you type: your terminal (line) or the server (char)"),
    ),
    Option("theme", ("auto", "none", "dark", "light", "clear"), _("colours; clear suits colour-blind eyes")),
    Option("time", tuple(TIME_FORMATS), _("a time before each line")),
    Option(
        "zone", (SERVER_ZONE, "UTC"), _("the time zone of these times"), "Europe/Berlin, Asia/Tokyo",
        _zone,
    ),
    Option("bell", ("on", "off", "all"), _("ring when you are mentioned, never, or at every line")),
)  # fmt: skip
BY_NAME: Final = {option.name: option for option in OPTIONS}


def option(name: str) -> Option:
    """Return the option of that name.  Raise NotAllowed, with those there are."""
    if name.casefold() not in BY_NAME:
        known = ", ".join(BY_NAME)
        raise NotAllowed(
            _("There is no option “{seen}”; there are: {known}", seen=excerpt(name), known=known)
        )
    return BY_NAME[name.casefold()]


def with_preference(preferences: Preferences, name: str, wish: str) -> Preferences:
    """Return the preferences with one option changed.  Raise NotAllowed, with what it may be."""
    chosen = option(name)
    folded = {value.casefold(): value for value in chosen.values}
    value = folded.get(wish.casefold()) or chosen.find(wish)
    if value is None:
        raise NotAllowed(
            _(
                "{option} is one of {known}, not “{seen}”.",
                option=chosen.name,
                known=allowed(chosen),
                seen=excerpt(wish),
            )
        )
    return replace(preferences, **{chosen.name: value})


def allowed(option: Option) -> str:
    """Return what an option may be, as a person reads it."""
    return ", ".join([*option.values, *([f"{option.also}, ..."] if option.also else [])])


def moment(time: int, zone: str) -> datetime:
    """Return the moment (milliseconds since 1970) as the clocks of a zone show it."""
    utc = datetime.fromtimestamp(time / 1000, UTC)
    return utc.astimezone(None if zone == SERVER_ZONE else _zone_info(zone))


def midnight(day: date, zone: str) -> int:
    """Return when a day begins in a zone, in milliseconds since 1970."""
    tzinfo = None if zone == SERVER_ZONE else _zone_info(zone)
    return int(datetime(day.year, day.month, day.day, tzinfo=tzinfo).timestamp()) * 1000


def stamp(time: int, wish: str, zone: str) -> str:
    """Return the time that stands before a line, in the format preferred."""
    return _stamp(time // 1000, wish, zone)  # no way shows less than a second


@lru_cache(maxsize=1024)  # the lines of one second, in a hundred zones
def _stamp(second: int, wish: str, zone: str) -> str:
    return f"{moment(second * 1000, zone):{TIME_FORMATS[wish]}}"


def past_time(time: int, now: float, zone: str) -> str:
    """Return the time of day for today, with the date before it for any other day."""
    then = moment(time, zone)
    is_today = then.date() == moment(int(now * 1000), zone).date()
    return f"{then:%H:%M}" if is_today else f"{then:%Y-%m-%d %H:%M}"
