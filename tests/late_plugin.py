"""A plugin of twistd's: `late:PORT` is an endpoint that listens once there is a file `go` where the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import IStreamServerEndpoint, IStreamServerEndpointStringParser
from twisted.internet.task import deferLater
from twisted.plugin import IPlugin
from zope.interface import implementer


def _note_asked() -> None:
    Path("asked").touch()


def _may_go_on() -> bool:
    return Path("go").exists()


@implementer(IStreamServerEndpoint)
class LateEndpoint:
    """Writes the file `asked` when it is told to listen, and does so when it finds the file `go`."""

    def __init__(self, reactor: Any, port: int) -> None:
        self._reactor = reactor
        self._endpoint = TCP4ServerEndpoint(reactor, port, interface="127.0.0.1")

    async def _listen(self, factory: Any) -> Any:
        _note_asked()
        while not _may_go_on():
            await deferLater(self._reactor, 0.01)  # until the test goes on
        return await self._endpoint.listen(factory)

    def listen(self, protocolFactory: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._listen(protocolFactory))


@implementer(IPlugin, IStreamServerEndpointStringParser)
class Late:
    prefix = "late"

    def parseStreamServer(self, reactor: Any, *args: Any, **_named: Any) -> LateEndpoint:
        (port,) = args
        return LateEndpoint(reactor, int(port))


late = Late()
