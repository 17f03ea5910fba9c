"""Heatmap: where a page is clicked, by spot and by element, and the sessions behind either."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics import grouping, words
from analytics.analyses import attention, event_sessions, heatmap, heatmap_sessions, scroll, values
from analytics.analyses.heatmap import SCREENS, Element, Heatmap, HeatmapResult
from analytics.analyses.heatmap_sessions import HeatmapSessions
from analytics.charts import heatmap as chart
from analytics.charts.heatmap import Region
from analytics.conditions import Matcher
from analytics.path_items import name_of, pages_of
from analytics.vocabulary import CLICK, MOVE
from analytics.workspace import pictures
from pages.attention import drawing, heatmap_changed, naming, selecting
from pages.attention.heatmap_changed import Measure
from pages.attention.selecting import note
from pages.journeys import against, grouped
from pages.journeys.against import Pair
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
    store,
    write_params,
)

KINDS = {"click": "Clicks", "move": "Moves"}
ROW = 28  # px of the table of elements


# ------------------------------------------------------------------------------------------------------ the question


def offered() -> dict[str | tuple[str, ...], str]:
    """The pages of the scope by traffic with what is said of each, then the team's and the proposed groups of them."""
    found = ask(values, values.Values("page")).values
    names = [value.value for value in found]
    pages: dict[str | tuple[str, ...], str] = {
        value.value: f"{value.value}, {words.many(value.sessions, 'session')}" for value in found
    }
    for group in grouped.usual():
        globs = tuple(pages_of(group))
        count = sum(any(grouping.matches(name, glob) for glob in globs) for name in names)
        pages.setdefault(
            globs[0] if len(globs) == 1 else globs, f"{name_of(group)}, {words.many(count, 'page')} as one"
        )
    return pages


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


def choose(
    params: Heatmap, result: HeatmapResult, pages: dict[str | tuple[str, ...], str]
) -> tuple[Heatmap, str, Pair | None, Measure]:
    """The controls: the question as they have it, the kind of windows it is of, and what to compare with."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = list(dict.fromkeys([*pages, params.page]))
        page = st.selectbox(
            "Page", names, names.index(params.page), format_func=lambda name: pages.get(name) or chart.where(name),
            width=320, key=key("page"), on_change=note, accept_new_options=True,
            help="Or write one: `*` stands for anything, as in `/product/*`.",
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
        pair = against.choose() if kind == CLICK else None
        measure = heatmap_changed.choose() if pair else "rate"
    viewport = params.viewport if screen == now else SCREENS.get(screen)
    return replace(params, page=page, kind=kind, viewport=viewport), screen, pair, measure


# ----------------------------------------------------------------------------------------------------- the selection


def on_picture(chart_key: str, side: int, fixed: bool = False) -> None:
    """A box was drawn on the picture of the page or (`fixed`) of the window, a spot clicked, or either taken away."""
    selection = st.session_state[chart_key]["selection"]
    box = chart.region(side, selection["points"], selection["box"])
    if box:
        edges = {"region": [box.left, box.right, box.top, box.bottom]}
        note(edges | ({"fixed": True} if fixed else {}), "table")
    elif "region" in selecting.selected():
        note()


def in_table(table_key: str, elements: list[str]) -> None:
    """A row of the table of elements was chosen, or none any more."""
    rows = st.session_state[table_key]["selection"]["rows"]
    note({"element": elements[rows[0]]} if rows else None)


def selected(result: HeatmapResult) -> Element | Region | None:
    """What is selected, as far as it is on this page."""
    wanted = selecting.selected().get("element")
    return selecting.region() or next((element for element in result.elements if element.called == wanted), None)


def in_window() -> bool:
    """Whether the region that is selected is one of the window, not of the page."""
    return selecting.selected().get("fixed") is True


def behind(params: Heatmap, marked: Element | Region | None) -> tuple[str, HeatmapSessions]:
    """What the list of sessions is called, and the question that makes it."""
    asked = HeatmapSessions(params.page, params.kind, params.viewport)
    what = "anything here"
    if isinstance(marked, Element):
        asked = replace(asked, element=marked.called)
        what = f"“{escape(chart.name_of(marked), 60)}”"
    elif marked:
        asked = replace(asked, region=(marked.left, marked.right, marked.top, marked.bottom))
        asked = replace(asked, fixed=in_window())
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
    where = " in this region" if params.region else ""
    st.subheader(f"Elements{where}, by {KINDS[params.kind].lower()}", anchor=False)
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
        format="%.1f %%", min_value=0, max_value=100, width=96, color=palette().series[0],
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


def facts(result: HeatmapResult, rows: list[dict[str, Any]], table_key: str) -> None:
    """What stands beside the picture: the table, and what may be done with the element that is chosen in it."""
    if isinstance(marked, Region):
        region = (marked.left, marked.right, marked.top, marked.bottom)
        asked = replace(params, region=region, fixed=in_window())
        elements(asked, rows_of(ask(heatmap, asked)), table_key)
        return
    elements(params, rows, table_key)
    if isinstance(marked, Element) and params.kind == CLICK:
        naming.draw(marked.called, chart.name_of(marked), [one.called for one in result.elements], one_page)


page = head("Where do people click?")
pages = offered()
if not pages:
    page.answer("These events name no page, so there is nothing to draw them on.")
    end()
default = Heatmap(next(iter(pages)))
params = read_params(default)
params, screen, pair, measure = choose(params, ask(heatmap, params), pages)
write_params(params, default)

usual = next((found.usual_width for found in ask(heatmap, params).screens if found.screen == screen), None)
one_page = params.page if isinstance(params.page, str) else next(iter(params.page), "")
picture = pictures.for_page(store(), one_page, usual)
params = replace(params, viewport=params.viewport or SCREENS.get(screen))
if pair is not None:
    heatmap_changed.draw(page, params, pair, measure, picture, screen)
    end()
look = drawing.choose(one_page, picture, usual, small=screen == "phone" and (picture is None or picture.height < 4000))
params = replace(params, cell=look.cell)
result = ask(heatmap, params)
reach = ask(scroll, scroll.Scroll(params.page, params.viewport))
times = ask(attention, attention.Attention(params.page, params.viewport))
page.answer(chart.story(params, result, escape))
if not result.totals.events:
    page.actions(result.queries)
    end()

rows = rows_of(result)
whole, window = chart.of_page(result), chart.of_window(result)
drawn = chart.sheet(params, whole, picture, screen)
marked = selected(result)
side = chart.squares(params, drawn)
this = key(f"{params.page}-{params.kind}-{screen}")
chart_key, table_key = f"chart-{this}-{selecting.turn('picture')}", f"table-{this}-{selecting.turn('table')}"
many = KINDS[params.kind].lower()
with st.container(horizontal=True, gap="medium"):
    if whole.totals.placed:
        on_page = None if in_window() or (isinstance(marked, Element) and marked.is_fixed) else marked
        figure = chart.figure(palette(), params, whole, drawn, look.spread, on_page, reach, times, look.strength)
        with st.container(width=max(figure.layout.width + 4, 440), gap="xsmall"):
            hint = "Drag a box over the page to see its sessions."
            legend_ramp(f"few {many}", f"many {many}", chart.ramp(palette(), look.strength), hint)
            plotly(
                figure, chart_key, lambda: on_picture(chart_key, side), selection_mode=("points", "box"),
                width="content", alt=f"{KINDS[params.kind]} on the page {chart.where(params.page)}",
            )  # fmt: skip
            told = (
                chart.reading(reach, times),
                chart.left_out(params, whole, drawn),
                drawing.other_size(picture, whole.totals.page_height),
            )
            for said in told:
                if said:
                    st.caption(said)
    else:
        figure = chart.element_map(palette(), params, result)
        with st.container(gap="xsmall"):
            if not window.totals.placed:
                st.caption(f"None of these {many} says where on the page it was, so they are counted by element.")
            plotly(figure, chart_key, alt=f"{KINDS[params.kind]} by element")
    with st.container(gap="small"):
        facts(result, rows, table_key)
if window.totals.placed:
    st.subheader("In the window, wherever the page is scrolled to", anchor=False)
    glass = chart.sheet(params, window, None, screen)
    on_glass = marked if in_window() or (isinstance(marked, Element) and marked.is_fixed) else None
    st.caption(
        f"{words.many(window.totals.placed, f'{many[:-1]} was', f'{many} were')} on what stays in the window when the "
        "page scrolls, such as a bar or a chat. They have no place on the page."
    )
    window_key = f"window-{this}-{selecting.turn('picture')}"
    plotly(
        chart.figure(palette(), params, window, glass, look.spread, on_glass, strength=look.strength),
        window_key, lambda: on_picture(window_key, chart.squares(params, glass), fixed=True),
        selection_mode=("points", "box"), width="content", alt=f"{KINDS[params.kind]} in the window",
    )  # fmt: skip
title, asked = behind(params, marked)
if marked:
    st.button(
        f"Show all {many}", type="tertiary", icon=":material/close:", on_click=note, args=(None, "picture", "table")
    )
listed = sessions_behind("heatmap-sessions", title, heatmap_sessions, asked)
if isinstance(marked, Region):
    st.caption(f"{words.many(listed.events, many[:-1], many)} of {words.many(listed.total, 'session')} in this region.")
page.actions((*result.queries, *reach.queries, *times.queries, *listed.queries), rows, "heatmap", figure)
