"""The goodbye: the last that a peer reads.

Must not know doors, sockets or commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.language import _n

if TYPE_CHECKING:
    from chatproto.delivery.reader import Reader
    from chatproto.language import Sentence


def say_goodbye(reader: Reader, sentence: Sentence, refused: int = 0) -> None:
    """Say it last, below how many lines were refused: no prompt and no question comes after it."""
    sentences = [not_sent(refused), sentence] if refused else [sentence]
    lines = b"".join(reader.voice.notice(one) for one in sentences)
    if editor := reader.editor:
        reader.send(editor.stop() + lines)
    else:
        reader.show(lines)


def not_sent(count: int) -> Sentence:
    """Return the sentence that so many lines which waited are not sent."""
    return _n(
        "Not sent: {count} line that was still waiting for its turn.",
        "Not sent: {count} lines that were still waiting for their turn.",
        count,
    )
