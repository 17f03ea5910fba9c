"""The list of releases, and which of them the picture draws."""

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import releases
from pages.changes.went_out import WentOut
from pages.shared.lists import ROW
from pages.shared.releases import MOST

TALL = 7  # releases in view


def shown(every: list[WentOut], one: WentOut) -> list[str]:
    """The releases that are drawn: those with most sessions, and the one that is looked at with the one before."""
    by_size = sorted((each.found for each in every if each.found), key=lambda found: -found.sessions)
    wanted = [one.value, one.found.before] if one.found else []
    return list(dict.fromkeys(name for name in [*wanted, *(found.release for found in by_size)] if name))[:MOST]


def table(every: list[WentOut], widget: str) -> None:
    """All of them, the latest first."""
    rows = [
        {
            "Release": one.name,
            "Since": one.day,
            "Sessions": one.found.sessions if one.found else None,
            "At most": words.percent(one.found.peak, 0) if one.found else "",
            "": "" if one.day else "tried out",
        }
        for one in every
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    used = {name: column for name, column in columns.items() if any(value not in ("", None) for value in column)}
    st.dataframe(
        pd.DataFrame(used),
        key=widget,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        row_height=ROW,
        height=ROW * min(len(rows), TALL) + 32,
        alt="Releases, one a row",
        column_config={
            "Release": st.column_config.TextColumn(width=110),
            "Since": st.column_config.DateColumn(format="D MMM YYYY", width=88),
            "Sessions": st.column_config.NumberColumn(format="%,d", width=72),
            "At most": st.column_config.TextColumn(
                alignment="right", width=64, help="Its largest share of a day's sessions."
            ),
            "": st.column_config.TextColumn(width=70),
        },
    )
    if sum(one.found is not None for one in every) == releases.EXAMPLE.limit:
        st.caption(f"Of those that sessions carry, the {words.count(releases.EXAMPLE.limit)} with most sessions.")
