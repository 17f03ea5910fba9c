"""Who a bar of the funnel counts: a list of sessions, people or values, and where those who stopped went next."""

from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import dropouts, paths
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.paths import Paths
from analytics.charts import funnel as chart
from analytics.charts.paths import called
from analytics.conditions import Filter, column
from analytics.scope import Scope
from pages.shared import LIST_SIZE, ask, current_scope, go_to, link_of, page_of, palette, plotly, sessions_behind
from pages.shared.lists import ROW, list_key, pages
from pages.shared.text import bare

LATEST = 2000  # sessions whose next page is looked at
NEXT = 6  # pages or events that are named
OPEN = "Open"


def counted(by: str) -> str:
    """What is counted, plural; for markdown and for pictures alike."""
    known = {"session": "sessions", "user": "people"}
    return known.get(by) or f"values of {bare(column(by, 'x').words)}"


def behind(asked: Any, title: str, scope: Scope | None = None, module: ModuleType = dropouts) -> Any:
    """The list, page by page; `title` is markdown. Returns what is shown of it."""
    if asked.by == "session":
        return sessions_behind("funnel", title, module, asked, scope)
    listed = list_key("funnel", (asked, scope))
    found = ask(module, replace(asked, limit=LIST_SIZE, offset=LIST_SIZE * (page_of(listed) - 1)), scope)
    one, some = ("person", "people") if asked.by == "user" else ("value", "values")
    st.subheader(f"{title}: {words.many(found.total, one, some)}", anchor=False)
    if not found.rows:
        st.caption("Nobody to show.")
        return found
    names = [row.user if asked.by == "user" else row.value for row in found.rows]
    head = "Person" if asked.by == "user" else column(asked.by, "x").words.capitalize()
    st.dataframe(
        pd.DataFrame({head: names, OPEN: ":material/view_list: Sessions"}),
        key=f"{listed}-people",
        hide_index=True,
        row_height=ROW,
        height=min(ROW * len(names) + 32, ROW * 25 + 32),
        width=480,
        alt=f"{head}, one a row",
        column_config={
            head: st.column_config.TextColumn(width=350),
            OPEN: st.column_config.ButtonColumn(
                "", key=f"{listed}-open", on_click=_ignored, type="tertiary", width=110
            ),
        },
    )
    pages(listed, found.total)
    clicked = st.session_state.get(f"{listed}-open")
    if clicked is not None and clicked.row is not None and clicked.row < len(names):
        within = current_scope() if scope is None else scope
        go_to("sessions", link_of(within.also((Filter(asked.by, "is", names[clicked.row]),))))
    return found


def _ignored() -> None:
    """The click is read after the table, where the page may be left."""


def went_next(asked: Dropouts, scope: Scope | None = None, events: bool = False) -> None:
    """Where the sessions that stopped went after they first came to that step; nothing for people, who come again.

    With `events` also what they did next.
    """
    if asked.by != "session" or asked.step is None:
        return
    latest = ask(dropouts, replace(asked, limit=LATEST), scope)
    ids = tuple(row.session_id for row in latest.rows)
    if not ids:
        return
    within = (current_scope() if scope is None else scope).also((Filter("session_id", "in", ids),))
    for level in ("page", "event") if events else ("page",):
        onward = Paths(level, start=asked.steps[asked.step - 1], steps=2)
        found = ask(paths, onward, within)
        if not found.sessions:
            continue
        st.subheader("Where they went next" if level == "page" else "What they did next", anchor=False)
        targets: Counter[str] = Counter()
        for link in found.links:
            targets[called(link.target, level)] += link.sessions
        left = sum(total.left for total in found.totals[:1])
        rows = [("Left" if level == "page" else "Nothing more", left), *targets.most_common(NEXT)]
        rows = sorted((row for row in rows if row[1]), key=lambda row: -row[1])[:NEXT]
        key = f"funnel-next-{level}"
        plotly(chart.instead(palette(), rows, found.sessions), key=key, alt=f"Next {level} of those who stopped")
        others = found.sessions - sum(number for _, number in rows)
        of = f"Of {words.many(found.sessions, 'session')}"
        of += f", the latest of {words.count(latest.total)}" if latest.total > len(ids) else ""
        st.caption(f"{of}; {words.count(others)} went elsewhere." if others > 0 else f"{of}.")
