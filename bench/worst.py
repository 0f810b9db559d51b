"""The worst line of each kind that is known, and what it costs the reactor; or a search for one that is worse.

    python -m bench.worst                  a table
    python -m bench.worst --search 60      let Hypothesis look for a costlier line, for a minute

A line of 2,048 bytes may cost no more than a millisecond, whatever is in it: all others wait as long.  A server in
memory takes it, once from a program and once from a member at a terminal, and tells it to a reader of each kind.  The
least of several times is noted, which others on the machine disturb the least.

Must not know sockets or the peers.
"""

from __future__ import annotations

import argparse
import gc
import time
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from chatproto.core.chat import Chat
from chatproto.core.events import Event, Kind
from chatproto.core.ports import Log
from chatproto.core.queries import Found
from chatproto.core.text import clean
from chatproto.delivery.batch import Batch
from chatproto.delivery.delivery import Delivery
from chatproto.delivery.renderings import Renderings
from chatproto.doors.lines import DoorFactory
from chatproto.doors.plain import PlainProtocol
from chatproto.doors.telnet.protocol import TelnetProtocol
from chatproto.limits import COLUMNS_LEAST, COLUMNS_MOST, LINE_BYTES
from chatproto.log.embedded import EmbeddedOrder
from chatproto.log.memory import MemoryArchive
from chatproto.sessions.context import Context
from chatproto.voices.terminal import TerminalVoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.queries import Query
    from chatproto.doors.lines import LineProtocol
    from chatproto.sessions.lines import LineSession

_TITLE = "The worst line of each kind that is known, and what it costs the reactor."
LIMIT_MS = 1.0
TIMES = 5  # how often each line is measured
_CHARACTER_MODE = b"/set input char\r\n\xff\xfd\x01\xff\xfd\x03"  # and IAC DO ECHO, IAC DO SGA
_MOST_CHANGING = "\ufdfa"  # one character that NFKC makes eighteen of

KNOWN = {
    "said: words": "a " * 1024,
    "said: one word": "a" * 2048,
    "said: one word, to somebody": "watcher: " + "a" * 2039,
    "said: Cyrillic": "я" * 1024,
    "said: Chinese": "中" * 682,
    "said: three alphabets in one word": "ΐǰم" * 341,
    "said: letters that grow": _MOST_CHANGING * 682,
    "said: letters taken apart": "e\u0301" * 682,
    "said: a pile of marks": "x" + "\u0336" * 1023,
    "said: marks in disorder": "a" + "\u0301\u0316" * 511,
    "said: marks on every letter": ("م" + "\u064e\u0651" * 4) * 113,
    "said: Arabic, joiners": "م\u064e\u200c" * 292,
    "said: Arabic, joiners behind a pile": "م" + "\u064e" * 500 + "\u200c" * 348,
    "said: Devanagari, joiners": "क" + "\u094d\u200d" * 340,
    "said: joiners that fall one by one": ("क" + "\u094d\u200d\u0301\u0345" * 8) * 20,
    "said: emoji, joined": "👩\u200d" * 292,
    "said: emoji, chosen": "❤\ufe0f" * 341,
    "said: flags": "🇩" * 512,
    "said: escapes": "\x1b[31m" * 409 + "я",
    "said: an escape without an end": "\x1b]" * 1023 + "я",
    "said: half a name": "a" + " " * 2046 + "b",
    "/me": "/me " + "я" * 1022,
    "/msg to nobody": f"/msg {_MOST_CHANGING * 670} x",
    "/whois nobody": f"/whois {_MOST_CHANGING * 680}",
    "/ignore": f"/ignore {_MOST_CHANGING * 680}",
    "/nick": f"/nick {_MOST_CHANGING * 680}",
    "/nick, nearly short enough": f"/nick {_MOST_CHANGING * 128}",
    "/join": f"/join #{_MOST_CHANGING * 680}",
    "/join, nearly short enough": f"/join #{_MOST_CHANGING * 256}",
    "/who": f"/who #{_MOST_CHANGING * 680}",
    "/who, a page": "/who " + "9" * 2043,
    "/leave": f"/leave #{_MOST_CHANGING * 680}",
    "/topic, too long": "/topic " + "я" * 1020,
    "/topic": "/topic " + "م\u064e\u200c" * 130,
    "/away": "/away " + "я" * 1020,
    "/history": "/history #" + "9" * 2038,
    "/search": "/search " + "a " * 1020,
    "/search, letters that grow": f"/search {_MOST_CHANGING * 680}",
    "/set": "/set " + "я" * 1020,
    "/set zone": "/set zone " + "я" * 1019,
    "/set zone, a short one": "/set zone nowhere",
    "/set theme": "/set theme " + "я" * 1018,
    "/help": "/help",
    "/help with a command": "/help " + "x" * 2042,
    "an unknown command": "/" + "x" * 2047,
    "an unknown command, a short one": "/helphistor",
    "not UTF-8": "я" * 1023 + "\udcff",
}


# Of these, the ones that are measured on screens of all widths, which share nothing.
_WRAPPED = (
    "said: words", "said: one word", "said: Cyrillic", "said: Chinese", "said: Arabic, joiners",
    "said: emoji, joined", "said: flags",
)  # fmt: skip
_WIDTHS = range(COLUMNS_LEAST, COLUMNS_MOST)
_numbers = count()  # no two lines are the same


class Cost(NamedTuple):
    """Milliseconds: taking the line from a program, from a terminal, and telling others what became of it."""

    program: float
    terminal: float
    telling: float

    @property
    def most(self) -> float:
        """The greatest of these."""
        return max(self.program, self.terminal) + self.telling


class _Turns(Clock):
    """A clock that is its own thread."""

    def callFromThread(self, call: Callable[..., object], *args: object) -> None:
        """Call in the next turn."""
        self.callLater(0, call, *args)


class _Archive(MemoryArchive):
    """An archive that finds nothing: where there is a disk, another thread searches."""

    def search(self, query: Query, limit: int) -> Deferred[Found]:
        """Return nothing found."""
        return succeed(Found([]))


class InMemory:
    """A server without disk or network: a program, a member at a terminal, and a reader of each kind."""

    def __init__(self) -> None:
        self._clock = _Turns()
        archive = _Archive(self._clock)
        delivery = Delivery(archive, self._clock)
        log = Log(EmbeddedOrder(archive, self._clock), archive)
        chat = Chat(log, delivery, self._clock)
        chat.open()
        self._context = Context(chat, delivery, self._clock)
        self._transports: list[StringTransport] = []
        self._program = self._enter(PlainProtocol, "program")
        self._terminal = self._enter(TelnetProtocol, "terminal", _CHARACTER_MODE)
        self._enter(PlainProtocol, "reader")
        self._enter(TelnetProtocol, "watcher", _CHARACTER_MODE)

    def _enter(self, kind: type[LineProtocol], name: str, wish: bytes = b"") -> LineSession:
        door = DoorFactory(kind, self._context).buildProtocol(None)
        self._transports.append(StringTransport())
        door.makeConnection(self._transports[-1])
        door.dataReceived(name.encode() + b"\r\n" + wish)
        self._settle()
        assert door.session
        return door.session

    def cost(self, line: bytes) -> Cost:
        """Return what a line costs."""
        program = self._taking(self._program, line)
        self._settle()
        terminal = self._taking(self._terminal, line)
        telling = _milliseconds(lambda: self._clock.advance(0))
        self._settle()
        return Cost(program, terminal, telling)

    def _taking(self, speaker: LineSession, line: bytes) -> float:
        return _milliseconds(lambda: speaker.receive(line))

    def _settle(self) -> None:
        """Run what is due, and let every reader catch up."""
        for _ in range(3):
            self._clock.advance(1)
        for transport in self._transports:
            transport.clear()

    @property
    def is_whole(self) -> bool:
        """Return whether all members are still there: a line may have been a goodbye."""
        return not (self._program.is_leaving or self._terminal.is_leaving)


def _milliseconds(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return (time.perf_counter() - before) * 1000


def least(server: InMemory, line: bytes, times: int = TIMES) -> Cost:
    """Measure a line several times: the least of each figure, which is what the line costs by itself."""
    costs = [server.cost(line) for _ in range(times)]
    return Cost(*map(min, zip(*costs, strict=True)))


def table() -> str:
    """Return the costs of all known lines."""
    rows = [
        f"| {'ms for a line of 2,048 bytes':36} | program | terminal | telling |  most |",
        f"|{'-' * 38}|--------:|---------:|--------:|------:|",
    ]
    server = InMemory()
    for kind, line in KNOWN.items():
        cost = least(server, as_bytes(line))
        sign = "!" if cost.most > LIMIT_MS else " "
        rows.append(
            f"| {kind:36} | {cost.program:7.2f} | {cost.terminal:8.2f} | {cost.telling:7.2f} |"
            f"{sign}{cost.most:5.2f} |"
        )
    return "\n".join(rows)


def for_all_widths() -> str:
    """Return what the costliest lines cost to tell, when no two screens are of the same width."""
    rows = [
        f"| {f'ms for {len(_WIDTHS)} widths of screen':36} | telling |",
        f"|{'-' * 38}|--------:|",
    ]
    for kind in _WRAPPED:
        said = clean(as_bytes(KNOWN[kind]).decode(errors="ignore"))
        cost = min(_telling_all_widths(said) for _ in range(TIMES))
        rows.append(f"| {kind:36} | {cost:7.2f} |")
    return "\n".join(rows)


def _telling_all_widths(said: str) -> float:
    """Measure one line, told to screens of all widths; each time as if it had not been said before."""
    text = f"{next(_numbers)}{said}"
    batch = Batch(1, 0, [Event(1, 0, Kind.SAID, "lobby", "alice", 1, "", 0, text)])
    voices = [TerminalVoice("en", columns) for columns in _WIDTHS]
    renderings = Renderings()
    return _milliseconds(lambda: [renderings.of(batch, voice, "lobby").whole for voice in voices])


def as_bytes(line: str) -> bytes:
    """Return a line cut to what may be sent."""
    return line.encode(errors="surrogateescape")[:LINE_BYTES]


# -- the search -------------------------------------------------------------------------------------

_COMMANDS = sorted({f"{line.split()[0]} " for line in KNOWN.values() if line.startswith("/")})
_BEGINNINGS = ("", "", "", "terminal: ", "/topic ", "/me ", "/join #", *_COMMANDS)
_UNITS = st.text(
    st.sampled_from(
        "a1 .,:#@/-_|\t\x1b[]m\x9b\u200b\u202e\u200c\u200d\ufe0e\ufe0f\u0301\u0316\u0336\u0345\u034f\u20e3"
        "яЯéΐßİǰمب\u064e\u0651שक\u094d\u093cത中가\u1100\u1161\u11a8กำ❤👩🏽🇩ℹ≠\ufdfa\ufb03㌀\U0001d15e\U000e0067"
    ),
    min_size=1,
    max_size=8,
)
_LINES = st.tuples(
    st.sampled_from(_BEGINNINGS),
    st.lists(st.tuples(_UNITS, st.sampled_from([1, 2, 9, 50, 400, 2048])), min_size=1, max_size=4),
)


Recipe: TypeAlias = tuple[str, list[tuple[str, int]]]


def search(seconds: float) -> tuple[Cost, Recipe]:
    """Return the costliest line that Hypothesis finds in so many seconds, and how it is made."""
    end = time.monotonic() + seconds
    server = InMemory()
    worst: tuple[Cost, Recipe] = Cost(0, 0, 0), ("", [])

    @given(_LINES)
    @settings(
        max_examples=300, deadline=None, database=None, phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def look(recipe: Recipe) -> None:
        nonlocal server, worst
        if time.monotonic() > end:
            return
        line = made(recipe)
        cost = least(server, line, 2)
        if cost.most > worst[0].most:
            worst = max(worst, (least(server, line), recipe), key=lambda found: found[0].most)
        target(cost.most)
        if not server.is_whole:
            server = InMemory()

    for number in count():
        if time.monotonic() > end:
            break
        seed(number)(look)()
    return worst


def made(recipe: Recipe) -> bytes:
    """Return the line of a recipe: how it begins, then units, each so many times."""
    beginning, parts = recipe
    line = as_bytes(beginning + "".join(unit * times for unit, times in parts))
    return line.decode(errors="ignore").encode()  # no character cut in two


def main() -> None:
    """Print the table, or search."""
    parser = argparse.ArgumentParser(prog="python -m bench.worst", description=_TITLE)
    parser.add_argument("--search", type=float, metavar="SECONDS", help="look for a worse one")
    options = parser.parse_args()
    gc.disable()  # it would be measured with whatever line comes when it is due
    if options.search:
        cost, recipe = search(options.search)
        print(
            f"{cost.most:.2f} ms (program {cost.program:.2f}, terminal {cost.terminal:.2f}, "
            f"telling {cost.telling:.2f}) for {len(made(recipe))} bytes: {recipe!a}"
        )
    else:
        print(table())
        print()
        print(for_all_widths())


if __name__ == "__main__":
    main()
