"""`twistd chat`: the options, and the service made from them."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from twisted.application.service import IService
from twisted.python import usage

from chatproto import __version__
from chatproto.doors.table import DOORS, Door
from chatproto.language import _
from chatproto.tap import Options, makeService, with_doors
from starting import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def doors(*arguments: str) -> list[tuple[str, str]]:
    return [(door.option, where) for door, where in settings(*arguments).doors]


def test_without_a_word_all_doors_are_opened_on_this_machine_alone() -> None:
    assert doors()[:3] == [("telnet", "8023"), ("plain", "8080"), ("ssh", "8022")]
    assert doors() == [(door.option, str(door.port)) for door in DOORS]


def test_naming_one_door_means_only_that_one() -> None:
    assert doors("--plain", "9000") == [("plain", "9000")]


def test_doors_may_be_repeated() -> None:
    assert doors("--telnet", "1", "--plain", "2", "--telnet", "3") == [
        ("telnet", "1"),
        ("plain", "2"),
        ("telnet", "3"),
    ]


NEW = Door("new", _("A new door."), lambda *_given: None, 9999, "new {port}", "", "")


@with_doors((*DOORS, NEW))
class WithNew(Options):
    """Options of a server with one door more."""


def test_a_row_in_the_table_is_an_option_of_its_own() -> None:
    options = WithNew()
    options.parseOptions(["--new", "1", "--telnet", "2", "--new", "3"])
    assert [(door.option, where) for door, where in options.doors] == [
        ("new", "1"),
        ("telnet", "2"),
        ("new", "3"),
    ]


def test_a_row_in_the_table_is_opened_when_no_door_is_named_and_the_help_says_so() -> None:
    options = WithNew()
    options.parseOptions([])
    assert (NEW, "9999") in options.doors
    shown = " ".join(str(options).split())
    assert "--new= A new door." in shown
    assert " and new on port 9999, on this machine alone" in shown


def test_every_row_of_the_table_has_its_option_in_the_help() -> None:
    shown = str(Options())
    assert all(f"--{door.option}=" in shown for door in DOORS)


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--telnet"], ["stray"]])
def test_what_is_no_option_is_an_error_of_usage(arguments: list[str]) -> None:
    with pytest.raises(usage.UsageError):
        Options().parseOptions(arguments)


def test_the_version_is_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Options().parseOptions(["--version"])
    assert not ended.value.code
    assert capsys.readouterr().out == f"chatproto {__version__}\n"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Return what was said on the screen while it could not start."""
    screen = StringIO()
    monkeypatch.setattr(sys, "__stderr__", screen)
    return screen.getvalue


def test_make_service_gives_a_service() -> None:
    options = Options()
    options.parseOptions(["--data", ":memory:"])
    assert IService.providedBy(makeService(options))


def test_make_service_says_why_not_in_one_sentence(said: Callable[[], str]) -> None:
    options = Options()
    options.parseOptions(["--rate", "fast"])
    with pytest.raises(SystemExit) as ended:
        makeService(options)
    assert ended.value.code == 1
    lines = said().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("chat: ")
    assert "fast" in lines[0]
