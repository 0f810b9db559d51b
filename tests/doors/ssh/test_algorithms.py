"""Which algorithms are spoken."""

from __future__ import annotations

import re

from chatproto.doors.ssh import algorithms
from chatproto.doors.ssh.transport import VERSION, Transport

_WEAK = re.compile(
    rb"cbc|3des|md5|sha1(?!\d)|^hmac-sha1|zlib|dss|group1|group14|group-exchange|^ssh-rsa$|none"
)


def test_nothing_weak_is_spoken() -> None:
    spoken = [
        *Transport.supportedKeyExchanges, *Transport.supportedPublicKeys,
        *Transport.supportedCiphers, *Transport.supportedMACs, *algorithms.USER_KEYS,
    ]  # fmt: skip
    assert not [name for name in spoken if _WEAK.search(name)]
    assert Transport.supportedCompressions == [b"none"]


def test_something_is_left_of_each_kind() -> None:
    assert b"curve25519-sha256" in Transport.supportedKeyExchanges
    assert Transport.supportedCiphers
    assert Transport.supportedMACs
    assert Transport.supportedPublicKeys == [b"ssh-ed25519"]


def test_the_version_gives_no_details_away() -> None:
    assert VERSION == b"SSH-2.0-chatproto"


def test_neither_mode_that_terrapin_needs_is_spoken() -> None:
    """CVE-2023-48795: ChaCha20-Poly1305, and CBC with a MAC of the -etm kind."""
    for name in (*Transport.supportedCiphers, *Transport.supportedMACs):
        assert b"chacha20" not in name
        assert b"-etm" not in name
