"""Exchanging keys: which packets may come meanwhile, how often, over which algorithms, and strict KEX.

conch looks at none of this: it would obey packets from before there are keys, or after a KEXINIT that is never followed
by keys, and keep the answers until there are some.  Nor does it know strict KEX, the answer to Terrapin
(CVE-2023-48795), where an attacker on the way slips packets in before there are keys, and takes as many out after them:
both sides announce it; then nothing but the exchange may come before the first keys, and with each new keys both count
their packets from zero again.  The two modes that Terrapin needs are not spoken here; scanners look for strict KEX.
Must not know channels, sessions or rooms.
Sources: RFC 4253 (7 key exchange, 9 new keys, 12 numbers), RFC 5656 section 4, RFC 8308 (extensions), OpenSSH's
PROTOCOL section 1.10.
"""

from __future__ import annotations

from typing import Any, Final

from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.transport import (
    MSG_DEBUG,
    MSG_KEXDH_INIT,
    MSG_KEXINIT,
    MSG_NEWKEYS,
    SSHServerTransport,
    SSHTransportBase,
)

from chatproto.core.pace import Bucket, Rate
from chatproto.doors.ssh import algorithms
from chatproto.doors.ssh.quiet import Quiet
from chatproto.limits import SSH_EXCHANGE_BURST, SSH_EXCHANGES_PER_SECOND

KEX_MESSAGES: Final = range(20, 50)  # RFC 4253 section 12
_EXCHANGES: Final = Rate(SSH_EXCHANGE_BURST, SSH_EXCHANGES_PER_SECOND)
_COOKIE_BYTES: Final = 16


class OutOfOrder(Exception):
    """A packet that may not come now."""


class Strict(SSHTransportBase):
    """Strict KEX, for either side.

    announces   what this side calls it, and
    expects     what the other does
    is_strict   both announced it
    has_keys    the first exchange is over
    """

    announces = b"kex-strict-s-v00@openssh.com"
    expects = b"kex-strict-c-v00@openssh.com"
    is_strict = False
    has_keys = False

    def new_keys_came(self) -> None:
        """Count what comes from zero again: this was the peer's NEWKEYS."""
        if self.is_strict:
            self.incomingPacketSequence = 0
        self.has_keys = True

    # Twisted calls these

    def sendKexInit(self) -> None:
        """Announce strict KEX, in the first exchange alone."""
        spoken = self.supportedKeyExchanges
        if not self.has_keys:
            self.supportedKeyExchanges = [*spoken, self.announces]
        super().sendKexInit()
        self.supportedKeyExchanges = spoken

    def ssh_KEXINIT(self, packet: bytes) -> Any:
        """Look for strict KEX.  Raise OutOfOrder when a packet came before: it may have been slipped in."""
        if not self.has_keys:
            names, _rest = getNS(packet[_COOKIE_BYTES:])
            self.is_strict = self.expects in names.split(b",")
            if self.is_strict and self.incomingPacketSequence != 1:
                raise OutOfOrder(MSG_KEXINIT)
        return super().ssh_KEXINIT(packet)

    def sendPacket(self, messageType: int, payload: bytes) -> None:
        """Count what is sent from zero again after NEWKEYS."""
        super().sendPacket(messageType, payload)
        if messageType == MSG_NEWKEYS and self.is_strict:
            self.outgoingPacketSequence = 0


class Exchange(Quiet, Strict, SSHServerTransport):
    """The server's side, and what it lets a client do."""

    supportedKeyExchanges = algorithms.KEY_EXCHANGES
    supportedPublicKeys = algorithms.HOST_KEYS
    supportedCiphers = algorithms.CIPHERS
    supportedMACs = algorithms.MACS
    supportedCompressions = algorithms.COMPRESSIONS

    factory: Any
    _awaited: int | None = MSG_KEXINIT
    _exchanges: Bucket | None = None

    @property
    def is_exchanging(self) -> bool:
        """Return whether a key exchange is under way, so that conch keeps what is sent until it is over."""
        return self._awaited is not None

    def check_order(self, number: int) -> None:
        """Raise OutOfOrder for a packet between two of the four by which keys are exchanged, or half of them alone."""
        if number in KEX_MESSAGES:
            if number != (self._awaited or MSG_KEXINIT):
                raise OutOfOrder(number)
            if number == MSG_KEXINIT:
                self._pace_exchanges()
            if number != MSG_KEXDH_INIT or not self.ignoreNextPacket:
                self._awaited = _NEXT[number]
        elif self._awaited and (number > MSG_DEBUG or (self.is_strict and not self.has_keys)):
            raise OutOfOrder(number)

    def _pace_exchanges(self) -> None:
        now = self.factory.context.clock.seconds()
        if self._exchanges is None:
            self._exchanges = Bucket(_EXCHANGES, now)
        if self._exchanges.take(now):
            raise OutOfOrder(MSG_KEXINIT)

    # Twisted calls these

    def ssh_NEWKEYS(self, packet: bytes) -> None:
        """Use the new keys from now on."""
        self.new_keys_came()
        super().ssh_NEWKEYS(packet)
        self.ourKexInitPayload = self.otherKexInitPayload = b""  # two kilobytes, of no more use

    def sendExtInfo(self, extensions: list[tuple[bytes, bytes]]) -> None:
        """Name the algorithms that a client's key may sign with; conch would name those of the server's own key."""
        super().sendExtInfo([(b"server-sig-algs", b",".join(algorithms.USER_KEYS))])


_NEXT: Final = {MSG_KEXINIT: MSG_KEXDH_INIT, MSG_KEXDH_INIT: MSG_NEWKEYS, MSG_NEWKEYS: None}
"""In which order the packets of a key exchange come from a client (RFC 4253 section 7, RFC 5656 section 4)."""
