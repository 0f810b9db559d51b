"""What a voice makes of events, whatever it stumbles over.

Many readers share a voice: an event that it cannot render reads as nothing, the operator is told of the fault, and the
other events are read.
Must not know readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.events import Ids
    from chatproto.voices.voice import Shown, Voice

_log = Logger(namespace="chatproto.delivery")


def rendered(
    voice: Voice, events: Sequence[Shown], current: str, ids: Ids = (), nick: str = ""
) -> list[bytes]:
    """Return the bytes of each event, for the member of these ids; empty for one that cannot be rendered."""
    try:
        return voice.render(events, current, ids, nick)
    except Exception:  # noqa: BLE001 - whatever it is, the others are to be read
        if len(events) == 1:
            _log.failure("{voice!r} cannot render {event!r}", voice=voice, event=events[0])
            return [b""]
        return [rendered(voice, [event], current, ids, nick)[0] for event in events]
