"""Paths: which way people go, page after page or event after event, and which sessions take which way."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import paths, sessions
from analytics.charts import paths as chart
from analytics.charts import sankey
from pages.journeys import paths_against, paths_picture, ways
from pages.shared import ask, end, escape, head, key, legend, legend_ramp, palette
from pages.shared.lists import ROW

RETURNS_UP_TO = 300_000  # sessions; who had been somewhere before takes as long to count as the picture itself

page = head("Which way do people go?")
known = ways.stored()
chosen = ways.choose(known)
params = chosen.params
within = ask(sessions, sessions.Sessions(limit=0)).total
order = chart.order(known.of(params.level), params.groups)
if chosen.pair:
    paths_against.draw(page, chosen, order, within)
    end()

asked = replace(params, min_item_sessions=max(1, within // 2000), returns=within <= RETURNS_UP_TO)
result = ask(paths, asked)
flow = chart.flow(asked, result, order)
if not flow.paths:
    page.answer(chart.nothing(params, lambda text: escape(text, 80)))
    page.actions(result.queries)
    end()

page.answer(chart.sentence(flow, lambda text: escape(text, 80)))
by_goal = chosen.colour == "goal" and params.goal is not None
drawing = chart.drawing(palette(), flow, order, by_goal)
noun = "a page" if params.level == "page" else "an event"
if by_goal:
    most = words.percent(chart.highest(flow))
    legend_ramp(
        f"0{words.SPACE}%", most, palette().amounts[2:],
        f"come to {chart.goal(params)} from there on. Grey is not known. Click {noun} or a stream for its sessions.",
    )  # fmt: skip
else:
    back = "↺ share of these sessions that had been there before. " if asked.returns else ""
    loops = "" if params.collapse_repeats else f"{chart.AGAIN} the same {params.level} again. "
    legend(chart.legend(palette(), flow, order), f"{back}{loops}Click {noun} or a stream for its sessions.")
alt = f"Flow of {words.many(flow.sessions, 'session')} over {params.columns} {params.level}s"
clicked = paths_picture.draw(drawing, flow, "flow", alt)
with st.container(horizontal=True, vertical_alignment="center"):
    with st.container(gap=None):
        st.caption(chart.note(flow))
    with st.popover(
        "Figures", icon=":material/table_rows:", type="tertiary", key="paths-figures", on_change="rerun"
    ) as more:
        if more.open:
            for title, rows in (("Streams", chart.links(flow)), ("In, out and left", chart.balance(flow))):
                st.subheader(title, anchor=False)
                st.dataframe(
                    pd.DataFrame(rows),
                    key=key(f"paths-{title}"),
                    hide_index=True,
                    row_height=ROW,
                    height=ROW * min(len(rows), 10) + 32,
                    width=980,
                    alt=title,
                    column_config={
                        name: st.column_config.NumberColumn(format="%,d")
                        for name, value in rows[0].items()
                        if isinstance(value, int)
                    }
                    if rows
                    else None,
                )

with st.container(horizontal=True, vertical_alignment="bottom"):
    one = paths_picture.choose(flow, clicked, chart.widest(flow))
    ways.offer(one if isinstance(one, chart.Node) else one.target, chosen)
listed = paths_picture.sessions(one, flow, chart.title(one, params, lambda text: escape(text, 80)))
page.actions((*result.queries, *listed.queries), chart.table(flow), "paths", sankey.figure(palette(), drawing))
