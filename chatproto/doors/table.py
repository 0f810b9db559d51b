"""The doors there are: for each, the option that names it, what serves it, how one joins by it.

A row is all that a new door needs here: the option, the help and the way to join are made of it.
Must not know endpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatproto.doors.lines import DoorFactory
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatproto.doors.lines import LineProtocol
    from chatproto.language import Sentence
    from chatproto.sessions.context import Context


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of door.

    option                     opens it, and is what the log calls it
    summary                    what the help says of the option
    factory                    makes what serves it; given the folder in which everything is kept, or None
    port                       where it is on loopback when no door is named
    join, join_unix, join_tls  the command that joins by it
    """

    option: str
    summary: Sentence
    factory: Callable[[Context, Path | None], Any]
    port: int
    join: str
    join_unix: str
    join_tls: str


def _lines(protocol: type[LineProtocol]) -> Callable[[Context, Path | None], Any]:
    return lambda context, _folder: DoorFactory(protocol, context)


def _ssh(context: Context, folder: Path | None) -> Any:
    # conch takes a third of a second to import, and imports the reactor
    from chatproto.doors.ssh.factory import SSHDoorFactory  # noqa: PLC0415

    return SSHDoorFactory(context, folder)


DOORS: Final = (
    Door(
        "telnet", _("A door for people: telnet, nc, MUD clients. May be repeated."),
        _lines(TelnetProtocol), 8023, "telnet {host} {port}", "nc -U {path}",
        "openssl s_client -quiet -connect {host}:{port}",
    ),
    Door(
        "plain", _("A door for programs: lines, no telnet. May be repeated."),
        _lines(PlainProtocol), 8080, "nc {host} {port}", "nc -U {path}",
        "openssl s_client -quiet -connect {host}:{port}",
    ),
    Door(
        "ssh", _("A door for people: ssh, by key or as a guest. May be repeated."),
        _ssh, 8022, "ssh -p {port} NAME@{host}",
        "ssh -o ProxyCommand='nc -U {path}' NAME@localhost",
        "ssh -o ProxyCommand='openssl s_client -quiet -connect {host}:{port}' NAME@localhost",
    ),
)  # fmt: skip
