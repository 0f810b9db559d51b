"""The algorithms spoken: those OpenSSH 9 proposes first, of those conch has.

conch's own lists still hold 3DES, CBC, MD5, SHA-1 and zlib.  It has neither ChaCha20-Poly1305 nor MACs of the `-etm`
kind, the two that Terrapin (CVE-2023-48795) needs; strict KEX is in exchange.py.
Must not know channels or sessions.
Sources: RFC 9142 (key exchange), RFC 4344 (counter mode), RFC 6668 (SHA-2 MACs), RFC 8709 (ed25519), RFC 8332 (RSA).
"""

from __future__ import annotations

from typing import Final

from twisted.conch.ssh import transport as conch

KEY_EXCHANGES: Final[list[bytes]] = [
    name
    for name in (
        b"mlkem768x25519-sha256", b"curve25519-sha256", b"curve25519-sha256@libssh.org",
        b"ecdh-sha2-nistp256", b"ecdh-sha2-nistp384", b"ecdh-sha2-nistp521",
    )
    if name in conch.SSHTransportBase.supportedKeyExchanges
]  # fmt: skip
HOST_KEYS: Final[list[bytes]] = [b"ssh-ed25519"]
CIPHERS: Final[list[bytes]] = [b"aes128-ctr", b"aes192-ctr", b"aes256-ctr"]
MACS: Final[list[bytes]] = [b"hmac-sha2-256", b"hmac-sha2-512"]
COMPRESSIONS: Final[list[bytes]] = [b"none"]

USER_KEYS: Final = {
    b"ssh-ed25519": b"ssh-ed25519",
    b"sk-ssh-ed25519@openssh.com": b"sk-ssh-ed25519@openssh.com",
    b"ecdsa-sha2-nistp256": b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384": b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521": b"ecdsa-sha2-nistp521",
    b"sk-ecdsa-sha2-nistp256@openssh.com": b"sk-ecdsa-sha2-nistp256@openssh.com",
    b"rsa-sha2-512": b"ssh-rsa",
    b"rsa-sha2-256": b"ssh-rsa",
}
"""How a client's key may sign, and which kind the key then is: an RSA key signs with SHA-2 (RFC 8332)."""

RSA_BITS_LEAST: Final = 2048
RSA_BITS_MOST: Final = 8192
"""Of a client's RSA key.  OpenSSH: 1,024 to 16,384; to verify with the longest would take us milliseconds."""
