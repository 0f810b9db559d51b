"""Everything the editor says to a person, in one place that the caller can translate.

Must not know languages. Plurals need a function: Russian has three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _send_lines(count: int) -> str:
    return f"Send {count} lines? (y/n) "


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences, in English by default; what is in braces is filled in."""

    leave: str = "^D or /quit leaves"
    send_lines: Callable[[int], str] = _send_lines
    yes: str = "yY"  # every character that means yes: "yYдД" serves a Russian keyboard as well
    no: str = "nN"
    search: str = "(search) {query}: "
    not_found: str = "(not found) {query}: "
    paste_cut: str = "Only the first {limit} bytes of the paste were taken."
    line_cut: str = "A line ends at {limit} bytes: the rest of the pasted one was left out."
