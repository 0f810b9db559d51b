"""Drafts: what a program sends beside their words is checked before anything is done with them.

Text is measured and cleaned where it comes in (chatproto.core.text); this is about what may come with it from a
program.  A ref that is no text would keep from the disk not only its own draft, but all that is written with it.
Must not know members or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.errors import NotAllowed, NotFound, TooLong
from chatproto.language import _
from chatproto.limits import DATA_BYTES, REF_BYTES

if TYPE_CHECKING:
    from chatproto.core.events import Draft


def beside(draft: Draft, ref: str, reply_to: int | None, head: int) -> Draft:
    """Return the draft with what came beside its words: a ref, and the seq of the event that it answers.

    Raise TooLong and NotAllowed for the ref; NotFound when there is no such event up to `head`, the last there is.
    Whether it was said in that room only the archive knows: each member who may read it is shown it, like any other.
    """
    if reply_to is not None and not 0 < reply_to <= head:
        raise NotFound(
            _("There is no line #{seen} to answer; the last one is #{most}. It was not sent.",
              seen=reply_to, most=head)
        )  # fmt: skip
    return measured(draft._replace(ref=ref, reply_to=reply_to or 0))


def measured(draft: Draft) -> Draft:
    """Return the draft.  Raise TooLong when its ref or its data is too long, NotAllowed when one of them is no text."""
    if draft.ref and (seen := _bytes(draft.ref)) > REF_BYTES:
        raise TooLong(
            _("The id of that line has {seen} bytes; the most is {most}. It was not sent.",
              seen=seen, most=REF_BYTES)
        )  # fmt: skip
    if draft.data and (seen := _bytes(draft.data)) > DATA_BYTES:
        raise TooLong(
            _("The data of that line has {seen} bytes; the most is {most}. It was not sent.",
              seen=seen, most=DATA_BYTES)
        )  # fmt: skip
    return draft


def _bytes(text: str) -> int:
    """Return how many bytes it has in UTF-8.  Raise NotAllowed for half of a surrogate pair, which JSON can write."""
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise NotAllowed(_("What came with that line is not UTF-8. It was not sent.")) from error
