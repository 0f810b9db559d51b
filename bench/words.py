"""twisted.words' own IRC server, with one room, open to all.

`twistd words` cannot be used: its --group, the only way to have a room, decodes a str (26.10).
What it would set up is set up here, and nothing of words is changed.

Must not know anything else of ours. Source: twisted/words/tap.py.
"""

import sys

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorCore, IReactorTCP
from twisted.words.service import InMemoryWordsRealm, IRCFactory
from zope.interface import implementer

BACKLOG = 1024


@implementer(ICredentialsChecker)
class AnyName:
    """A checker that believes any name."""

    # Twisted calls these

    credentialInterfaces = (IUsernamePassword,)  # noqa: N815

    def requestAvatarId(self, credentials: UsernamePassword) -> Deferred[bytes | tuple[()]]:
        """Return the name that was given."""
        return succeed(credentials.username)


def serve(port: int) -> None:
    """Run until killed."""
    realm = InMemoryWordsRealm("bench")
    realm.createGroup("lobby")
    factory = IRCFactory(realm, Portal(realm, [AnyName()]))
    IReactorTCP(reactor).listenTCP(port, factory, BACKLOG, "127.0.0.1")
    IReactorCore(reactor).run()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
