"""Commands about how the caller reads, and about leaving.  Must not know doors."""

from __future__ import annotations

from typing import Final

from chatproto.commands.arguments import REASON, Argument, Kind, maybe
from chatproto.commands.row import Caller, Command, Subject
from chatproto.core.permissions import Action
from chatproto.core.preferences import OPTIONS, SERVER_ZONE, Option, allowed, moment, option
from chatproto.errors import NotAllowed
from chatproto.language import LANGUAGES, Sentence, _

OPTION: Final = Argument(Kind.OPTION, _("OPTION"))
VALUE: Final = Argument(Kind.VALUE, _("VALUE"), is_rest=True)
LANGUAGE: Final = Argument(
    Kind.VALUE, Sentence("|".join(LANGUAGES)), option="language", is_rest=True
)
ON: Final = Argument(Kind.CHOICE, Sentence("on"), choices=("on",), is_rest=True)
FORMAT: Final = Argument(Kind.VALUE, _("off|FORMAT"), option="time")


def language(caller: Caller, name: str) -> None:
    """Change the language that the caller reads."""
    if not name:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise NotAllowed(_("/language takes one of: {known}", known=known))
    caller.display.set_preference("language", name)
    caller.tell(_("Your language is English now."))


def time(caller: Caller, form: str) -> None:
    """Tell the time, or put it before each line."""
    if form:
        caller.display.set_preference("time", "HH:MM" if form.casefold() == "on" else form)
        shown = caller.display.preferences.time != "off"
        caller.tell(
            _("Times are on: each line shows when it was said.") if shown else _("Times are off.")
        )
    zone = caller.display.preferences.zone
    now = moment(int(caller.now() * 1000), zone)
    offset = f"UTC{now:%z}" if zone == SERVER_ZONE else zone
    caller.tell(_("It is {time} here ({zone}).", time=f"{now:%Y-%m-%d %H:%M:%S}", zone=offset))


def set_option(caller: Caller, name: str, wish: str) -> None:
    """Show the preferences of the caller, or change one."""
    if wish:
        caller.display.set_preference(name, wish)
    chosen = (option(name),) if name else OPTIONS
    caller.tell(*(_preference(caller, one) for one in chosen))


def _preference(caller: Caller, one: Option) -> Sentence:
    return _(
        "/set {option} {value} - {summary}: {known}",
        option=one.name,
        value=getattr(caller.display.preferences, one.name),
        summary=one.summary,
        known=allowed(one),
    )


def clear(caller: Caller) -> None:
    """Empty the screen."""
    caller.display.clear()


def leave(caller: Caller, reason: str) -> None:
    """Let the caller leave the chat."""
    caller.quit(reason)


YOURSELF = Subject(
    _("Yourself"),
    (
        Command(
            "set", ("settings",), (maybe(OPTION), maybe(VALUE)), (Action.PREFER,),
            _("how you read and type"), set_option, example=_("/set theme dark"),
        ),
        Command(
            "language", ("lang",), (maybe(LANGUAGE),), (Action.PREFER,),
            _("choose your language"), language, example=_("/language ru"),
        ),
        Command(
            "time", (), (maybe(ON | FORMAT),), (Action.PREFER,),
            _("what time it is; a time before each line"), time, example=_("/time on"),
        ),
        Command("clear", ("cls",), (), (Action.PREFER,), _("empty the screen"), clear),
        Command(
            "quit", ("q", "exit", "bye"), (maybe(REASON),), (Action.QUIT,),
            _("leave the chat"), leave, example=_("/quit see you tomorrow"),
        ),
    ),
)  # fmt: skip
