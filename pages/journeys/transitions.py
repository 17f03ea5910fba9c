"""Transitions: what follows straight upon what, how often people go back, and how often they repeat."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import sessions, transition_sessions, transitions
from analytics.analyses.transition_sessions import TransitionSessions
from analytics.charts import paths as paths_chart
from analytics.charts import transitions as chart
from analytics.charts.transitions import Drawn
from pages.journeys import moves, view, ways
from pages.shared import ask, escape, head, key, legend, legend_ramp, palette, plotly, sessions_behind
from pages.shared.picking import pick

TIMES_UP_TO = 300_000  # sessions; the time of a step takes longer than its count
LEAST = {0.0: "all links", 0.0025: "0.25 %", 0.005: "0.5 %", 0.01: "1 %", 0.02: "2 %", 0.05: "5 %"}
USUAL = 0.005


def draw_graph(drawn: Drawn, order: paths_chart.Order) -> int | None:
    """The graph, and which link is clicked."""
    given = view.read("least")
    options = list(LEAST)
    least = st.select_slider(
        "Links from this share of all steps",
        options,
        given if given in options else USUAL,
        format_func=LEAST.__getitem__,
        key=key("least"),
        width=330,
    )
    view.keep("least", least, USUAL)
    colours = paths_chart.section_colours(palette(), order)
    sections = {paths_chart.grouping.section(item) for item in drawn.items}
    entries = [(paths_chart.called(s, drawn.params.level), c) for s, c in colours.items() if s in sections]
    legend(
        [*entries, ("all else", palette().context)],
        "Right: on, down the order. Left: back up. Ring: the same again, with its share. Click a mark.",
    )
    event = plotly(
        chart.graph(palette(), drawn, order, least),
        key(f"graph-{least}"),
        "rerun",
        alt=f"Graph of {words.many(len(drawn.items), drawn.params.level)} and the steps between them",
    )
    st.caption(chart.note(drawn, least))
    return chart.arc_clicked(event["selection"]["points"], drawn)


def draw_matrix(drawn: Drawn) -> int | None:
    """The matrix, and which link is clicked."""
    norm = drawn.params.norm
    legend_ramp(
        "little",
        "much",
        palette().amounts[:-2],
        f"{chart.NORMS[norm]}. Click a cell for its sessions."
        + (" A dot is less than half a percent." if norm in ("from", "to") else ""),
    )
    event = plotly(
        chart.matrix(palette(), drawn),
        key(f"matrix-{norm}"),
        "rerun",
        alt=f"Matrix of {words.many(len(drawn.rows), 'row')} by {words.many(len(drawn.columns), 'column')}",
    )
    return chart.cell_clicked(event["selection"]["points"], drawn)


page = head("What follows upon what?")
known = ways.stored()
params, shape = moves.choose(known)
order = paths_chart.order(known.of(params.level), params.groups)
items = paths_chart.items(known.of(params.level), params.groups)
within = ask(sessions, sessions.Sessions(limit=0)).total
asked = replace(params, shown=chart.shown(order, items, params.exclude), times=within <= TIMES_UP_TO)
result = ask(transitions, asked)
if not result.links:
    page.answer(f"**No session** has {'a page' if params.level == 'page' else 'an event'} here. Leave out less.")
    page.actions(result.queries)
    st.stop()

drawn = chart.drawn(asked, result, order)
page.answer(chart.sentence(drawn, lambda text: escape(text, 80)))
clicked = draw_graph(drawn, order) if shape == "graph" else draw_matrix(drawn)
place = pick(
    "Sessions of",
    [chart.as_link(link) for link in drawn.links],
    [chart.title(link, params.level, lambda text: paths_chart.short(text, 40)) for link in drawn.links],
    clicked,
    chart.usual(drawn),
    width=430,
)
link = drawn.links[place]
title = chart.title(link, params.level, lambda text: escape(text, 80))
behind = TransitionSessions(replace(asked, times=False, norm="count"), link.source, link.target)
listed = sessions_behind("transitions", title, transition_sessions, behind)
picture = (
    chart.matrix(palette(), drawn)
    if shape == "matrix"
    else chart.graph(palette(), drawn, order, view.read("least") or USUAL)
)
page.actions((*result.queries, *listed.queries), chart.table(drawn), "transitions", picture)
