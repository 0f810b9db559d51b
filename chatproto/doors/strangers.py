"""Strangers: programs that took this port for something else, known by their first bytes.

A browser can be made to post to any port (ergo refuses the same verbs on its IRC port), so they are never let in.
Must not know sockets or sessions.
Sources: RFC 9112 section 3 (request line), RFC 4253 section 4.2 (SSH version), RFC 8446 section 5.1 (TLS record).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.language import Sentence

_TLS: Final = b"\x16\x03"
_SSH: Final = re.compile(rb"SSH-\d")  # a member may be called SSH-guru
_HTTP: Final = re.compile(
    rb"(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PRI|PUT|TRACE) [^ \r\n]+ HTTP/\d"
)


def recognised(first: bytes) -> Sentence | None:
    """Return what a stranger is told; None for any other peer.  `first` is what came up to now."""
    if first.startswith(_TLS):
        return _("This is a chat without TLS here: connect with telnet or nc.")
    if _SSH.match(first):
        return _("This is a chat, not an SSH server: connect with telnet or nc.")
    if _HTTP.match(first):
        return _("This is a chat, not a web server: connect with telnet or nc.")
    return None
