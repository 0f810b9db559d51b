"""What can go wrong for a person, and the sentence that tells them.

    ChatError            carries the sentence for the reader
    ├── NotAllowed       what was asked for breaks a rule: it says which
    ├── Taken            the name belongs to somebody else just now
    ├── NotFound         there is no such member, room, command or line
    ├── Busy             too many ask for the same thing just now
    ├── NotSaid          the log did not take it, so nobody has seen it
    ├── TooLong          a line beyond the limit
    └── CannotStart      the server cannot start: one sentence, exit status 1

Every error says what was seen and what is allowed.  Must not know who reads it, nor in which language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


class TooLong(ChatError):
    """More bytes than a line may have."""


class CannotStart(ChatError):
    """The server cannot start."""
