"""Make chatproto/core/confusables.py, the table of letters that look like other letters, from Unicode's file.

    python tools/confusables.py confusables.txt > chatproto/core/confusables.py

The file is among the security data of each version of Unicode (unicode.org/Public/VERSION/security), and in the
sources of ICU (icu/source/data/unidata), which are Debian's source package `icu`.
What a name may hold is kept: letters, marks and digits that NFKC leaves as they are, and whatever a newer Unicode has
put where the one of this Python has nothing.
Source: UTS 39, 4 (confusable detection) and its data file.
"""

from __future__ import annotations

import hashlib
import re
import sys
import textwrap
import unicodedata
from pathlib import Path
from typing import Final

_PAIR: Final = re.compile(r"([0-9A-F]+)\s*;\s*([0-9A-F ]+?)\s*;")
_VERSION: Final = re.compile(r"^# Version: ([0-9.]+)", re.MULTILINE)
_COLUMNS: Final = 118
_KEPT: Final = frozenset({"L", "M", "N"})
_UNKNOWN: Final = "Cn"

HEAD: Final = '''"""Letters that look like other letters.  Made by `make confusables`: do not edit.

Between the semicolons stands a prototype, in hexadecimal, and after the sign those that look like it.
Must not know anything else of ours.
Source: confusables.txt of Unicode {version} (UTS 39), of which this is the part that names may hold;
its SHA-256 is {digest}.
The data is Unicode, Inc.'s, under the Unicode License v3: see LICENSE.unicode.
"""

from typing import Final

VERSION: Final = "{version}"

ROWS: Final = """\\
{rows}
"""


def read() -> dict[int, str]:
    """Return the table as `str.translate` takes it."""
    return {{
        int(source, 16): prototype
        for row in ROWS.split(";")
        for left, _sign, right in [row.partition("<")]
        for prototype in ["".join(chr(int(code, 16)) for code in left.split())]
        for source in right.split()
    }}
'''


def version(text: str) -> str:
    """Return the version of Unicode that a file is of."""
    if found := _VERSION.search(text):
        return found[1]
    raise SystemExit("this is no confusables.txt: it has no line `# Version:`")


def pairs(text: str) -> dict[str, str]:
    """Return what a file says: a character, and its prototype."""
    rows = (_PAIR.match(line) for line in text.splitlines())
    return {
        chr(int(row[1], 16)): "".join(chr(int(code, 16)) for code in row[2].split())
        for row in rows
        if row
    }


def may_be_in_a_name(char: str) -> bool:
    """Return whether a name can have this character."""
    category = unicodedata.category(char)
    is_kept = category[0] in _KEPT or category == _UNKNOWN
    return is_kept and unicodedata.is_normalized("NFKC", char)


def module(data: bytes) -> str:
    """Return the module made of a file."""
    text = data.decode("utf-8-sig")
    alike: dict[str, list[str]] = {}
    for char, prototype in pairs(text).items():
        if may_be_in_a_name(char):
            alike.setdefault(_codes(prototype), []).append(f"{ord(char):X}")
    rows = [f"{look}<{' '.join(sorted(chars, key=_order))}" for look, chars in alike.items()]
    packed = textwrap.fill("; ".join(sorted(rows, key=_order)), _COLUMNS)
    digest = hashlib.sha256(data).hexdigest()
    return HEAD.format(version=version(text), digest=digest, rows=packed)


def _codes(chars: str) -> str:
    return " ".join(f"{ord(char):X}" for char in chars)


def _order(row: str) -> list[int]:
    return [int(code, 16) for code in re.findall(r"[0-9A-F]+", row)]


if __name__ == "__main__":
    sys.stdout.write(module(Path(sys.argv[1]).read_bytes()))
