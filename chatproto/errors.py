"""What can go wrong for a person, and the sentence that tells them.

    ChatError            carries the sentence for the reader
    ├── NotAllowed       what was asked for breaks a rule: it says which
    ├── Taken            the name belongs to somebody else just now
    ├── NotFound         there is no such member, room, command or line
    ├── Busy             too many ask for the same thing just now
    ├── NotSaid          the log did not take it, so nobody has seen it
    ├── NotRead          the log could not be read
    ├── TooLong          a line beyond the limit
    └── CannotStart      the server cannot start: one sentence, exit status 1

Every error says what was seen and what is allowed.  Must not know who reads it, nor in which language.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Final

from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproto.language import Sentence


class ChatError(Exception):
    """Something a person should be told; `sentence` tells them."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        """Give the sentence in English, for logs."""
        return str(self.sentence)


class NotAllowed(ChatError):
    """A rule forbids it."""


class Taken(ChatError):
    """Somebody else has that name."""


class NotFound(ChatError):
    """There is no such thing."""


class Busy(ChatError):
    """Others come first, and too many of them: trying again helps."""


class NotSaid(ChatError):
    """The log did not take it: nobody has seen it, nobody will."""


class NotRead(ChatError):
    """The log could not be read, for a reason that is none of our faults."""


class TooLong(ChatError):
    """More bytes than a line may have."""


class CannotStart(ChatError):
    """The server cannot start."""


# The reasons of the system that an operator meets at a start, in its own words.
_REASONS: Final[Mapping[int, Sentence]] = {
    errno.EACCES: _("Permission denied"),
    errno.EPERM: _("Operation not permitted"),
    errno.EADDRINUSE: _("Address already in use"),
    errno.EADDRNOTAVAIL: _("Cannot assign requested address"),
    errno.ENOENT: _("No such file or directory"),
    errno.ENOTDIR: _("Not a directory"),
    errno.EISDIR: _("Is a directory"),
    errno.EROFS: _("Read-only file system"),
    errno.ENOSPC: _("No space left on device"),
    socket.EAI_NONAME: _("Name or service not known"),
}


def reason(error: BaseException) -> Sentence | str:
    """Return why something failed, in as few words as the error has and without a full stop."""
    known = _REASONS.get(getattr(error, "errno", None) or 0)
    if known:
        return known
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return words.rstrip(".")
