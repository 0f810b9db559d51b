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
    from collections.abc import Callable

    from chatproto.doors.gate import Ticket
    from chatproto.sessions.context import Context
    from chatproto.voices.screen import Screen


def open_session(
    context: Context,
    transport: Any,
    ticket: Ticket | None,
    screen: Screen,
    *,
    pause: Callable[[], None],
    resume: Callable[[], None],
    session_class: type[LineSession] = LineSession,
) -> LineSession:
    """Return a new session that is read on a screen.

    `pause` is called when nothing more is to be read from the peer, `resume` when it may go on.
    """
    voice = LineVoice(context.language, screen.end)
    reader = Reader(wire(transport, context.clock), voice, Valve(pause, resume))
    session = session_class(context, reader, screen)
    if ticket:
        ticket.accompany(session)
    return session
