"""Who a bar of the funnel counts: a list of sessions or of people, and where those who stopped went next."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import dropouts, paths
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.paths import Paths
from analytics.charts import funnel as chart
from analytics.charts.paths import called
from analytics.conditions import Filter
from pages.shared import LIST_SIZE, ask, current_scope, go_to, link_of, page_of, palette, plotly, sessions_behind
from pages.shared.lists import ROW, pages

LATEST = 2000  # sessions whose next page is looked at
NEXT = 5  # pages that are named
OPEN = "Open"


def behind(asked: Dropouts, title: str) -> dropouts.DropoutsResult:
    """The list, page by page; returns what is shown of it."""
    if asked.by == "session":
        return sessions_behind("funnel", title, dropouts, asked)
    shown = page_of("funnel")
    found = ask(dropouts, replace(asked, limit=LIST_SIZE, offset=LIST_SIZE * (shown - 1)))
    if shown > 1 and not found.rows:  # another bar, with a shorter list
        st.session_state["funnel-page"] = 1
        found = ask(dropouts, replace(asked, limit=LIST_SIZE))
    st.subheader(f"{title}: {words.many(found.total, 'person', 'people')}", anchor=False)
    if not found.rows:
        st.caption("Nobody to show.")
        return found
    people = [row.user for row in found.rows]
    st.dataframe(
        pd.DataFrame({"Person": people, OPEN: ":material/view_list: Sessions"}),
        key="funnel-people",
        hide_index=True,
        row_height=ROW,
        height=min(ROW * len(people) + 32, ROW * 25 + 32),
        width=480,
        alt="People, one a row",
        column_config={
            "Person": st.column_config.TextColumn(width=350),
            OPEN: st.column_config.ButtonColumn("", key="funnel-person", on_click=_ignored, type="tertiary", width=110),
        },
    )
    pages("funnel", found.total)
    clicked = st.session_state.get("funnel-person")
    if clicked is not None and clicked.row is not None and clicked.row < len(people):
        go_to("sessions", link_of(current_scope().also((Filter("user", "is", people[clicked.row]),))))
    return found


def _ignored() -> None:
    """The click is read after the table, where the page may be left."""


def went_next(asked: Dropouts) -> None:
    """Where the sessions that stopped went after they first came to that step; nothing for people, who come again."""
    if asked.by != "session" or asked.step is None:
        return
    latest = ask(dropouts, replace(asked, limit=LATEST))
    ids = tuple(row.session_id for row in latest.rows)
    if not ids:
        return
    onward = Paths("page", start=asked.steps[asked.step - 1], steps=2)
    found = ask(paths, onward, current_scope().also((Filter("session_id", "in", ids),)))
    if not found.sessions:
        return
    st.subheader("Where they went next", anchor=False)
    targets: Counter[str] = Counter()
    for link in found.links:
        targets[called(link.target, "page")] += link.sessions
    rows = [("Left", sum(total.left for total in found.totals[:1])), *targets.most_common(NEXT)]
    rows = sorted((row for row in rows if row[1]), key=lambda row: -row[1])[:NEXT]
    plotly(chart.instead(palette(), rows, found.sessions), key="funnel-next", alt="Next page of those who stopped")
    if latest.total > len(ids):
        st.caption(f"Of the latest {words.count(len(ids))}.")
