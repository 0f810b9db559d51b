"""The gate before all doors: which peers may come in, and the line in the log for each coming and each going.

    in all            as many connections as there are file descriptors for
    from one origin   so many at once, so many that come, one pace for all that they say, so many rooms made
    unnamed           a share of new peers is turned away while too many others have given no name yet

Must not know commands or how it looks.
"""

from __future__ import annotations

import resource
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

from twisted.logger import Logger

from chatproto.core.identity import Identity
from chatproto.core.spans import span
from chatproto.doors.origins import Origins, PerAddress, address, origin_of
from chatproto.doors.startups import Startups
from chatproto.errors import CannotStart, NotAllowed
from chatproto.language import _, _n, from_environment, language
from chatproto.limits import DESCRIPTORS_LEAST, SPARE_DESCRIPTORS, SPARE_DESCRIPTORS_LEAST

if TYPE_CHECKING:
    from chatproto.clock import Clock
    from chatproto.core.pace import Rate
    from chatproto.core.rooms import Member
    from chatproto.doors.origins import Origin
    from chatproto.language import Sentence
    from chatproto.sessions.session import Session

_log = Logger(namespace="chatproto")
_say = language(from_environment()).read


class Gate:
    """Counts the connections that are inside.

    limits              what one address may do; None for as much as it likes
    rate                how fast one member may talk; None for as fast as it likes
    most                connections in all; None for as many as there are descriptors for
    loopback_is_exempt  this machine is no address like any other
    """

    def __init__(
        self,
        clock: Clock,
        limits: PerAddress | None = PerAddress(),  # noqa: B008 - frozen
        rate: Rate | None = None,
        most: int | None = None,
        startups: Startups | None = None,
        *,
        loopback_is_exempt: bool = True,
    ) -> None:
        """Raise CannotStart when there are too few descriptors to let any peer in."""
        self.startups = startups or Startups()
        self.origins = Origins(limits, rate) if limits else None
        self.clock = clock
        self._most = most if most is not None else room_for_connections(_descriptors())
        self._loopback_is_exempt = loopback_is_exempt
        self._count = 0

    def enter(self, host: str, door: str) -> Ticket:
        """Let a connection in by a door; return the ticket with which it leaves.

        Raise NotAllowed when there are too many, in all or from there.
        """
        if self._count >= self._most:
            raise NotAllowed(_("The server is full. Try again later."))
        name = origin_of(host, loopback=not self._loopback_is_exempt)
        origin = self._origin(name)
        if name:
            self.startups.begin()
        if origin and self.origins:
            origin.arrivals.take(self.clock.seconds())
            self.origins.enter(origin)
        self._count += 1
        return Ticket(self, origin, str(address(host) or ""), door, is_starting=bool(name))

    def leave(self, origin: Origin | None) -> None:
        """Let a connection out."""
        self._count -= 1
        if origin and self.origins:
            self.origins.leave(origin)

    def _origin(self, name: str) -> Origin | None:
        """Return what is known of an origin, if it may bring one more.  Raise NotAllowed."""
        if not name or self.origins is None:
            return None
        now = self.clock.seconds()
        origin = self.origins.find(name, now)
        if origin.inside >= self.origins.limits.connections:
            raise NotAllowed(
                _n(
                    "There is {count} connection from your address, the most there may be.",
                    "There are {count} connections from your address, the most there may be.",
                    origin.inside,
                )
            )
        if wait := origin.arrivals.wait(now):
            raise NotAllowed(
                _("Too many connections came from your address. Try again in {wait}.",
                  wait=span(ceil(wait)))
            )  # fmt: skip
        return origin


@lru_cache(maxsize=1024)  # many come from one address: one for all of them
def _identity(address: str, door: str) -> Identity:
    return Identity(address=address, door=door)


class Ticket:
    """What a connection is given at the gate."""

    __slots__ = (
        "_address", "_came", "_door", "_gate", "_has_left", "_is_starting", "_member",
        "_name", "_origin",
    )  # fmt: skip

    def __init__(
        self, gate: Gate, origin: Origin | None, address: str, door: str, *, is_starting: bool
    ) -> None:
        self._gate = gate
        self._origin = origin
        self._address = address
        self._door = door
        self._is_starting = is_starting
        self._has_left = False
        self._member: Member | None = None
        self._name = ""
        self._came = 0.0

    def accompany(self, session: Session) -> None:
        """Go with the session of this connection: tell whence it comes, and share what its address may do."""
        entering = session.entering
        entering.identity = _identity(self._address, self._door)
        entering.on_named = self._named
        if self._origin is None:
            return
        entering.opened = self._origin.opened
        if self._origin.talk:
            session.pacing.paces += (self._origin.talk,)

    def leave(self) -> None:
        """Note that the connection is gone; what it brought may still be read, a name too."""
        self._has_left = True
        self._end_start()
        self._gate.leave(self._origin)
        if self._member:
            self._tell_going(self._member)

    def _named(self, member: Member) -> None:
        self._end_start()
        self._member = member
        self._name = member.nick
        self._came = self._gate.clock.seconds()
        sentence = _("{nick} came in by {door} from {address}.",
                     nick=member.nick, door=self._door, address=self._whence)  # fmt: skip
        self._tell(sentence, member, event="came")
        if self._has_left:
            self._tell_going(member)

    def _tell_going(self, member: Member) -> None:
        seconds = max(0.0, self._gate.clock.seconds() - self._came)
        sentence = _("{who} left {when}; came by {door} from {address}.",
                     who=self._who(member), when=_when(seconds), door=self._door,
                     address=self._whence)  # fmt: skip
        self._tell(sentence, member, event="went", seconds=round(seconds))

    def _who(self, member: Member) -> object:
        """Return the member who goes, by the name it came by: so a search for that finds both lines."""
        if member.nick == self._name:
            return self._name
        return _("{name}, as {nick},", name=self._name, nick=member.nick)

    def _tell(self, sentence: Sentence, member: Member, **facts: object) -> None:
        _log.info(
            "{sentence}", sentence=_say(sentence), nick=member.nick, came_as=self._name,
            door=self._door, address=self._address, **facts,
        )  # fmt: skip

    @property
    def _whence(self) -> object:
        return self._address or _("this machine")

    def _end_start(self) -> None:
        if self._is_starting:
            self._is_starting = False
            self._gate.startups.end()


def _when(seconds: float) -> Sentence:
    """Return how long after coming a connection goes."""
    return _("after {span}", span=span(seconds)) if seconds >= 1 else _("at once")


def room_for_connections(descriptors: int) -> int:
    """Return how many connections there may be with so many descriptors.

    A quarter is kept back, though no more than SPARE_DESCRIPTORS.  Raise CannotStart when that is too few.
    """
    if descriptors < DESCRIPTORS_LEAST:
        raise CannotStart(
            _("This process may open {seen} files and connections (ulimit -n); it needs {least} at the least.",
              seen=descriptors, least=DESCRIPTORS_LEAST)
        )  # fmt: skip
    spare = max(SPARE_DESCRIPTORS_LEAST, min(SPARE_DESCRIPTORS, descriptors // 4))
    return descriptors - spare


_NO_LIMIT: Final = 1 << 20


def _descriptors() -> int:
    """Let this process have as many descriptors as it may, and return that number."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = _NO_LIMIT
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
