"""Errors that a person or a program is told: each carries a sentence for the one and a code for the other.

    ChatError            "error"
    ├── NotAllowed       "not_allowed"    what was asked for breaks a rule: the sentence says which
    ├── Taken            "taken"          the name belongs to another member just now
    ├── NotFound         "not_found"      there is no such member, room, command or line
    ├── Busy             "busy"           too many ask for the same thing just now
    ├── NotSaid          "not_said"       the log did not take it, so no reader has seen it
    ├── NotRead          "not_read"       the log could not be read
    ├── TooLong          "too_long"       a line, or what came with it, beyond the limit
    └── CannotStart      "cannot_start"   the server cannot start: one sentence, exit status 1

Every error says what was seen and what is allowed.  A code never changes: programs go by it.
Must not know readers or languages.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, ClassVar, Final

from chatproto.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproto.language import Sentence


class ChatError(Exception):
    """An error that is told to the peer or member that caused it, or to the operator.

    sentence   for a person
    code       for a program
    """

    code: ClassVar[str] = "error"

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        """Return the sentence in English, for logs."""
        return str(self.sentence)


class NotAllowed(ChatError):
    """What was asked for breaks a rule."""

    code = "not_allowed"


class Taken(ChatError):
    """Another member has that name."""

    code = "taken"


class NotFound(ChatError):
    """There is no such thing."""

    code = "not_found"


class Busy(ChatError):
    """Too many ask for the same just now: trying again helps."""

    code = "busy"


class NotSaid(ChatError):
    """The log did not take it: no reader has seen it, or will."""

    code = "not_said"


class NotRead(ChatError):
    """The log could not be read, because of the disk and not of a fault of ours."""

    code = "not_read"


class TooLong(ChatError):
    """More bytes than a line, or what comes with it, may have."""

    code = "too_long"


class CannotStart(ChatError):
    """The server cannot start."""

    code = "cannot_start"


# What a member is told when its connection ends because of a fault of ours.
FAULT: Final = _(
    "Something went wrong in the server, and this connection ends. Please come in again."
)

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
    """Return why something failed, in the few words of the error, without a full stop."""
    known = _REASONS.get(getattr(error, "errno", None) or 0)
    if known:
        return known
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return words.rstrip(".")
