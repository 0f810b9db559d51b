"""The opening of a session: what stands between a connection and the chat, put together in one place.

    transport -> valve -> session -> reader -> wire -> transport

Must not know keys, telnet or SSH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatproto.delivery.reader import Reader
from chatproto.sessions.lines import LineSession
from chatproto.valve import Valve
from chatproto.voices.line import LineVoice
from chatproto.wire import wire

if TYPE_CHECKING:
    from chatproto.doors.gate import Ticket
    from chatproto.sessions.context import Context
    from chatproto.valve import Producer
    from chatproto.voices.screen import Screen


def open_session(
    context: Context,
    transport: Any,
    ticket: Ticket | None,
    screen: Screen,
    *,
    producer: Producer,
    session_class: type[LineSession] = LineSession,
) -> LineSession:
    """Return a new session that is read on a screen; `producer` is what the peer's bytes come from."""
    voice = LineVoice(context.language, screen.end)
    reader = Reader(wire(transport, context.clock), voice, Valve(producer))
    session = session_class(context, reader, screen)
    if ticket:
        ticket.accompany(session)
    return session
