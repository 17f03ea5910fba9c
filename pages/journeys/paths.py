"""Paths: which way people go, page after page or event after event, and which sessions take which way."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import path_sessions, paths, sessions
from analytics.charts import paths as chart
from pages.journeys import ways
from pages.shared import ask, end, escape, head, key, legend, palette, sessions_behind
from pages.shared.picking import pick

RETURNS_UP_TO = 300_000  # sessions; who had been somewhere before takes as long to count as the picture itself

page = head("Which way do people go?")
known = ways.stored()
params = ways.choose(known)
within = ask(sessions, sessions.Sessions(limit=0)).total
asked = replace(params, min_item_sessions=max(1, within // 2000), returns=within <= RETURNS_UP_TO)
result = ask(paths, asked)
order = chart.order(known.of(params.level), params.groups)
flow = chart.flow(asked, result, order)
if not flow.sessions:
    page.answer("**No session** goes this way. Choose another start or end, or leave out less.")
    page.actions(result.queries)
    end()

page.answer(chart.sentence(flow, lambda text: escape(text, 80)))
back = "↺ share of these sessions that had been there before. " if asked.returns else ""
noun = "a page" if params.level == "page" else "an event"
legend(chart.legend(palette(), flow, order), f"{back}Click {noun} or a stream for its sessions.")
height, width = chart.size(flow)
st.html(f"<style>.st-key-wide-flow > * {{ min-width: {width}px; }}</style>")  # many columns scroll sideways
with st.container(key="wide-flow"):
    event = st.echarts_chart(
        chart.echarts(palette(), flow, order),
        height=height,
        key=key(f"flow-{chart.fingerprint(flow)}"),  # what is selected is a number: of another flow, another thing
        on_select="rerun",
        theme=None,
        renderer="svg",
        alt=f"Flow of {words.many(flow.sessions, 'session')} over {params.steps} {params.level}s",
    )
st.caption(chart.note(flow))

drawn = (*flow.nodes, *flow.streams)
with st.container(horizontal=True, vertical_alignment="bottom"):
    one = drawn[
        pick(
            "Sessions of",
            [chart.as_link(one) for one in drawn],
            [chart.title(one, params, lambda text: chart.short(text, 60)) for one in drawn],
            chart.clicked(event["selection"], flow),
            drawn.index(chart.widest(flow)),
            width=430,
        )
    ]
    ways.offer(one if isinstance(one, chart.Node) else one.target, params)
title = chart.title(one, params, lambda text: escape(text, 80))
listed = sessions_behind("paths", title, path_sessions, chart.behind(one, flow))
page.actions((*result.queries, *listed.queries), chart.table(flow), "paths", chart.figure(palette(), flow, order))
