"""The table made of Unicode's confusables.txt: what it says, and that it was not changed by hand."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from chatproto.core import confusables

ROOT = Path(__file__).parents[2]
# Of the table as `make confusables` made it of the file that its docstring names, and of nothing else.
TABLE_SUM = "d4147c9e592965ee123614291932f76e23492ecc0a95f0b85ed924686e0c037f"

SAMPLE = """\
# confusables.txt
# Version: 99.1.0
#
0251 ;\t0061 ;\tMA\t# ( ɑ → a ) LATIN SMALL LETTER ALPHA → LATIN SMALL LETTER A\t#
006D ;\t0072 006E ;\tMA\t# ( m → rn ) LATIN SMALL LETTER M → LATIN SMALL LETTER R, LATIN SMALL LETTER N\t#
FF41 ;\t0061 ;\tMA\t# ( ａ → a ) FULLWIDTH LATIN SMALL LETTER A: NFKC makes an a of it before
2223 ;\t006C ;\tMA\t# ( ∣ → l ) DIVIDES: no letter
03B1 ;\t0061 ;\tMA\t# ( α → a ) GREEK SMALL LETTER ALPHA\t#
"""


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("confusables_tool", ROOT / "tools/confusables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_is_told_in_the_module_and_in_its_docstring() -> None:
    assert confusables.VERSION == "17.0.0"
    assert f"Unicode {confusables.VERSION}" in (confusables.__doc__ or "")


@pytest.mark.parametrize(
    ("prototype", "alike"),
    [
        ("a", "ɑαа"), ("c", "сᴄ"), ("e", "е"), ("i", "ıіɪꭵ"), ("o", "оοօ૦০౦σ०"), ("p", "рρ"), ("s", "ѕ"),
        ("u", "υս"), ("v", "νѵ"), ("x", "х"), ("y", "уү"), ("l", "1IӀІΙǀו١"), ("O", "0ОΟꓳ೦"), ("rn", "m"),
        ("A", "ΑАᎪꓮ"), ("B", "ΒВᏴꓐ"), ("C", "СᏟꓚ"), ("E", "ΕЕᎬꓰ"), ("H", "ΗНᎻ"), ("K", "ΚКᏦ"),
        ("L", "Ꮮꓡ"), ("M", "ΜМᎷ"), ("P", "ΡРᏢ"), ("T", "ΤТᎢ"), ("X", "ΧХ"), ("6", "б"), ("3", "ЗӠ"),
    ],
)  # fmt: skip
def test_pairs_that_everybody_sees(prototype: str, alike: str) -> None:
    table = confusables.read()
    for char in alike:
        assert table[ord(char)] == prototype, char


def test_a_plain_prototype_stands_for_itself() -> None:
    table = confusables.read()
    plain = {prototype for prototype in table.values() if prototype.isascii()}
    assert len(plain) > 50
    assert all(prototype.translate(table) == prototype for prototype in plain)


def test_a_row_holds_what_names_may_hold_and_nothing_else(tool: Any) -> None:
    made: dict[str, Any] = {}
    exec(tool.module(SAMPLE.encode()), made)
    assert made["VERSION"] == "99.1.0"
    assert made["read"]() == {0x251: "a", 0x6D: "rn", 0x3B1: "a"}


def test_a_file_of_another_kind_is_refused(tool: Any) -> None:
    with pytest.raises(SystemExit, match=r"no confusables\.txt"):
        tool.module(b"# Scripts.txt")


def test_the_table_is_as_it_was_made() -> None:
    rows = (f"{point:X} {look}" for point, look in sorted(confusables.read().items()))
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest() == TABLE_SUM


def test_the_file_is_told_by_its_sum(tool: Any) -> None:
    assert hashlib.sha256(SAMPLE.encode()).hexdigest() in tool.module(SAMPLE.encode())
    assert re.search(r"SHA-256 is [0-9a-f]{64}\.", confusables.__doc__ or "")
