"""Settings as they would be made of a command line, and why a start is refused, read in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.language import language
from chatproto.settings import Settings, understand
from chatproto.tap import Options

if TYPE_CHECKING:
    import pytest

    from chatproto.errors import CannotStart

NO_FILE = ("No such file or directory", "нет такого файла или каталога")


def settings(*arguments: str) -> Settings:
    """Return what a command line says, of a chat that keeps nothing unless it names a directory."""
    options = Options()
    options.parseOptions(["--data", ":memory:", *arguments])
    return understand(options, options.doors)


def read(refused: pytest.ExceptionInfo[CannotStart]) -> tuple[str, str]:
    """Return what was refused in English and in Russian."""
    english, russian = (language(code).read(refused.value.sentence) for code in ("en", "ru"))
    return english, russian
