"""`twistd chat`: the options, and the service that they ask for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from twisted.python import usage

from chatproto import __version__
from chatproto.doors.table import DOORS
from chatproto.errors import CannotStart
from chatproto.language import _, from_environment, language
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
    from typing import NoReturn

    from twisted.application.service import Service

    from chatproto.doors.table import Door

_say = language(from_environment()).read


class Options(usage.Options):
    """What `twistd chat` can be told."""

    synopsis = "[options]"
    longdesc = _say(
        _(
            "A chat that anything can join. Without a door named: telnet on port 8023, plain on port"
            " 8080 and ssh on port 8022, on this machine alone. DOOR is a port, or a Twisted endpoint: tcp:8023,"
            " ssl:8024:privateKey=key.pem:certKey=cert.pem, unix:/run/chat. :memory: as the"
            " directory keeps nothing."
        )
    )

    optParameters: Final = [  # noqa: N815 - Twisted's name
        ["data", "d", "chat-data", _say(_("The directory in which everything is kept."))],
        ["name", None, "chat", _say(_("What the chat is called."))],
        ["motd", None, None, _say(_("A file with what everybody is told on joining."))],
        [
            "language",
            None,
            None,
            _say(_("The language people read until they choose one: en or ru.")),
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
        self.doors: list[tuple[Door, str]] = []  # and where

    def opt_telnet(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[0], description))

    def opt_plain(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[1], description))

    def opt_ssh(self, description: str) -> None:  # noqa: D102 - below
        self.doors.append((DOORS[2], description))

    # usage.Options takes its help from docstrings; these must be read in the right language
    opt_telnet.__doc__ = _say(_("A door for people: telnet, nc, MUD clients. May be repeated."))
    opt_plain.__doc__ = _say(_("A door for programs: lines, no telnet. May be repeated."))
    opt_ssh.__doc__ = _say(_("A door for people: ssh, by key or as a guest. May be repeated."))

    def opt_version(self) -> NoReturn:  # noqa: D102 - below
        sys.stdout.write(f"chatproto {__version__}\n")
        raise SystemExit(0)

    opt_version.__doc__ = _say(_("Show the version, and end."))

    def parseArgs(self) -> None:
        """Take nothing that is not an option."""

    def postOptions(self) -> None:
        """Open all doors when none is named."""
        if not self.doors:
            self.doors = [(door, str(door.port)) for door in DOORS]


def makeService(options: Options) -> Service:
    """Return the service that twistd runs."""
    from twisted.internet import reactor  # noqa: PLC0415 - twistd may have been told which one only now

    twistd: Any = options.parent or {}
    process = Process(twistd, reactor)
    try:
        process.check()
        ChatService(understand(options, options.doors), reactor).setServiceParent(process)
    except CannotStart as error:
        process.refuse(error)
    return process
