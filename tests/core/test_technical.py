"""The table made of Unicode's IdentifierType.txt: which letters may stand in no name."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core import confusables, technical

ROOT = Path(__file__).parents[2]
# Of the table as `make technical` made it of the file that its docstring names, and of nothing else.
TABLE_SUM = "344f5f9603ae7fd18616236a47170915543e2cab4ff22497c00234699d556f79"

SAMPLE = """\
# IdentifierType.txt
# Date: 2031-01-01
# Version: 99.1.0
#
0061..007A    ; Recommended            # 1.1   [26] LATIN SMALL LETTER A..LATIN SMALL LETTER Z
0163          ; Uncommon_Use           # 1.1        LATIN SMALL LETTER T WITH CEDILLA
0250..0252    ; Technical              # 1.1    [3] LATIN SMALL LETTER TURNED A..LATIN SMALL LETTER TURNED ALPHA
0253          ; Recommended            # 1.1        LATIN SMALL LETTER B WITH HOOK
02B0          ; Technical Not_NFKC     # 1.1        MODIFIER LETTER SMALL H: NFKC makes an h of it before
0461          ; Obsolete               # 1.1        CYRILLIC SMALL LETTER OMEGA
13A0          ; Limited_Use            # 3.0        CHEROKEE LETTER A
1DCA          ; Technical Obsolete     # 5.0        COMBINING LATIN SMALL LETTER R BELOW
2190          ; Technical Not_XID      # 1.1        LEFTWARDS ARROW: no letter
A731          ; Obsolete               # 5.1        LATIN LETTER SMALL CAPITAL S
"""


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("technical_tool", ROOT / "tools/technical.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_is_told_in_the_module_and_in_its_docstring() -> None:
    """And it is that of the other table."""
    assert technical.VERSION == confusables.VERSION
    assert f"Unicode {technical.VERSION}" in (technical.__doc__ or "")


@pytest.mark.parametrize("letters", ["ɐʇʞɹʌɯǀǃᴀᴇɪɢʀꜱⱯƍȵ", "ʔʕˈː", "\u0330\u034e\u1dc4", "ᴦᴫ"])
def test_it_has_what_looks_like_letters_and_is_none(letters: str) -> None:
    assert set(letters) <= technical.read()


@pytest.mark.parametrize(
    "letters",
    ["azAZ09", "éñøłßœŁ", "ţŢĕŏḑ", "əɛɔŋɓɗ", "яёіїґџљ", "ѣѵ", "αώἀᾧ", "ʻʼ", "\u0301\u0308", "अपா",
     "محمدپڤ", "あア漢㛃", "ᎠⵣߊᐃꓮꙀ"],
)  # fmt: skip
def test_it_has_nothing_that_people_are_called_by(letters: str) -> None:
    assert not set(letters) & technical.read()


def test_a_row_holds_what_names_could_hold_and_nothing_else(tool: Any) -> None:
    made: dict[str, Any] = {}
    exec(tool.module(SAMPLE.encode()), made)
    assert made["VERSION"] == "99.1.0"
    assert made["read"]() == set("ɐɑɒ\u1dcaꜱ")
    assert hashlib.sha256(SAMPLE.encode()).hexdigest() in made["__doc__"]


@given(st.frozensets(st.integers(0, 300)))
def test_rows_hold_all_and_no_more(tool: Any, points: frozenset[int]) -> None:
    made: dict[str, Any] = {}
    packed = " ".join(tool.rows(sorted(points)))
    exec(tool.HEAD.format(version="", digest="", rows=packed), made)
    assert made["read"]() == set(map(chr, points))


def test_a_file_of_another_kind_is_refused(tool: Any) -> None:
    with pytest.raises(SystemExit, match=r"no IdentifierType\.txt"):
        tool.module(b"# confusables.txt\n# Version: 17.0.0\n")


def test_the_table_is_as_it_was_made() -> None:
    letters = "".join(sorted(technical.read()))
    assert hashlib.sha256(letters.encode()).hexdigest() == TABLE_SUM
