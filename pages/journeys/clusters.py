"""Kinds of sessions: what sorts of sessions there are, how they fare, and which ones they are."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import cluster_sessions, clusters, values
from analytics.analyses.cluster_sessions import ClusterSessions
from analytics.analyses.clusters import Clusters
from analytics.charts import clusters as chart
from analytics.scope import Scope
from analytics.stats.kinds import MOST
from pages.journeys import grouped, kept_kind
from pages.overview import goals
from pages.shared import (
    ask,
    end,
    escape,
    head,
    key,
    legend_ramp,
    palette,
    plotly,
    read_params,
    sessions_behind,
    write_params,
)
from pages.shared.lists import ROW
from pages.shared.picking import pick
from pages.shared.text import spoken

CLEAREST = 0
ORDERS = {"typical": "Most typical first", "latest": "Latest first"}


def choose() -> Clusters:
    """Draws the choices, keeps them in the link, and returns the question."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    usual = Clusters(goal=goals.likely(names), groups=grouped.usual())
    given = read_params(usual)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        why = "The event that counts as success. It is left out of what tells kinds apart."
        goal = goals.offer(given.goal, names, why)
        numbers = [CLEAREST, *range(2, MOST + 1)]
        k = st.selectbox(
            "Kinds",
            numbers,
            numbers.index(given.k or CLEAREST),
            format_func=lambda number: "As clear as can be" if number == CLEAREST else str(number),
            key=key("k"),
            width=170,
        )
        groups = grouped.choose(given.groups)
    params = replace(given, goal=goal, groups=groups, k=k or None)
    write_params(params, usual, always=("groups",) if groups else ())
    return params


def number_clicked(curve: str) -> None:
    """As many kinds as a click in the curve means."""
    number = chart.clicked(st.session_state[curve]["selection"]["points"])
    if number is not None:
        st.session_state[key("k")] = number


page = head("What kinds of sessions are there?")
params = choose()
result = ask(clusters, params)
goal = goals.said(params.goal)
page.answer(chart.sentence(result, goal, params.k, lambda text: escape(text, 140)))
if not result.kinds:
    page.actions(result.queries)
    end()

legend_ramp(
    "less than all sessions",
    "more",
    palette().changes,
    "In each square the mean of the kind. Click a row for its sessions.",
)
plain_goal = "" if params.goal is None else f"“{spoken(params.goal.label)}”"
figure = chart.figure(palette(), result, plain_goal)
with st.container(key="wide-kinds"):
    event = plotly(figure, key("kinds"), on_select="rerun", alt=f"{len(result.kinds)} kinds of sessions, one a row")
clicked = chart.clicked(event["selection"]["points"])
grid = st.grid(5, min_column_width=180, gap="medium")
with grid.cell(column_span=3):
    table = chart.rows(result)
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        row_height=ROW,
        height=ROW * len(table) + 32,
        column_config={"Kind": st.column_config.TextColumn(width=290)},
        alt="Kinds of sessions, one a row",
    )
    if params.k and len(result.kinds) < params.k:
        st.caption(f"There are not enough different sessions for {params.k} kinds.")
    told = (
        f"Found in {words.many(result.sample, 'session')}"
        if result.sample < result.sessions
        else "Found in all sessions"
    )
    brackets = " In brackets 95 % intervals." if params.goal else ""
    st.caption(f"{told}; each session is then of the kind that it is nearest to.{brackets}")
with grid.cell(column_span=2):
    if result.silhouettes:
        curve = key("clearness")
        plotly(
            chart.clearness(palette(), result),
            curve,
            on_select=lambda: number_clicked(curve),
            alt="How clear 2 to 8 kinds are",
        )

with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    number = pick(
        "Sessions of",
        [{"kind": kind.number} for kind in result.kinds],
        [kind.name for kind in result.kinds],
        clicked if clicked is not None and clicked < len(result.kinds) else None,
        width=420,
    )
    kind = result.kinds[number]
    order = st.selectbox("In which order", list(ORDERS), format_func=ORDERS.__getitem__, key=key("order"), width=190)
    kept_kind.offer(result.rule(kind))
listed = sessions_behind("kinds", escape(kind.name, 130), cluster_sessions, ClusterSessions(result.rule(kind), order))
page.actions((*result.queries, *listed.queries), chart.table(result), "kinds-of-sessions", figure)
