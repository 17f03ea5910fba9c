"""Paths of two scopes: one picture of what differs, the table of changes, and the sessions of either side."""

from dataclasses import fields, replace

import pandas as pd
import streamlit as st

from analytics.analyses import path_changes, paths
from analytics.analyses.path_changes import PathChanges
from analytics.charts import flow as flows
from analytics.charts import path_changes as chart
from analytics.charts import sankey
from analytics.charts.flow import Node, Order
from analytics.charts.paths_words import short, title
from analytics.path_sql import Walk
from pages.journeys import paths_picture, view, ways
from pages.shared import Page, ask, end, escape, key, legend, palette
from pages.shared.lists import ROW

PEOPLE = 50_000  # sessions, about, whose people tell how sure a difference is


def draw(page: Page, chosen: ways.Chosen, order: Order, within: int) -> None:
    """The whole page below its choices; `within` is how many sessions the two sides have about."""
    params, pair = chosen.params, chosen.pair
    if pair is None:
        return
    scopes, names = (pair.there, pair.here), (pair.there_name, pair.here_name)
    plain = replace(params, min_item_sessions=max(1, within // 4000), goal=None, medians=False)
    each = [ask(paths, plain, scope) for scope in scopes]
    for found, text in zip(each, names, strict=True):
        if not found.paths:
            page.answer(f"**Nothing to compare**: in {escape(text, 80)} no session goes this way.")
            page.actions([query for one in each for query in one.queries])
            end()
    walk = {field.name: getattr(params, field.name) for field in fields(Walk)}
    asked = PathChanges(**walk, shown=flows.shown(params, each), one_of=max(1, within // PEOPLE))
    there, here = (ask(path_changes, asked, scope) for scope in scopes)
    one = chart.difference(params, there, here, order, names)

    page.answer(chart.sentence(one, lambda text: escape(text, 80)))
    noun = "a page" if params.level == "page" else "an event"
    legend(chart.entries(palette(), names), f"Width: mean of both. Click {noun} or a stream for its sessions.")
    drawing = chart.drawing(palette(), one)
    clicked = paths_picture.draw(drawing, one.flow, "changed", "What differs between the paths of two groups")
    st.caption(chart.note(one))

    rows = chart.rows(one)
    st.subheader("What differs, link by link", anchor=False)
    st.dataframe(
        pd.DataFrame(rows),
        key=key("paths-changed"),
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 12) + 32,
        alt="Each link's share on both sides with its difference",
        column_config={
            column: st.column_config.TextColumn(alignment="right")
            for column in (*list(rows[0])[3:7], "q")
        } if rows else None,
    )  # fmt: skip
    widest = one.links[0][0] if one.links else one.flow.nodes[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawn = paths_picture.choose(one.flow, clicked, widest)
        sides = {"after": names[1], "before": names[0]}
        given = view.read("side")
        side = st.segmented_control(
            "In",
            list(sides),
            default=given if given in sides else "after",
            format_func=lambda side: escape(_upper(short(sides[side], 40))),
            required=True,
            key=key("side"),
        )
        view.keep("side", side, "after")
        ways.offer(drawn if isinstance(drawn, Node) else drawn.target, chosen)
    scope, of = (pair.here, names[1]) if side == "after" else (pair.there, names[0])
    said = f"{title(drawn, params, lambda text: escape(text, 80))}, {escape(of, 80)}"
    listed = paths_picture.sessions(drawn, one.flow, said, scope)
    queries = (*each[0].queries, *each[1].queries, *there.queries, *here.queries, *listed.queries)
    page.actions(queries, chart.figures(one), "paths-changed", sankey.figure(palette(), drawing))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
