"""The settings: the options, understood and checked.

Raise CannotStart, with what was seen and what is allowed, for what cannot be understood.
Must not know the command line or the service.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatproto.core import text
from chatproto.core.pace import Rate
from chatproto.doors.origins import PerAddress
from chatproto.errors import CannotStart, reason
from chatproto.language import LANGUAGES, _, from_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatproto.doors.table import Door

IN_MEMORY: Final = ":memory:"
_DIGITS: Final = 6  # of a number of connections


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, understood; `doors` are endpoints, as they were asked for."""

    doors: tuple[tuple[Door, str], ...]
    data: str
    title: str
    motd: str
    language: str
    rate: Rate | None
    per_address: PerAddress | None
    loopback_is_exempt: bool = True


def understand(options: Mapping[str, Any], doors: Iterable[tuple[Door, str]]) -> Settings:
    """Return what the options say.  Raise CannotStart, with what was seen and what is allowed."""
    return Settings(
        doors=tuple(doors),
        data=options["data"],
        title=text.clean(os.fsencode(options["name"]).decode(errors="replace")),
        motd=_motd(options["motd"]),
        language=_language(options["language"]),
        rate=_rate(options["rate"]),
        per_address=_per_address(options["per-address"]),
    )


def _language(code: str | None) -> str:
    code = code or from_environment()
    if code not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise CannotStart(
            _("--language takes one of {known}, not “{seen}”.", known=known, seen=code)
        )
    return code


def _rate(wish: str) -> Rate | None:
    if wish == "off":
        return None
    burst, _slash, per_second = wish.partition("/")
    try:
        rate = Rate(int(burst), float(per_second))
    except ValueError:
        rate = Rate(0, 0.0)
    if rate.burst < 1 or not 0.0 < rate.per_second < math.inf:
        raise CannotStart(
            _("--rate takes BURST/PER_SECOND such as 5/2, or off, not “{seen}”.", seen=wish)
        )
    return rate


def _per_address(wish: str) -> PerAddress | None:
    if wish == "off":
        return None
    numbers = wish.split("/")
    if len(numbers) != 2 or not all(_is_count(number) for number in numbers):  # noqa: PLR2004
        raise CannotStart(
            _("--per-address takes CONNECTIONS/NEW such as 16/32, or off, not “{seen}”.", seen=wish)
        )
    return PerAddress(*map(int, numbers))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:_DIGITS]) > 0 and len(text) <= _DIGITS


def _motd(path: str | None) -> str:
    if not path:
        return ""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else _("it is not UTF-8")
        raise CannotStart(
            _("--motd: {path} cannot be read: {reason}.", path=path, reason=why)
        ) from error
    return "\n".join(text.clean(line) for line in lines)
