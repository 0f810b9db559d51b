"""What a client opens on its connection: one session, and nothing else.

Must not know rooms or events.  Source: RFC 4254 (4 global requests, 5 channels, 7 forwarding: refused).
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
from chatproto.doors.ssh.quiet import Quiet
from chatproto.language import _, language
from chatproto.limits import SSH_OPENS_MOST, SSH_PACKET_LEAST

if TYPE_CHECKING:
    from chatproto.language import Sentence

_SESSION: Final = b"session"
_KEEPALIVE: Final = b"keepalive@openssh.com"


class Connection(Quiet, SSHConnection):
    """The channels of one connection."""

    transport: Any
    _opened = 0

    def _refusal(self, kind: bytes, packet_bytes: int) -> Sentence | None:
        """Return why a channel is not opened; None when it may be."""
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
        """Ask the client for a sign of life; any answer will do, a refusal too."""
        asked = self.sendGlobalRequest(_KEEPALIVE, b"", wantReply=True)
        asked.addErrback(lambda _refused: None)

    # Twisted calls these

    def serviceStarted(self) -> None:
        """Do nothing; conch would tie the avatar to this for the sake of forwarding."""

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """Open a session, or refuse the channel with a sentence."""
        kind, rest = getNS(packet)
        sender, _window, packet_bytes = struct.unpack(">3L", rest[:12])
        self._opened += 1
        if self._opened > SSH_OPENS_MOST:
            self.transport.say_goodbye(_("This is a chat: one session to a connection."))
        elif refusal := self._refusal(kind, packet_bytes):
            text = language(self.transport.factory.context.language).read(refusal)
            self.transport.sendPacket(
                MSG_CHANNEL_OPEN_FAILURE,
                struct.pack(">2L", sender, OPEN_ADMINISTRATIVELY_PROHIBITED) + NS(text) + NS(b""),
            )
        else:
            super().ssh_CHANNEL_OPEN(packet)

    def getChannel(
        self, channelType: bytes, windowSize: int, maxPacket: int, data: bytes
    ) -> SessionChannel:
        """Return a new session."""
        return SessionChannel(self, windowSize, maxPacket)

    def gotGlobalRequest(self, requestType: bytes, data: bytes) -> bool:
        """Return whether a request is granted: a sign of life is, anything else is refused."""
        return requestType == _KEEPALIVE

    def ssh_CHANNEL_REQUEST(self, packet: bytes) -> None:
        """Answer a request, and only then begin what was asked for."""
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        super().ssh_CHANNEL_REQUEST(packet)
        channel.proceed()

    def adjustWindow(self, channel: SessionChannel, bytesToAdd: int) -> None:
        """Let the client send more, unless the session is not read for now.

        The socket is read all the same: what opens *our* window comes by it.
        """
        if not channel.is_paused:
            super().adjustWindow(channel, bytesToAdd)

    def sendClose(self, channel: SessionChannel) -> None:
        """Close the channel, and expect the end of the connection: it has no other channel."""
        super().sendClose(channel)
        self.transport.disconnection.expect()
