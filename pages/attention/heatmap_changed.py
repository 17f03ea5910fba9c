"""Two scopes on one page: what is clicked less and more, by spot and by element, and the sessions of either side."""

from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import heatmap, heatmap_changes, heatmap_sessions
from analytics.analyses.heatmap import Heatmap
from analytics.analyses.heatmap_changes import HeatmapChanges, HeatmapChangesResult
from analytics.analyses.heatmap_sessions import HeatmapSessions
from analytics.charts import heatmap as maps
from analytics.charts import heatmap_changes as chart
from analytics.charts.heatmap import Region
from analytics.scope import Scope
from analytics.workspace.pictures import Picture
from pages.attention import selecting
from pages.attention.selecting import note
from pages.journeys import against, view
from pages.journeys.against import Pair
from pages.shared import (
    Page,
    ask,
    escape,
    key,
    legend_ramp,
    palette,
    plotly,
    sessions_behind,
)
from pages.shared.lists import ROW

Measure = Literal["rate", "share"]
MEASURES: dict[Measure, str] = {"rate": "Clicks per session", "share": "Share of clicks"}
ACROSS, BESIDE = 300, 262  # px of the map of what changed, and of those of the two sides
WHOLE = Scope()


def draw(page: Page, params: Heatmap, pair: Pair, measure: Measure, picture: Picture | None, screen: str) -> None:
    """The whole page below its choices."""
    asked = HeatmapChanges(params.page, pair.there, pair.here, measure, viewport=params.viewport)
    result = ask(heatmap_changes, asked, WHOLE)
    names = (pair.there_name, pair.here_name)
    page.answer(chart.story(asked, result, names, lambda text: escape(text, 80)))
    if 0 in result.sizes or not result.elements:
        page.actions(result.queries)
        return
    fine = replace(params, cell=5 if screen == "phone" else 10)
    sides = [ask(heatmap, fine, scope) for scope in (pair.there, pair.here)]
    fuller = max(sides, key=lambda side: side.totals.events)
    marked = selecting.region()
    with st.container(horizontal=True, gap="medium"):
        drawn = maps.sheet(fine, maps.of_page(fuller), picture, screen, ACROSS)
        figure = chart.figure(palette(), asked, result, fuller, drawn, marked)
        changed_key = key(f"changed-{params.page}-{screen}-{measure}-{selecting.turn('picture')}")
        with st.container(width=max(figure.layout.width + 4, 320), gap="xsmall"):
            colours = [str(colour) for _, colour in chart.ramp(palette())]
            legend_ramp("fewer clicks", "more clicks", colours)
            plotly(
                figure, changed_key, lambda: _on_picture(changed_key, asked.cell), selection_mode=("points", "box"),
                width="content", alt=f"What changed on the page {maps.where(params.page)}",
            )  # fmt: skip
            st.caption(_counted(result))
        with st.container(horizontal=True, gap="medium", width="content"):
            for side, name, size in zip(sides, names, result.sizes, strict=True):
                small = maps.sheet(fine, maps.of_page(side), picture, screen, BESIDE)
                one = maps.figure(palette(), fine, maps.of_page(side), small)
                one.layout.annotations = ()
                one.update_layout(height=one.layout.height - maps.HEAD + 2, margin={"t": 2})
                with st.container(width=max(one.layout.width + 4, BESIDE), gap="xsmall"):
                    unit = "sessions saw it" if measure == "rate" else "clicks"
                    st.caption(f"{escape(name[:1].upper() + name[1:], 60)}: {words.count(size)} {unit}")
                    plotly(one, key(f"side-{name}-{params.page}-{screen}"), width="content", alt=f"Clicks, {name}")
    st.subheader("What gained and lost, element by element", anchor=False)
    rows = chart.rows(result, measure)
    table_key = key(f"changed-elements-{params.page}-{screen}-{measure}-{selecting.turn('table')}")
    st.dataframe(
        pd.DataFrame(rows),
        key=table_key,
        on_select=lambda: _in_table(table_key, [one.called for one in result.elements]),
        selection_mode="single-row",
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 14) + 32,
        alt="Each element on both sides with its difference",
        column_config={
            column: st.column_config.TextColumn(alignment="right") for column in list(rows[0])[1:]
        },
    )  # fmt: skip
    st.caption(
        f"Before: {escape(names[0], 80)}; after: {escape(names[1], 80)}. In brackets the 95{words.SPACE}% interval, by "
        "person. q: how often chance alone would give so large a difference, corrected for all elements at once."
    )
    scope, name = against.side(pair)
    what, sessions = _behind(params, result, marked)
    listed = sessions_behind(
        "changed-sessions", f"{what}, {escape(name, 60)}", heatmap_sessions, sessions, scope
    )  # fmt: skip
    page.actions((*result.queries, *listed.queries), _file(result), "heatmap-changes", figure)


def choose() -> Measure:
    """Draws the choice of what is compared, kept in the link."""
    chosen = view.choose("by", "Compare by", MEASURES, "rate", 190)
    return "share" if chosen == "share" else "rate"


def _counted(result: HeatmapChangesResult) -> str:
    clear, tested = (
        sum(one.clear for one in result.squares),
        sum(one.q is not None for one in result.squares),
    )
    if not tested:
        return "No square has enough clicks to be compared."
    return (
        f"{words.many(clear, 'square')} of {words.count(tested)} changed clearly (q below 0.05); the rest is within "
        "noise and not drawn. Drag a box for its sessions."
    )


def _on_picture(chart_key: str, cell: int) -> None:
    selection = st.session_state[chart_key]["selection"]
    box = maps.region(cell, selection["points"], selection["box"])
    if box:
        note({"region": [box.left, box.right, box.top, box.bottom]}, "table")
    elif "region" in selecting.selected():
        note()


def _in_table(table_key: str, called: list[str]) -> None:
    rows = st.session_state[table_key]["selection"]["rows"]
    note({"element": called[rows[0]]} if rows else None, "picture")


def _behind(params: Heatmap, result: HeatmapChangesResult, marked: Region | None) -> tuple[str, HeatmapSessions]:
    """What the list of sessions is called, and its question."""
    asked = HeatmapSessions(params.page, viewport=params.viewport)
    if marked:
        what = (
            f"Clicked within {words.count(marked.right - marked.left)} × {words.count(marked.bottom - marked.top)} px"
        )
        return what, replace(asked, region=(marked.left, marked.right, marked.top, marked.bottom))
    wanted = selecting.selected().get("element")
    one = next((one for one in result.elements if one.called == wanted), result.elements[0])
    return f"Clicked “{escape(maps.name_of(one), 60)}”", replace(asked, element=one.called)


def _file(result: HeatmapChangesResult) -> list[dict[str, Any]]:
    """The elements in full, for a file."""
    return [
        {
            "element": one.called, "name": maps.name_of(one), "clicks_before": one.counts[0],
            "clicks_after": one.counts[1], "of_before": one.sizes[0], "of_after": one.sizes[1], "before": one.before,
            "after": one.after, "change": one.change, "low": one.low, "high": one.high, "p": one.p, "q": one.q,
        }
        for one in result.elements
    ]  # fmt: skip
