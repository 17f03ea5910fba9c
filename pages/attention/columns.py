"""Which columns the list of sessions shows, and in which order: chosen on the page, kept in its link."""

from collections.abc import Sequence

import streamlit as st

from analytics.analyses.sessions import Order
from pages.shared import key
from pages.shared.lists import COLUMNS, USUAL

MORE = ("First page", "Last page", "Value")
SHOWN = tuple(name for name in COLUMNS if name in (*USUAL, *MORE))
"""Without a word in the link."""
BESIDE_WHY = ("Started", "Person", "Device", "Length")
"""The same beside the reasons, which need the room."""

FIELDS = {
    "Started": "start", "Person": "user", "Release": "release", "Device": "device", "Browser": "browser",
    "System": "os", "Country": "country", "Campaign": "campaign", "Length": "duration_s", "Active": "active_s",
    "Pages": "page_views", "Clicks": "clicks", "Errors": "errors", "Events": "events", "Value": "value",
    "First page": "entry_page", "Last page": "exit_page",
}  # fmt: skip
DIRECTIONS = {"Started": ("Latest first", "Earliest first")} | dict.fromkeys(
    ("Length", "Active"), ("Longest first", "Shortest first")
)
TEXTS = ("Person", "Release", "Device", "Browser", "System", "Country", "Campaign", "First page", "Last page")


def read(given: object) -> tuple[str, ...]:
    """The columns that a link's view names; the usual ones where it names none that there are."""
    named = given if isinstance(given, list) else []
    return tuple(name for name in COLUMNS if name in named) or SHOWN


def choose(now: Sequence[str]) -> tuple[str, ...]:
    """Draws the choice and returns the columns, in the table's order; all of them off is the usual ones."""
    with st.popover("Columns", icon=":material/view_column:", type="tertiary", key="list-columns"):
        st.caption("The download has all of them.")
        grid = st.columns(2, gap="small")
        chosen = [
            name
            for n, name in enumerate(COLUMNS)
            if grid[2 * n // (len(COLUMNS) + 1)].checkbox(name, name in now, key=key(f"column-{name}"))
        ]
    return tuple(chosen) or SHOWN


def directions(column: str) -> tuple[str, str]:
    """What the two ways round are called: descending, ascending."""
    return DIRECTIONS.get(column) or (("Z to A", "A to Z") if column in TEXTS else ("Most first", "Fewest first"))


def order(column: str, descending: bool) -> Order:
    """As the question has it."""
    found: Order = f"{'-' if descending else ''}{FIELDS[column]}"  # type: ignore[assignment]
    return found


def column_of(order: Order) -> tuple[str, bool]:
    """The column that a question is sorted by, and whether the largest comes first."""
    return next(name for name, field in FIELDS.items() if field == order.lstrip("-")), order.startswith("-")
