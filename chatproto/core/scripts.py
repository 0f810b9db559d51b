"""Scripts: what the alphabets of names are called, to people.

Must not know nicks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.language import Sentence, _, in_a_row

if TYPE_CHECKING:
    from collections.abc import Iterable

# By the first word of the Unicode names of their letters; others are told by that word.
_NAMES: Final = {
    "ARABIC": _("Arabic"),
    "ARMENIAN": _("Armenian"),
    "CHEROKEE": _("Cherokee"),
    "CJK": _("Chinese"),
    "CYRILLIC": _("Cyrillic"),
    "DEVANAGARI": _("Devanagari"),
    "GEORGIAN": _("Georgian"),
    "GREEK": _("Greek"),
    "HANGUL": _("Korean"),
    "HEBREW": _("Hebrew"),
    "HIRAGANA": _("hiragana"),
    "KATAKANA": _("katakana"),
    "LATIN": _("Latin"),
    "THAI": _("Thai"),
}


def told(scripts: Iterable[str]) -> Sentence:
    """Return the names of scripts, of which there are two or more, as a sentence lists them."""
    names = [_NAMES.get(script, Sentence(script.capitalize())) for script in sorted(scripts)]
    return _("{names} and {last}", names=in_a_row(names[:-1]), last=names[-1])
