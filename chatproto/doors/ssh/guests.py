"""Who comes in by SSH: anybody, by a key or by none.  Which key it was is known from then on.

    none                   the first is answered with what else there is, the second lets in
    publickey              any key that is the client's own: its signature must be right
    keyboard-interactive   no question is asked: so somebody without a key comes in

OpenSSH asks `none` first and only once, before it offers a key: whoever is let in by it is never known by their
key.  Without a key it goes on to keyboard-interactive, and is in without a question.  ssh-chat does the same.

asyncssh without a key asks `none`, once, and gives up: whoever calls themselves so is in by the first one.  Their key,
if they have one, stays unknown; so a name that is somebody's by a key must never be given by `none`.
Must not know rooms, nor whether a name is free.
Sources: RFC 4252 (5.2 `none`, 7 keys), RFC 4256 (questions), RFC 8332 (what an RSA key signs with).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from twisted.conch.avatar import ConchUser
from twisted.conch.error import ConchError, ValidPublicKey
from twisted.conch.interfaces import IConchUser
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.keys import BadKeyError, Key
from twisted.conch.ssh.transport import DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
from twisted.conch.ssh.userauth import MSG_USERAUTH_INFO_REQUEST, SSHUserAuthServer
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import ICredentials, ISSHPrivateKey
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, fail, maybeDeferred
from zope.interface import implementer

from chatproto.doors.ssh.algorithms import RSA_BITS_LEAST, RSA_BITS_MOST, USER_KEYS
from chatproto.doors.ssh.keys import fingerprint
from chatproto.doors.ssh.quiet import QUIET
from chatproto.limits import LOGIN_REQUESTS, LOGIN_SECONDS, LOGIN_TRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

_CONNECTION: Final = b"ssh-connection"
_ASKS_NONE_ONCE: Final = b"SSH-2.0-AsyncSSH_"


class Guest(ConchUser):
    """Somebody at the door: the name they ask for, and the fingerprint of their key, "" without one."""

    def __init__(self, name: bytes, key: str) -> None:
        super().__init__()
        self.name = name
        self.key = key


class INameAlone(ICredentials):
    """Somebody who shows nothing but a name."""


@implementer(INameAlone)
class NameAlone:
    """A name, and nothing to show for it."""

    def __init__(self, username: bytes) -> None:
        self.username = username


@implementer(ICredentialsChecker)
class Anybody:
    """Lets anybody in; but a key that is shown must be their own."""

    credentialInterfaces = (ISSHPrivateKey, INameAlone)

    # Twisted calls this

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Give the guest."""
        return maybeDeferred(_admitted, credentials)


def _admitted(credentials: Any) -> Guest:
    if isinstance(credentials, NameAlone):
        return Guest(credentials.username, "")
    key = _readable(credentials.algName, credentials.blob)
    if not credentials.signature:
        raise ValidPublicKey  # an offer: conch answers that it would do
    if not _is_signed(key, credentials):
        raise UnauthorizedLogin("the signature is wrong")
    return Guest(credentials.username, fingerprint(key))


def _readable(algorithm: bytes, blob: bytes) -> Key:
    """Read a key.  conch guesses what it is given, private keys and passphrases included: not here."""
    kind = USER_KEYS.get(algorithm)
    if kind is None or not blob.startswith(NS(kind)):
        raise UnauthorizedLogin("no such key")
    try:
        key: Key = Key.fromString(blob, "blob")
    except (BadKeyError, ValueError, struct.error, IndexError) as error:
        raise UnauthorizedLogin("no key at all") from error
    if key.type() == "RSA" and not RSA_BITS_LEAST <= key.size() <= RSA_BITS_MOST:
        raise UnauthorizedLogin("too short a key, or too long")
    return key


def _is_signed(key: Key, credentials: Any) -> bool:
    """Tell whether they have the key.  The signature names its algorithm once more: it must be the same."""
    if not credentials.signature.startswith(NS(credentials.algName)):
        return False
    try:
        return bool(key.verify(credentials.signature, credentials.sigData))
    except (ValueError, TypeError, struct.error, IndexError):
        return False


@implementer(IRealm)
class Entrance:
    """Has a place for every guest."""

    # Twisted calls this

    def requestAvatar(
        self, avatarId: Any, mind: object, *_interfaces: object
    ) -> tuple[type[IConchUser], Any, Callable[[], None]]:
        """Give the guest, who was made when they were looked at."""
        return IConchUser, avatarId, lambda: None


def portal() -> Portal:
    """Give the way in, the same for all connections."""
    return Portal(Entrance(), [Anybody()])


class Arrival(SSHUserAuthServer):
    """One client asking to be let in."""

    _log = QUIET
    loginTimeout = int(LOGIN_SECONDS)  # conch: ten hours; the transport's own watch began earlier
    attemptsBeforeDisconnect = LOGIN_TRIES - 1  # conch ends after one more than this
    interfaceToMethod: Any = {  # noqa: RUF012 - conch's
        ISSHPrivateKey: b"publickey",
        INameAlone: b"keyboard-interactive",
    }
    transport: Any
    user: bytes
    _requests = 0
    _has_asked_none = False
    _asked: Deferred[None] | None = None

    def _by_name(self, _answers: object = None) -> Deferred[Any]:
        login: Deferred[Any] = self.portal.login(NameAlone(self.user), None, IConchUser)
        return login

    # Twisted calls these

    def serviceStarted(self) -> None:
        """Begin, by the server's clock."""
        self.clock = self.transport.factory.server.clock
        super().serviceStarted()

    def ssh_USERAUTH_REQUEST(self, packet: bytes) -> Any:
        """They ask to be let in: not without end, and to nothing else."""
        self._requests += 1
        self._asked = None  # a new request takes the place of one that waits for answers
        _user, service, _method, _rest = getNS(packet, 3)
        if self._requests > LOGIN_REQUESTS or service != _CONNECTION:
            self.transport.sendDisconnect(
                DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, b"no more requests, please"
            )
            return None
        return super().ssh_USERAUTH_REQUEST(packet)

    def tryAuth(self, kind: bytes, user: bytes, data: bytes) -> Deferred[Any]:
        """Look at one request."""
        if kind != b"none":
            return super().tryAuth(kind, user, data)
        if self._has_asked_none or self.transport.otherVersionString.startswith(_ASKS_NONE_ONCE):
            return self._by_name()
        self._has_asked_none = True
        return fail(ConchError("with a key, if there is one"))

    def _ebMaybeBadAuth(self, reason: Failure) -> Failure:
        """Go on to the answer: nobody has to show two things here.

        conch raises what it does not take, and its traceback holds the whole connection in a circle.
        """
        return reason

    def auth_publickey(self, packet: bytes) -> Deferred[Any]:
        """They show a key."""
        algorithm, blob, _rest = getNS(packet[1:], 2)
        try:
            _readable(algorithm, blob)
        except UnauthorizedLogin as error:
            return fail(error)
        return super().auth_publickey(packet)

    def auth_keyboard_interactive(self, _packet: bytes) -> Deferred[Any]:
        """They have no key: ask them nothing."""
        no_questions = NS(b"") + NS(b"") + NS(b"") + struct.pack(">L", 0)
        self.transport.sendPacket(MSG_USERAUTH_INFO_REQUEST, no_questions)
        self._asked = Deferred()
        return self._asked.addCallback(self._by_name)

    def ssh_USERAUTH_INFO_RESPONSE(self, _packet: bytes) -> None:
        """They answered that."""
        asked, self._asked = self._asked, None
        if asked:
            asked.callback(None)
