"""What a client opens on its connection: one session, and nothing else.

Must not know what a session does.  Source: RFC 4254 (4 global requests, 5 channels, 7 forwarding: refused).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.connection import (
    MSG_CHANNEL_OPEN_FAILURE,
    OPEN_ADMINISTRATIVELY_PROHIBITED,
    SSHConnection,
)

from chatproto.doors.ssh.channel import SessionChannel
from chatproto.doors.ssh.quiet import QUIET
from chatproto.language import _, language
from chatproto.limits import SSH_OPENS_MOST, SSH_PACKET_LEAST

if TYPE_CHECKING:
    from chatproto.language import Sentence

_SESSION: Final = b"session"
_ANSWERED: Final = b"keepalive@openssh.com"


class Connection(SSHConnection):
    """The channels of one connection."""

    _log = QUIET
    transport: Any
    _opened = 0

    def _refusal(self, kind: bytes, packet_bytes: int) -> Sentence | None:
        """Tell why a channel is not opened."""
        if kind != _SESSION:
            return _("This is a chat: it forwards nothing.")
        if self.channels or self.localChannelID:
            return _("This is a chat: one session to a connection.")
        if packet_bytes < SSH_PACKET_LEAST:
            return _(
                "Your packets are of {seen} bytes; the least is {least}.",
                seen=packet_bytes,
                least=SSH_PACKET_LEAST,
            )
        return None

    def ask_for_life(self) -> None:
        """Ask whether they are there; any answer will do, a refusal too."""
        asked = self.sendGlobalRequest(_ANSWERED, b"", wantReply=True)
        asked.addErrback(lambda _refused: None)

    # Twisted calls these

    def serviceStarted(self) -> None:
        """Begin.  conch would tie the avatar to this for the sake of forwarding."""

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """They want a channel."""
        kind, rest = getNS(packet)
        sender, _window, packet_bytes = struct.unpack(">3L", rest[:12])
        self._opened += 1
        if self._opened > SSH_OPENS_MOST:
            self.transport.say_goodbye(_("This is a chat: one session to a connection."))
        elif refusal := self._refusal(kind, packet_bytes):
            text = language(self.transport.factory.server.language).read(refusal)
            self.transport.sendPacket(
                MSG_CHANNEL_OPEN_FAILURE,
                struct.pack(">2L", sender, OPEN_ADMINISTRATIVELY_PROHIBITED) + NS(text) + NS(b""),
            )
        else:
            super().ssh_CHANNEL_OPEN(packet)

    def getChannel(
        self, channelType: bytes, windowSize: int, maxPacket: int, data: bytes
    ) -> SessionChannel:
        """Give them a session."""
        return SessionChannel(self, windowSize, maxPacket)

    def gotGlobalRequest(self, requestType: bytes, data: bytes) -> bool:
        """They ask whether we are there; anything else is refused."""
        return requestType == _ANSWERED

    def ssh_CHANNEL_REQUEST(self, packet: bytes) -> None:
        """They ask for something; what comes of it begins behind the answer."""
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        super().ssh_CHANNEL_REQUEST(packet)
        channel.proceed()

    def adjustWindow(self, channel: SessionChannel, bytesToAdd: int) -> None:
        """Let them send more, unless the session reads nothing just now.

        The socket is read all the same: what opens *our* window comes by it.
        """
        if not channel.is_paused:
            super().adjustWindow(channel, bytesToAdd)

    def sendClose(self, channel: SessionChannel) -> None:
        """All is said on this channel, and there is no other."""
        super().sendClose(channel)
        self.transport.end_soon()
