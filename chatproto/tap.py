"""The options of `twistd chat`, and the service that they ask for.

Must not know the core, sessions or endpoints.
Source: the howtos "Writing a twistd Plugin" and "Parsing command-lines with usage.Options" of Twisted.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar, Final

from twisted.python import usage

from chatproto import __version__
from chatproto.doors.table import DOORS
from chatproto.errors import CannotStart
from chatproto.language import LANGUAGES, _, from_environment, language, listing
from chatproto.limits import (
    ARRIVALS_PER_ADDRESS,
    CONNECTIONS_PER_ADDRESS,
    RATE_BURST,
    RATE_PER_SECOND,
)
from chatproto.process import Process
from chatproto.service import ChatService
from chatproto.settings import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from twisted.application.service import Service

    from chatproto.doors.table import Door
    from chatproto.language import Sentence

_say = language(from_environment()).read


def with_doors(doors: Sequence[Door]) -> Callable[[type[Options]], type[Options]]:
    """Decorate options: one for each of these doors, all of which are opened when none is named."""

    def add(options: type[Options]) -> type[Options]:
        options.known_doors = doors
        options.longdesc = _say(_longdesc(doors))
        for door in doors:
            setattr(options, f"opt_{door.option}", _option(door))
        return options

    return add


def _option(door: Door) -> Callable[[Options, str], None]:
    """Return the method of usage.Options for a door: its docstring is the help."""

    def opt(options: Options, where: str) -> None:
        options.doors.append((door, where))

    opt.__doc__ = _say(door.summary)
    return opt


def _longdesc(doors: Sequence[Door]) -> Sentence:
    where = [_say(_("{door} on port {port}", door=door.option, port=door.port)) for door in doors]
    return _(
        "A chat that anything can join. Without a door named: {doors}, on this machine alone."
        " DOOR is a port, or a Twisted endpoint: tcp:8023,"
        " ssl:8024:privateKey=key.pem:certKey=cert.pem, unix:/run/chat. :memory: as the"
        " directory keeps nothing.",
        doors=listing(where),
    )


@with_doors(DOORS)
class Options(usage.Options):
    """The options of `twistd chat`.

    doors  those to be opened, each with where it is
    """

    known_doors: ClassVar[Sequence[Door]]
    longdesc: ClassVar[str]
    synopsis = "[options]"

    optParameters: Final = [  # noqa: N815 - Twisted's name
        ["data", "d", "chat-data", _say(_("The directory in which everything is kept."))],
        ["name", None, "chat", _say(_("What the chat is called."))],
        ["motd", None, None, _say(_("A file with what everybody is told on joining."))],
        [
            "language",
            None,
            None,
            _say(
                _(
                    "The language people read until they choose one: {known}.",
                    known=", ".join(LANGUAGES),
                )
            ),
        ],
        [
            "rate",
            None,
            f"{RATE_BURST}/{RATE_PER_SECOND:g}",
            _say(_("How fast one may talk: lines at once / lines per second, or off.")),
        ],
        [
            "per-address",
            None,
            f"{CONNECTIONS_PER_ADDRESS}/{ARRIVALS_PER_ADDRESS}",
            _say(_("Connections / new ones in ten minutes from one address, or off.")),
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.doors: list[tuple[Door, str]] = []

    def opt_version(self) -> NoReturn:  # noqa: D102 - below
        sys.stdout.write(f"chatproto {__version__}\n")
        raise SystemExit(0)

    # usage.Options takes its help from docstrings; this must be read in the right language
    opt_version.__doc__ = _say(_("Show the version, and end."))

    def parseArgs(self) -> None:
        """Refuse arguments that are no options."""

    def postOptions(self) -> None:
        """Open all doors when none is named."""
        if not self.doors:
            self.doors = [(door, str(door.port)) for door in self.known_doors]


def makeService(options: Options) -> Service:
    """Return the service that twistd runs."""
    from twisted.internet import reactor  # noqa: PLC0415 - twistd may have been told which one only now

    twistd: Any = options.parent or {}
    process = Process(twistd, reactor)
    try:
        process.check()
        settings = understand(options, options.doors)
    except CannotStart as error:
        process.refuse(error)
    ChatService(settings, reactor, process.fail).setServiceParent(process)
    return process
