"""What is asked of the kernel for each connection: to send at once, and to find out when the peer is gone.

A peer whose machine lost power or its network says nothing: the kernel asks it, and ends the connection after
ALIVE_SECONDS of silence, or after as long in which it acknowledged nothing that it was sent.  So `IAC NOP` of telnet
is not needed: it would only tell what the kernel tells, and some clients show it.
Must not know sessions or members.  Source: tcp(7) (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT).
"""

from __future__ import annotations

import socket
from typing import Final

from chatproto.limits import ALIVE_ASKED, ALIVE_INTERVAL, ALIVE_SECONDS

_OPTIONS: Final = (
    (socket.TCP_KEEPIDLE, round(ALIVE_SECONDS - ALIVE_ASKED * ALIVE_INTERVAL)),
    (socket.TCP_KEEPINTVL, round(ALIVE_INTERVAL)),
    (socket.TCP_KEEPCNT, ALIVE_ASKED),
    # Where this is set, it and not the count decides when a silent peer has been asked often enough.
    (socket.TCP_USER_TIMEOUT, round(ALIVE_SECONDS * 1000)),
)


def keep_alive(transport: object) -> None:
    """Send at once what we send, and find out when the peer is gone without a word."""
    for name, value in (("setTcpNoDelay", True), ("setTcpKeepAlive", True)):
        if call := getattr(transport, name, None):
            call(value)
    handle = getattr(transport, "getHandle", lambda: None)()
    if isinstance(handle, socket.socket) and handle.family in (socket.AF_INET, socket.AF_INET6):
        for option, number in _OPTIONS:
            handle.setsockopt(socket.IPPROTO_TCP, option, number)
