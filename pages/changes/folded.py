"""The metrics without a clear change, which are folded away until somebody asks for them."""

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.analyses.compare import Change
from pages.shared import key, read_view, write_view

ALL = "all"


def unfold(rows: Sequence[Change], foremost: Sequence[Change]) -> bool:
    """Draws the choice, where there is one: whether all `rows` are shown, not the `foremost` alone."""
    rest = [row for row in rows if row not in foremost]
    if not rest:
        write_view({})
        return True
    unclear = sum(row.verdict == "no clear change" for row in rest)
    said = [
        f"{words.many(unclear, 'metric')} without a clear change" if unclear else "",
        f"{words.many(len(rest) - unclear, 'metric')} that cannot be judged" if len(rest) > unclear else "",
    ]
    chosen = st.toggle(
        f"Show {words.listed([each for each in said if each])}", bool(read_view().get(ALL)), key=key(ALL)
    )
    write_view({ALL: True} if chosen else {})
    return chosen
