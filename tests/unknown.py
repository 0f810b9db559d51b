"""Kinds of events that this version does not know: a newer one may have written them, or another node."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from chatproto.core.events import KINDS

# SQLite's numbers; and, more often, those that will be next.
UNKNOWN_KINDS: Final = (st.integers(-1, 100) | st.integers(-(2**63), 2**63 - 1)).filter(
    lambda kind: kind not in KINDS
)
