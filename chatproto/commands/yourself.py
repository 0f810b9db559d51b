"""Commands about how you read, and about leaving.  Must not know which door a line came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.row import Caller, Command, Subject, first_word
from chatproto.core.preferences import OPTIONS, SERVER_ZONE, Option, allowed, moment, option
from chatproto.errors import NotAllowed
from chatproto.language import LANGUAGES, _

if TYPE_CHECKING:
    from chatproto.language import Sentence


def language(caller: Caller, rest: str) -> None:
    """Read in another language."""
    if not rest:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise NotAllowed(_("/language takes one of: {known}", known=known))
    caller.set_preference("language", rest)
    caller.tell(_("Your language is English now."))


def time(caller: Caller, rest: str) -> None:
    """Tell the time, or put it before each line."""
    if rest:
        caller.set_preference("time", "HH:MM" if rest.casefold() == "on" else rest)
        shown = caller.preferences.time != "off"
        caller.tell(
            _("Times are on: each line shows when it was said.") if shown else _("Times are off.")
        )
    zone = caller.preferences.zone
    now = moment(int(caller.now() * 1000), zone)
    offset = f"UTC{now:%z}" if zone == SERVER_ZONE else zone
    caller.tell(_("It is {time} here ({zone}).", time=f"{now:%Y-%m-%d %H:%M:%S}", zone=offset))


def set_option(caller: Caller, rest: str) -> None:
    """Show what one prefers, or prefer something else."""
    name, wish = first_word(rest)
    if wish:
        caller.set_preference(name, wish)
    chosen = (option(name),) if name else OPTIONS
    caller.tell(*(_preference(caller, one) for one in chosen))


def _preference(caller: Caller, one: Option) -> Sentence:
    return _(
        "/set {option} {value} - {summary}: {known}",
        option=one.name,
        value=getattr(caller.preferences, one.name),
        summary=one.summary,
        known=allowed(one),
    )


def clear(caller: Caller, _rest: str) -> None:
    """Empty the screen."""
    caller.clear()


def leave(caller: Caller, rest: str) -> None:
    """Leave the chat."""
    caller.quit(rest)


YOURSELF = Subject(
    _("Yourself"),
    (
        Command(
            "set", ("settings",), _("[OPTION [VALUE]]"), _("how you read and type"), set_option,
            example=_("/set theme dark"),
        ),
        Command(
            "language", ("lang",), _("[en|ru]"), _("choose your language"), language,
            example=_("/language ru"),
        ),
        Command(
            "time", (), _("[on|off|FORMAT]"), _("what time it is; a time before each line"), time,
            example=_("/time on"),
        ),
        Command("clear", ("cls",), None, _("empty the screen"), clear),
        Command(
            "quit", ("q", "exit", "bye"), _("[REASON]"), _("leave the chat"), leave,
            example=_("/quit see you tomorrow"),
        ),
    ),
)  # fmt: skip
