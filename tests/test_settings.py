"""The settings: what each option may say, and what is said of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from chatproto.core.pace import Rate
from chatproto.doors.origins import PerAddress
from chatproto.errors import CannotStart
from chatproto.limits import RATE_BURST, RATE_PER_SECOND
from starting import NO_FILE, read, settings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_rate_has_a_default() -> None:
    assert settings().rate == Rate(RATE_BURST, RATE_PER_SECOND)


@pytest.mark.parametrize(
    ("wish", "rate"), [("off", None), ("10/0.5", Rate(10, 0.5)), ("1/100", Rate(1, 100.0))]
)
def test_a_rate_may_be_named(wish: str, rate: Rate | None) -> None:
    assert settings("--rate", wish).rate == rate


@pytest.mark.parametrize(
    "wish", ["", "5", "5/", "/2", "0/2", "-1/2", "5/0", "5/-1", "5/nan", "5/inf", "a/b", "5/2/1"]
)
def test_a_rate_that_is_none_is_said_so(wish: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(f"such as 5/2, or off, not “{wish}”")):
        settings("--rate", wish)


@pytest.mark.parametrize(
    ("wish", "limits"),
    [
        ("off", None),
        ("16/32", PerAddress()),
        ("60/600", PerAddress(60, 600)),
        ("1/1", PerAddress(1, 1)),
    ],
)
def test_what_one_address_may_do_may_be_named(wish: str, limits: PerAddress | None) -> None:
    assert settings("--per-address", wish).per_address == limits


@pytest.mark.parametrize(
    "wish", ["", "16", "16/", "0/1", "1/0", "-1/2", "1.5/2", "1/2/3", "²/1", "9999999/1"]
)
def test_a_limit_for_one_address_that_is_none_is_said_so(wish: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(f"such as 16/32, or off, not “{wish}”")):
        settings("--per-address", wish)


def test_this_machine_is_exempt_from_what_one_address_may_do() -> None:
    assert settings().loopback_is_exempt


def test_a_language_that_is_not_there_is_said_so() -> None:
    with pytest.raises(CannotStart, match="--language takes one of en, ru, not “tlh”"):
        settings("--language", "tlh")


def test_a_language_may_be_named() -> None:
    assert settings("--language", "ru").language == "ru"


def test_the_message_of_the_day_is_read_and_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "motd"
    path.write_bytes(b"Be \x1b[31mkind\x1b[0m.\r\nAnd read.\n")
    assert settings("--motd", str(path)).motd == "Be kind.\nAnd read."


def test_a_message_of_the_day_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"--motd: .*nothing cannot be read: No such file"):
        settings("--motd", str(tmp_path / "nothing"))


def test_a_message_of_the_day_that_is_not_utf8_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "motd"
    path.write_bytes(b"\xe9")
    with pytest.raises(CannotStart, match="it is not UTF-8"):
        settings("--motd", str(path))


def test_the_title_is_cleaned() -> None:
    assert settings("--name", "the \x1b[1mlab\x07").title == "the lab"


BAD_OPTIONS = {
    ("--rate", "fast"): (
        "--rate takes BURST/PER_SECOND such as 5/2, or off, not “fast”.",
        "--rate принимает СРАЗУ/В_СЕКУНДУ, например 5/2, или off, а не «fast».",
    ),
    ("--language", "tlh"): (
        "--language takes one of en, ru, not “tlh”.",
        "--language принимает одно из: en, ru, а не «tlh».",
    ),
    ("--motd", "/proc/nothing"): (
        f"--motd: /proc/nothing cannot be read: {NO_FILE[0]}.",
        f"--motd: не удаётся прочитать /proc/nothing: {NO_FILE[1]}.",
    ),
    ("--motd", "/"): (
        "--motd: / cannot be read: Is a directory.", "--motd: не удаётся прочитать /: это каталог.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("options", BAD_OPTIONS)
def test_an_option_that_will_not_do_is_said(options: tuple[str, str]) -> None:
    with pytest.raises(CannotStart) as refused:
        settings(*options)
    assert read(refused) == BAD_OPTIONS[options]
