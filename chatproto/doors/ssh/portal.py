"""The portal: any client may log in, with a key or without one; but a key that is shown must be its own.

Must not know channels, rooms or nicks.
Sources: twisted.cred; RFC 4252 section 7 (keys), RFC 8332 (what an RSA key signs with).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from twisted.conch.avatar import ConchUser
from twisted.conch.error import ValidPublicKey
from twisted.conch.interfaces import IConchUser
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.keys import BadKeyError, Key
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import ICredentials, ISSHPrivateKey
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, maybeDeferred
from zope.interface import implementer

from chatproto.doors.ssh.algorithms import RSA_BITS_LEAST, RSA_BITS_MOST, USER_KEYS
from chatproto.doors.ssh.keys import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable


class Guest(ConchUser):
    """A client that has logged in: the name it asks for, and its key's fingerprint, "" without a key."""

    def __init__(self, name: bytes, key: str) -> None:
        super().__init__()
        self.name = name
        self.key = key


class INameAlone(ICredentials):
    """Credentials that are nothing but a name."""


@implementer(INameAlone)
class NameAlone:
    """A name without a proof."""

    def __init__(self, username: bytes) -> None:
        self.username = username


@implementer(ICredentialsChecker)
class AnyoneChecker:
    """Accepts any client; but a key that is shown must be its own."""

    credentialInterfaces = (ISSHPrivateKey, INameAlone)

    # Twisted calls this

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Return the guest, or fail with UnauthorizedLogin."""
        return maybeDeferred(_admitted, credentials)


def _admitted(credentials: Any) -> Guest:
    if isinstance(credentials, NameAlone):
        return Guest(credentials.username, "")
    key = public_key(credentials.algName, credentials.blob)
    if not credentials.signature:
        raise ValidPublicKey  # an offer: conch answers that it would do
    if not _is_signed(key, credentials):
        raise UnauthorizedLogin("the signature is wrong")
    return Guest(credentials.username, fingerprint(key))


def public_key(algorithm: bytes, blob: bytes) -> Key:
    """Return the key.  Raise UnauthorizedLogin when there is none, or it is of a kind or length that will not do.

    conch would guess the format, private keys with passphrases included; here it is a public key's or none.
    """
    kind = USER_KEYS.get(algorithm)
    if kind is None or not blob.startswith(NS(kind)):
        raise UnauthorizedLogin("no such kind of key")
    try:
        key: Key = Key.fromString(blob, "blob")
    except (BadKeyError, ValueError, struct.error, IndexError) as error:
        raise UnauthorizedLogin("no key at all") from error
    if key.type() == "RSA" and not RSA_BITS_LEAST <= key.size() <= RSA_BITS_MOST:
        raise UnauthorizedLogin("too short a key, or too long")
    return key


def _is_signed(key: Key, credentials: Any) -> bool:
    """Return whether the signature is the key's; it names its algorithm once more, which must be the same."""
    if not credentials.signature.startswith(NS(credentials.algName)):
        return False
    try:
        return bool(key.verify(credentials.signature, credentials.sigData))
    except (ValueError, TypeError, struct.error, IndexError):
        return False


@implementer(IRealm)
class Realm:
    """Has an avatar for every guest: the guest itself."""

    # Twisted calls this

    def requestAvatar(
        self, avatarId: Any, mind: object, *_interfaces: object
    ) -> tuple[type[IConchUser], Any, Callable[[], None]]:
        """Return the guest that the checker made."""
        return IConchUser, avatarId, lambda: None


def portal() -> Portal:
    """Return the portal, the same for all connections."""
    return Portal(Realm(), [AnyoneChecker()])
