"""What is selected on a picture and on the table beside it: one thing at a time, kept in the link.

A callback only notes it: the run that follows writes the link. Picture and table hold what was selected on them under
their keys, so whichever has to let go of it gets another key.
"""

from typing import Any

import streamlit as st

from analytics.charts.heatmap import Region
from pages.shared import read_selection, write_selection

CHOSEN = "spot-chosen"
TURNS = "spot-turns"


def note(selection: dict[str, Any] | None = None, *let_go: str) -> None:
    """For callbacks: what is selected from now on, nothing on another page; `let_go` of it: "picture", "table"."""
    st.session_state[CHOSEN] = selection
    for where in let_go:
        _turns()[where] += 1


def turn(where: str) -> int:
    """Part of the key of the "picture" or the "table": counts how often it had to let go."""
    return _turns()[where]


def selected() -> dict[str, Any]:
    """What the link has, after what a callback has noted; empty for nothing."""
    if CHOSEN in st.session_state:
        write_selection(st.session_state.pop(CHOSEN))
    return read_selection() or {}


def region() -> Region | None:
    """The region that is selected, if one is."""
    edges = selected().get("region")
    if not (isinstance(edges, list) and len(edges) == 4 and all(isinstance(edge, int) for edge in edges)):
        return None
    found = Region(*edges)
    return found if found.left < found.right and found.top < found.bottom else None


def _turns() -> dict[str, int]:
    return st.session_state.setdefault(TURNS, {"picture": 0, "table": 0})
