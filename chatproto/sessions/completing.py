"""Completion: the words that a session offers to Tab, each asked for when it is needed.

A person without a name is offered what may be done without one, and learns of no member.
Must not know doors or which commands there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.commands.candidates import candidates
from chatproto.core import permissions
from chatproto.core.permissions import Action
from chatproto.terminal import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatproto.sessions.lines import LineSession


def words(session: LineSession) -> Words:
    """Return what Tab completes in a session."""

    def commands() -> Iterable[str]:
        return [
            f"/{command.name}"
            for command in session.commands.commands.values()
            if session.has_name
            or not all(permissions.refusal(action, None) for action in command.actions)
        ]

    def rooms() -> Iterable[str]:
        return [f"#{name}" for name in session.chat.rooms] if may(Action.LIST_ROOMS) else []

    def nicks() -> Iterable[str]:
        room = session.seat.current_room if session.has_name else None
        shown = room if room and may(Action.SEE_ROOM, room.name) else None
        return [member.nick for member in shown.members.values()] if shown else []

    def may(action: Action, room: str = "") -> bool:
        member = session.member if session.has_name else None
        return permissions.refusal(action, member, room) is None

    def arguments(name: str, given: Sequence[str]) -> Iterable[str]:
        command = session.commands.named(name)
        if command is None or not session.has_name:
            return []
        return candidates(command, session, [word for word in given if word])

    return Words(commands, rooms, nicks, arguments)
