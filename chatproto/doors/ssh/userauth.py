"""Logging in by SSH, as clients ask for it: with a key or without one.

    none                   the first is refused, with a list of the other methods; the second is accepted
    publickey              any key that is the client's own: its signature must be right
    keyboard-interactive   accepted without a question, for clients that have no key

OpenSSH asks for `none` first and only once, before it offers a key: were it accepted, the client's key would never be
known.  Without a key it goes on to keyboard-interactive, and is in without a question.  ssh-chat does the same.

asyncssh without a key asks for `none` once and gives up, so the first one is accepted from a client of that name.  Its
key, if it has one, stays unknown; so a name that belongs to a key must never be given to a client that used `none`.
Must not know channels, rooms or nicks.
Sources: RFC 4252 (5.2 `none`, 7 keys), RFC 4256 (questions).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from twisted.conch.error import ConchError, IgnoreAuthentication
from twisted.conch.interfaces import IConchUser
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.transport import DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
from twisted.conch.ssh.userauth import (
    MSG_USERAUTH_FAILURE,
    MSG_USERAUTH_INFO_REQUEST,
    SSHUserAuthServer,
)
from twisted.cred.credentials import ISSHPrivateKey
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail

from chatproto.doors.ssh.portal import INameAlone, NameAlone, public_key
from chatproto.doors.ssh.quiet import Quiet
from chatproto.limits import LOGIN_REQUESTS, LOGIN_SECONDS, LOGIN_TRIES

if TYPE_CHECKING:
    from twisted.python.failure import Failure

_CONNECTION: Final = b"ssh-connection"
_ASKS_NONE_ONCE: Final = b"SSH-2.0-AsyncSSH_"


class UserAuth(Quiet, SSHUserAuthServer):
    """The requests of one client to log in."""

    loginTimeout = int(LOGIN_SECONDS)  # conch: ten hours; the transport's own watch began earlier
    interfaceToMethod: Any = {  # noqa: RUF012 - conch's
        ISSHPrivateKey: b"publickey",
        INameAlone: b"keyboard-interactive",
    }
    transport: Any
    user: bytes
    _requests = 0
    _has_asked_none = False
    _asked: Deferred[None] | None = None

    def _try(self, kind: bytes, user: bytes, data: bytes) -> Deferred[Any]:
        if kind != b"none":
            return super().tryAuth(kind, user, data)
        if self._has_asked_none or self.transport.otherVersionString.startswith(_ASKS_NONE_ONCE):
            return self._by_name()
        self._has_asked_none = True
        return fail(ConchError("with a key, if there is one"))

    def _by_name(self, _answers: object = None) -> Deferred[Any]:
        login: Deferred[Any] = self.portal.login(NameAlone(self.user), None, IConchUser)
        return login

    def _refuse(self, why: Failure) -> None:
        """Answer a request that failed, unless it is answered already."""
        if why.check(IgnoreAuthentication):
            return
        self.loginAttempts += self.method != b"none"
        if self.loginAttempts >= LOGIN_TRIES:
            self._end()
            return
        methods = NS(b",".join(self.supportedAuthentications))
        self.transport.sendPacket(MSG_USERAUTH_FAILURE, methods + b"\0")

    def _end(self) -> None:
        self.transport.sendDisconnect(
            DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, b"no more requests, please"
        )

    # Twisted calls these

    def serviceStarted(self) -> None:
        """Begin, by the server's clock."""
        self.clock = self.transport.factory.context.clock
        super().serviceStarted()

    def serviceStopped(self) -> None:
        """Forget a request that waits for its answers."""
        self._asked = None
        super().serviceStopped()

    def ssh_USERAUTH_REQUEST(self, packet: bytes) -> Any:
        """Take a request; end the connection when there are too many, or one is for another service."""
        self._requests += 1
        self._asked = None  # a new request takes the place of one that waits for answers
        _user, service, _method, _rest = getNS(packet, 3)
        if self._requests > LOGIN_REQUESTS or service != _CONNECTION:
            self._end()
            return None
        return super().ssh_USERAUTH_REQUEST(packet)

    def tryAuth(self, kind: bytes, user: bytes, data: bytes) -> Deferred[Any]:
        """Return a Deferred that fires when the request is accepted, and only then.

        A refusal is answered here.  conch would raise it once more on the way to its own answer, and the traceback of
        that holds the whole connection in a circle.
        """
        accepted: Deferred[Any] = Deferred()
        self._try(kind, user, data).addCallbacks(accepted.callback, self._refuse)
        return accepted

    def auth_publickey(self, packet: bytes) -> Deferred[Any]:
        """Look at a key before conch does."""
        algorithm, blob, _rest = getNS(packet[1:], 2)
        try:
            public_key(algorithm, blob)
        except UnauthorizedLogin as error:
            return fail(error)
        return super().auth_publickey(packet)

    def auth_keyboard_interactive(self, _packet: bytes) -> Deferred[Any]:
        """Ask no questions, and accept the client when it has answered them."""
        no_questions = NS(b"") + NS(b"") + NS(b"") + struct.pack(">L", 0)
        self.transport.sendPacket(MSG_USERAUTH_INFO_REQUEST, no_questions)
        self._asked = Deferred()
        return self._asked.addCallback(self._by_name)

    def ssh_USERAUTH_INFO_RESPONSE(self, _packet: bytes) -> None:
        """Take the answers to no questions."""
        asked, self._asked = self._asked, None
        if asked:
            asked.callback(None)
