"""Make chatproto/core/technical.py, the table of letters that are in no name, from Unicode's file.

    python tools/technical.py IdentifierType.txt > chatproto/core/technical.py

The file is among the security data of each version of Unicode (unicode.org/Public/VERSION/security).
The table has what UTS 39 calls Technical (letters and marks of phonetic, musical and liturgical notations), and what it
calls Obsolete of Latin, which has two hundred letters of medieval copyists and of phonetic alphabets of the past.
Kept out are the other letters that it would not recommend: a name may be written in rare ideographs,
Cherokee, with a Romanian ţ, or in Greek with all its accents.
Source: UTS 39, 3.1 (Identifier_Type) and its data file.
"""

from __future__ import annotations

import hashlib
import re
import sys
import textwrap
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROW: Final = re.compile(
    r"(?P<first>[0-9A-F]+)(?:\.\.(?P<last>[0-9A-F]+))?\s*;\s*(?P<types>[A-Za-z_ ]+?)"
    r"\s*#\s*[0-9.]+\s+(?:\[\d+\]\s+)?(?P<script>\S+)"
)
_VERSION: Final = re.compile(
    r"^# IdentifierType\.txt.*?^# Version: ([0-9.]+)", re.MULTILINE | re.DOTALL
)
_COLUMNS: Final = 118
_UNKNOWN: Final = "Cn"

HEAD: Final = '''"""Letters of phonetic, technical and obsolete writing.  Made by `make technical`: do not edit.

In hexadecimal, from the first to the last of those that stand together.
Must not know anything else of ours.
Source: IdentifierType.txt of Unicode {version} (UTS 39), of which tools/technical.py says what is taken;
its SHA-256 is {digest}.
The data is Unicode, Inc.'s, under the Unicode License v3: see LICENSE.unicode.
"""

from typing import Final

VERSION: Final = "{version}"

ROWS: Final = """\\
{rows}
"""


def read() -> frozenset[str]:
    """Return the letters."""
    return frozenset(
        chr(point)
        for row in ROWS.split()
        for first, _sign, last in [row.partition("-")]
        for point in range(int(first, 16), int(last or first, 16) + 1)
    )
'''


def version(text: str) -> str:
    """Return the version of Unicode that a file is of."""
    if found := _VERSION.search(text):
        return found[1]
    raise SystemExit(
        "this is no IdentifierType.txt: it has no such heading, or no line `# Version:`"
    )


def taken(text: str) -> list[int]:
    """Return the characters of a file that are refused in names, of those that a name could hold."""
    points: list[int] = []
    for row in filter(None, map(_ROW.match, text.splitlines())):
        types = row["types"].split()
        if "Technical" in types or ("Obsolete" in types and row["script"] == "LATIN"):
            points += range(int(row["first"], 16), int(row["last"] or row["first"], 16) + 1)
    return sorted(point for point in points if _could_be_in_a_name(chr(point)))


def _could_be_in_a_name(char: str) -> bool:
    category = unicodedata.category(char)
    return (category[0] in "LMN" or category == _UNKNOWN) and unicodedata.is_normalized(
        "NFKC", char
    )


def rows(points: Iterable[int]) -> list[str]:
    """Return the rows of the table for characters in order."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return [f"{first:X}-{last:X}" if first < last else f"{first:X}" for first, last in ranges]


def module(data: bytes) -> str:
    """Return the module made of a file."""
    text = data.decode("utf-8-sig")
    return HEAD.format(
        version=version(text),
        digest=hashlib.sha256(data).hexdigest(),
        rows=textwrap.fill(" ".join(rows(taken(text))), _COLUMNS, break_on_hyphens=False),
    )


if __name__ == "__main__":
    sys.stdout.write(module(Path(sys.argv[1]).read_bytes()))
