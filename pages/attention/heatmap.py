"""Heatmap: where a page is clicked, by spot and by element, and the sessions behind either."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics import grouping, words
from analytics.analyses import event_sessions, heatmap, heatmap_sessions, scroll, values
from analytics.analyses.heatmap import SCREENS, Element, Heatmap, HeatmapResult
from analytics.analyses.heatmap_sessions import HeatmapSessions
from analytics.charts import heatmap as chart
from analytics.charts.heatmap import Region
from analytics.conditions import Matcher
from analytics.vocabulary import MOVE
from analytics.workspace import pictures
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
    read_selection,
    sessions_behind,
    store,
    write_params,
    write_selection,
)

KINDS = {"click": "Clicks", "move": "Moves"}
SPREADS = {8: "Fine, 8 px", 13: "Medium, 13 px", 25: "Coarse, 25 px"}
ROW = 28  # px of the table of elements
CHOSEN = "heatmap-chosen"  # what a callback has noted for the run that follows, which alone writes links
TURNS = "heatmap-turns"  # count how often picture and table had to let go of what was selected on them


# ------------------------------------------------------------------------------------------------------ the question


def offered() -> dict[str, str]:
    """The pages of the scope by traffic with what is said of each, then those that are many of one kind."""
    found = ask(values, values.Values("page")).values
    names = [value.value for value in found]
    pages = {value.value: f"{value.value}, {words.many(value.sessions, 'session')}" for value in found}
    proposed = [one.pattern for one in grouping.proposals((value.value, value.events) for value in found)]
    counts = {glob: sum(grouping.matches(name, glob) for name in names) for glob in proposed}
    return pages | {glob: f"{glob}, {words.count(count)} pages as one" for glob, count in counts.items()}


def screen_of(params: Heatmap, result: HeatmapResult) -> str:
    """The kind of windows asked for by its name in `SCREENS`; the busiest one when none is."""
    if params.viewport:
        return next((name for name, band in SCREENS.items() if band == params.viewport), "these")
    return next((screen.screen for screen in result.screens if screen.screen in SCREENS), "unknown")


def said(screen: str, params: Heatmap, result: HeatmapResult) -> str:
    """A kind of windows with what came from it: "Phone, 3,781"."""
    if screen == "these" and params.viewport:
        return f"{words.interval(*params.viewport)}{words.SPACE}px"
    counts = {found.screen: found.events for found in result.screens}
    return f"{'Any' if screen == 'unknown' else screen.capitalize()}, {words.count(counts.get(screen, 0))}"


def choose(params: Heatmap, result: HeatmapResult, pages: dict[str, str]) -> tuple[Heatmap, str, int]:
    """The controls: the question as they have it, the kind of windows it is of, and how far to smooth."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = list(dict.fromkeys([*pages, params.page]))
        page = st.selectbox(
            "Page", names, names.index(params.page), format_func=lambda name: pages.get(name, name), width=320,
            key=key("page"), on_change=note,
        )  # fmt: skip
        kind = params.kind
        moves = event_sessions.EventSessions(Matcher(name=MOVE, page=params.page), limit=1)
        if kind == MOVE or ask(event_sessions, moves).total:
            kind = st.segmented_control(
                "Kind", list(KINDS), default=kind, format_func=KINDS.get, required=True, key=key("kind"), on_change=note
            )
        now = screen_of(params, result)
        screens = [name for name in SCREENS if name == now or any(found.screen == name for found in result.screens)]
        screen = st.segmented_control(
            "Screen", screens if now in screens else [*screens, now], default=now, required=True, on_change=note,
            format_func=lambda name: said(name, params, result), key=key(f"screen-{params.page}-{params.kind}"),
        )  # fmt: skip
        spread = st.selectbox(
            "Smoothing", list(SPREADS), 1, format_func=SPREADS.get, key="smoothing", bind="query-params", width=150
        )
    viewport = params.viewport if screen == now else SCREENS.get(screen)
    return replace(params, page=page, kind=kind, viewport=viewport), screen, spread


# ----------------------------------------------------------------------------------------------------- the selection


def note(selection: dict[str, Any] | None = None, *let_go: str) -> None:
    """What is selected from now on, nothing on another page or screen; `let_go` of it: the picture, the table."""
    st.session_state[CHOSEN] = selection
    for where in let_go:
        turns()[where] += 1


def turns() -> dict[str, int]:
    """Part of the keys of picture and table, which begin anew when theirs counts up."""
    return st.session_state.setdefault(TURNS, {"picture": 0, "table": 0})


def on_picture(chart_key: str, side: int) -> None:
    """A box was drawn on the picture, a spot clicked, or either taken away again."""
    selection = st.session_state[chart_key]["selection"]
    box = chart.region(side, selection["points"], selection["box"])
    if box:
        note({"region": [box.left, box.right, box.top, box.bottom]}, "table")
    elif "region" in (read_selection() or {}):
        note()


def in_table(table_key: str, elements: list[str]) -> None:
    """A row of the table of elements was chosen, or none any more."""
    rows = st.session_state[table_key]["selection"]["rows"]
    note({"element": elements[rows[0]]} if rows else None)


def selected(result: HeatmapResult) -> Element | Region | None:
    """What is selected, as far as it is on this page."""
    if CHOSEN in st.session_state:
        write_selection(st.session_state.pop(CHOSEN))
    link = read_selection() or {}
    region = link.get("region")
    if isinstance(region, list) and len(region) == 4 and all(isinstance(edge, int) for edge in region):
        return Region(*region)
    return next((element for element in result.elements if element.called == link.get("element")), None)


def behind(params: Heatmap, marked: Element | Region | None) -> tuple[str, HeatmapSessions]:
    """What the list of sessions is called, and the question that makes it."""
    asked = HeatmapSessions(params.page, params.kind, params.viewport)
    what = "anything here"
    if isinstance(marked, Element):
        asked = replace(asked, element=marked.called)
        what = f"“{escape(chart.name_of(marked), 60)}”"
    elif marked:
        asked = replace(asked, region=(marked.left, marked.right, marked.top, marked.bottom))
        what = f"within {words.count(marked.right - marked.left)} × {words.count(marked.bottom - marked.top)} px"
    did = "Clicked" if params.kind == "click" else "Moved over"
    return f"{did} {what}", asked


# ---------------------------------------------------------------------------------------------------------- the page


def rows_of(result: HeatmapResult) -> list[dict[str, Any]]:
    """The elements as the download has them."""
    viewers = result.totals.viewers
    return [
        {
            "element": one.element,
            "called": one.called,
            "name": chart.name_of(one),
            "events": one.events,
            "sessions": one.sessions,
            "share_of_viewers": one.sessions / viewers if viewers else None,
        }
        for one in result.elements
    ]


def elements(params: Heatmap, rows: list[dict[str, Any]], table_key: str) -> None:
    """The table beside the picture; a row can be chosen, and with it the sessions below."""
    st.subheader(f"Elements, by {KINDS[params.kind].lower()}", anchor=False)
    if not rows:
        st.caption("None of these says what was hit.")
        return
    table = pd.DataFrame(
        {
            "Element": [row["name"] for row in rows],
            KINDS[params.kind]: [row["events"] for row in rows],
            "Sessions": [row["sessions"] for row in rows],
            "Of viewers": [min(100, 100 * (row["share_of_viewers"] or 0)) for row in rows],
        }
    )
    whole = st.column_config.NumberColumn(format="%,d", width=64)
    share = st.column_config.ProgressColumn(
        format="%.1f %%", min_value=0, max_value=100, width=110, color=palette().series[0],
        help="Sessions with it among those that saw the page on such a screen",
    )  # fmt: skip
    st.dataframe(
        table,
        key=table_key,
        on_select=lambda: in_table(table_key, [row["called"] for row in rows]),
        selection_mode="single-row",
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 14) + ROW + 2,
        alt="Elements of the page",
        column_config={
            "Element": st.column_config.TextColumn(width=124),
            KINDS[params.kind]: whole,
            "Sessions": whole,
            "Of viewers": share,
        },
    )


page = head("Where do people click?")
pages = offered()
if not pages:
    page.answer("These events name no page, so there is nothing to draw them on.")
    end()
default = Heatmap(next(iter(pages)))
params = read_params(default)
params, screen, spread = choose(params, ask(heatmap, params), pages)
write_params(params, default)

usual = next((found.usual_width for found in ask(heatmap, params).screens if found.screen == screen), None)
picture = pictures.for_page(store(), params.page, usual)
small = screen == "phone" and (picture is None or picture.height < 4000)
params = replace(params, viewport=params.viewport or SCREENS.get(screen), cell=5 if small else 10)
result = ask(heatmap, params)
reach = ask(scroll, scroll.Scroll(params.page, params.viewport))
page.answer(chart.story(params, result, escape))
if not result.totals.events:
    page.actions(result.queries)
    end()

rows = rows_of(result)
drawn = chart.sheet(params, result, picture, screen)
marked = selected(result)
side = chart.squares(params, drawn)
this = key(f"{params.page}-{params.kind}-{screen}")
chart_key, table_key = f"chart-{this}-{turns()['picture']}", f"table-{this}-{turns()['table']}"
many = KINDS[params.kind].lower()
with st.container(horizontal=True, gap="medium"):
    if result.totals.placed:
        figure = chart.figure(palette(), params, result, drawn, spread, marked, reach)
        with st.container(width=max(figure.layout.width + 4, 540), gap="xsmall"):
            hint = "Drag a box over the page to see its sessions."
            legend_ramp(f"few {many}", f"many {many}", chart.ramp(palette()), hint)
            plotly(
                figure, chart_key, lambda: on_picture(chart_key, side), selection_mode=("points", "box"),
                width="content", alt=f"{KINDS[params.kind]} on the page {params.page}",
            )  # fmt: skip
            if rest := chart.left_out(params, result, drawn):
                st.caption(rest)
    else:
        figure = chart.element_map(palette(), params, result)
        with st.container(gap="xsmall"):
            st.caption(f"None of these {many} says where on the page it was, so they are counted by element.")
            plotly(figure, chart_key, alt=f"{KINDS[params.kind]} by element")
    with st.container(gap="small"):
        elements(params, rows, table_key)
title, asked = behind(params, marked)
if marked:
    st.button(
        f"Show all {many}", type="tertiary", icon=":material/close:", on_click=note, args=(None, "picture", "table")
    )
listed = sessions_behind("heatmap-sessions", title, heatmap_sessions, asked)
page.actions((*result.queries, *reach.queries, *listed.queries), rows, "heatmap", figure)
