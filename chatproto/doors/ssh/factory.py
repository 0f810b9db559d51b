"""What listens for SSH: the server's key, the portal, and a transport for each connection.

Must not know rooms or commands.  Source: RFC 4253 section 4.2 (versions, and what may be sent before).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.conch.ssh.factory import SSHFactory
from twisted.logger import Logger

from chatproto.doors.lines import DoorFactory
from chatproto.doors.ssh.connection import Connection
from chatproto.doors.ssh.keys import fingerprint, host_key
from chatproto.doors.ssh.portal import portal
from chatproto.doors.ssh.quiet import Quiet
from chatproto.doors.ssh.sessions import Piped
from chatproto.doors.ssh.transport import Transport
from chatproto.doors.ssh.userauth import UserAuth
from chatproto.language import _, from_environment, language

if TYPE_CHECKING:
    from pathlib import Path

    from twisted.internet.interfaces import IAddress

    from chatproto.language import Sentence
    from chatproto.sessions.context import Context

_say_log = Logger(namespace="chatproto")


class SSHDoorFactory(Quiet, SSHFactory):
    """Builds a transport for each connection.

    inside   the factory that lines from a pipe go through
    """

    name = "ssh"
    noisy = False
    protocol = Transport
    services: Any = {  # noqa: RUF012 - conch's
        b"ssh-userauth": UserAuth,
        b"ssh-connection": Connection,
    }

    def __init__(self, context: Context, folder: Path | None) -> None:
        """Raise CannotStart when the folder's key cannot be used."""
        self.context = context
        self.portal = portal()
        self.inside = DoorFactory(Piped, context)
        key = host_key(folder)
        self.fingerprint = fingerprint(key)
        self.privateKeys = {b"ssh-ed25519": key}
        self.publicKeys = {b"ssh-ed25519": key.public()}

    def refusal(self, sentence: Sentence) -> bytes:
        """Return a sentence for a peer that may not come in.

        Before the version, lines for people may be sent (RFC 4253 section 4.2).
        """
        return language(self.context.language).read(sentence).encode() + b"\r\n"

    # Twisted calls these

    def startFactory(self) -> None:
        """Log the fingerprint, for members who compare it with what `ssh` shows."""
        sentence = _("The key of the ssh door: ED25519 {print}", print=self.fingerprint)
        said = language(from_environment()).read(sentence)
        _say_log.info("{sentence}", sentence=said)

    def buildProtocol(self, addr: IAddress | None) -> Transport:
        """Return a transport for one connection."""
        transport = Transport()
        transport.factory = self
        return transport
