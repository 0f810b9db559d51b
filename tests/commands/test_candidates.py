"""What a command's row offers to Tab."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chatproto.commands.arguments import NICK, OWN_ROOM, Kind, maybe
from chatproto.commands.candidates import _WORDS, candidates
from chatproto.commands.every import COMMANDS
from chatproto.core import permissions
from chatproto.core.permissions import Action
from chatproto.core.preferences import OPTIONS
from chatproto.errors import NotAllowed
from chatproto.language import Sentence
from chatproto.sessions.completing import words

if TYPE_CHECKING:
    from chatproto.commands.row import Caller
    from chatproto.sessions.lines import LineSession
    from fakes import InMemoryServer, Peer


@pytest.fixture
def caller(server: InMemoryServer, alice: Peer, bob: Peer) -> LineSession:
    """Alice, who is in two of three rooms."""
    for peer, room in ((alice, "garden"), (bob, "attic")):
        peer.send(f"/join {room}")
    assert alice.door.session
    return alice.door.session


NICKS = ["alice", "bob"]
ROOMS = ["#attic", "#garden", "#lobby"]
OWN = ["#garden", "#lobby"]
OPTION_NAMES = [option.name for option in OPTIONS]
THEMES = ["auto", "none", "dark", "light", "clear"]
TIMES = ["off", "HH:MM", "HH:MM:SS", "date"]


@pytest.mark.parametrize(
    ("name", "given", "offered"),
    [
        ("me", [], []),
        ("msg", [], NICKS + OWN),
        ("msg", ["bob"], []),
        ("reply", [], []),
        ("join", [], ROOMS),
        ("join", ["#attic"], []),
        ("leave", [], OWN),
        ("leave", ["#garden"], []),
        ("leave", ["bye"], []),
        ("rooms", [], []),
        ("topic", [], ["-"]),
        ("nick", [], []),
        ("who", [], OWN),
        ("who", ["#lobby"], []),
        ("who", ["lobby"], []),
        ("whois", [], NICKS),
        ("whois", ["bob"], []),
        ("ignore", [], NICKS),
        ("ignore", ["bob"], []),
        ("away", [], []),
        ("history", [], ["@alice", "@bob"]),
        ("history", ["@bob"], []),
        ("history", ["5"], []),
        ("search", [], [*OWN, "@alice", "@bob"]),
        ("search", ["apple", "@bob"], [*OWN, "@alice", "@bob"]),
        ("set", [], OPTION_NAMES),
        ("set", ["THEME"], THEMES),
        ("set", ["sound"], []),
        ("set", ["theme", "dark"], []),
        ("language", [], ["en", "ru"]),
        ("language", ["en"], []),
        ("time", [], ["on", *TIMES]),
        ("clear", [], []),
        ("quit", [], []),
        ("help", [], [*sorted(COMMANDS.commands), "all"]),
        ("help", ["me"], []),
    ],
)
def test_the_row_says_what_may_come_next(
    caller: Caller, name: str, given: list[str], offered: list[str]
) -> None:
    assert list(candidates(COMMANDS.commands[name], caller, given)) == offered


def test_behind_what_may_be_left_out_comes_what_follows_it(caller: Caller) -> None:
    row = COMMANDS.commands["leave"]
    told = replace(row, arguments=(maybe(OWN_ROOM), maybe(NICK)))
    assert list(candidates(told, caller, [])) == OWN + NICKS
    assert list(candidates(told, caller, ["#lobby"])) == NICKS
    assert list(candidates(told, caller, ["bob"])) == []
    nested = replace(row, arguments=(maybe(NICK), maybe(OWN_ROOM)))
    assert list(candidates(nested, caller, [])) == NICKS
    needed = replace(row, arguments=(NICK, OWN_ROOM))
    assert list(candidates(needed, caller, [])) == NICKS
    assert list(candidates(needed, caller, ["bob"])) == OWN


def test_what_may_not_be_seen_is_not_offered(
    caller: LineSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = words(caller)
    join, whois = COMMANDS.commands["join"], COMMANDS.commands["whois"]
    assert [*offered.rooms(), *offered.nicks()]
    refused = {Action.LIST_ROOMS, Action.SEE_MEMBER, Action.SEE_ROOM}
    monkeypatch.setattr(
        permissions,
        "refusal",
        lambda action, *_where: NotAllowed(Sentence("No.")) if action in refused else None,
    )
    assert [*offered.rooms(), *offered.nicks()] == []
    assert [*candidates(join, caller, []), *candidates(whois, caller, [])] == []


def test_every_kind_of_argument_has_its_words() -> None:
    assert set(_WORDS) == set(Kind)
