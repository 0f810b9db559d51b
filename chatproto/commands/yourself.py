"""Commands about how you read, and about leaving.  Must not know which door a line came from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatproto.commands.row import Caller, Command, Subject
from chatproto.errors import NotAllowed
from chatproto.language import LANGUAGES, _

if TYPE_CHECKING:
    from chatproto.language import Sentence


def language(caller: Caller, rest: str) -> None:
    """Read in another language."""
    code = rest.casefold()
    code = next((known for known, name in LANGUAGES.items() if name.casefold() == code), code)
    if code not in LANGUAGES:
        raise NotAllowed(_languages(rest))
    caller.read_in(code)
    caller.tell(_("You read in English now."))


def _languages(seen: str) -> Sentence:
    known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    if not seen:
        return _("/language takes one of: {known}", known=known)
    return _("There is no “{seen}” here; there is: {known}", seen=seen, known=known)


def time(caller: Caller, rest: str) -> None:
    """Tell the time, or put it before each line."""
    if rest in ("on", "off"):
        caller.stamp(stamps=rest == "on")
    elif rest:
        raise NotAllowed(_("/time takes on, off or nothing, not “{seen}”.", seen=rest))
    now = datetime.fromtimestamp(caller.now(), UTC).astimezone()
    caller.tell(
        _("It is {time} here ({zone}).", time=f"{now:%Y-%m-%d %H:%M:%S}", zone=f"UTC{now:%z}")
    )


def leave(caller: Caller, rest: str) -> None:
    """Leave the chat."""
    caller.quit(rest)


YOURSELF = Subject(
    _("Yourself"),
    (
        Command(
            "language", ("lang",), _("[en|ru]"), _("read in another language"), language,
        ),
        Command("time", (), _("[on|off]"), _("what time it is; a time before each line"), time),
        Command("quit", ("q", "exit", "bye"), _("[REASON]"), _("leave the chat"), leave),
    ),
)  # fmt: skip
