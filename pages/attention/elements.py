"""Elements: everything that is clicked, by how many, what happens next, and the sessions behind each figure."""

import json
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import element_outcomes, elements, heatmap_sessions, outcome_sessions, values
from analytics.analyses.element_outcomes import WITHIN_MS, ElementOutcomes, ElementOutcomesResult
from analytics.analyses.elements import MOST, Elements, ElementsResult, Pages
from analytics.analyses.heatmap_sessions import HeatmapSessions
from analytics.analyses.outcome_sessions import OutcomeSessions
from analytics.charts import elements as chart
from analytics.path_items import name_of, pages_of
from pages.attention import naming
from pages.journeys import grouped
from pages.shared import (
    LIST_SIZE,
    ask,
    current_scope,
    end,
    escape,
    extent,
    head,
    key,
    link_to,
    palette,
    plotly,
    read_params,
    read_selection,
    sessions_behind,
    write_params,
    write_selection,
)
from pages.shared.lists import ROW, list_key, page_of, pages
from pages.shared.picking import pick

ORDERS = {"clicks": "Most clicks", "newest": "Newest first", "silent": "Longest without a click"}
DAILY = 35  # days of a scope up to which clicks are shown by day
IN_VIEW = 14  # rows
EVERYWHERE = "All pages"


def offered() -> dict[Pages, str]:
    """Where clicks can be looked at: everywhere, the team's and the proposed groups of pages, each page."""
    found: dict[Pages, str] = {None: EVERYWHERE}
    for group in grouped.usual():
        globs = tuple(pages_of(group))
        found[globs[0] if len(globs) == 1 else globs] = name_of(group)
    return found | {value.value: value.value for value in ask(values, values.Values("page")).values}


def choose() -> tuple[Elements, str]:
    """Draws the controls and keeps them in the link: the question, and where it is asked in words."""
    default = Elements()
    given = read_params(default)
    names = offered()
    if given.page not in names:
        names[given.page] = given.page if isinstance(given.page, str) else words.listed(given.page or ("no page",))
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        search = st.text_input(
            "Find", given.search, key=key("search"), placeholder="Text or selector", width=220, max_chars=200
        )
        page = st.selectbox(
            "On", list(names), list(names).index(given.page), format_func=names.__getitem__, key=key("page"), width=320
        )
        order = st.selectbox(
            "Sort by", list(ORDERS), list(ORDERS).index(given.order_by), format_func=ORDERS.get, key=key("order"),
            width=200,
        )  # fmt: skip
    params = replace(default, search=search.strip(), page=page, order_by=order)
    write_params(params, default)
    return params, "" if page is None else f"on {names[page]}"


def unit_of_time() -> Literal["day", "week"]:
    """Weeks say more than days where there are many."""
    scope, whole = current_scope(), extent()
    first, stop = scope.start or whole.first, scope.stop or whole.last
    return "day" if first and stop and (stop - first).days <= DAILY else "week"


def in_table(table_key: str, shown: list[str]) -> None:
    """A row of the table was chosen, or none any more."""
    rows = st.session_state[table_key]["selection"]["rows"]
    write_selection({"element": shown[rows[0]]} if rows else None)


def table(result: ElementsResult, rows: list[dict[str, Any]], table_key: str, unit: Literal["day", "week"]) -> None:
    """One row an element; a row can be chosen, and with it what stands below."""
    data = pd.DataFrame(
        {
            "Element": [row["name"] for row in rows],
            "Where": [row["page"] or (f"{row['pages']:,} pages" if row["pages"] else "no page") for row in rows],
            "Clicks": [row["clicks"] for row in rows],
            "Sessions": [row["sessions"] for row in rows],
            "People": [row["people"] for row in rows],
            "Of visits": [None if row["share_of_views"] is None else 100 * row["share_of_views"] for row in rows],
            "Course": [list(one.course) for one in result.elements],
            "First": [row["first_seen"] for row in rows],
            "Last": [row["last_seen"] for row in rows],
        }
    )
    whole = st.column_config.NumberColumn(format="%,d", width=70)
    date = st.column_config.DateColumn(format="D MMM YYYY", width=92)
    st.dataframe(
        data,
        key=table_key,
        on_select=lambda: in_table(table_key, [one.called for one in result.elements]),
        selection_mode="single-row",
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), IN_VIEW) + 32,
        alt="Clicked elements, one a row",
        column_config={
            "Element": st.column_config.TextColumn(width=190),
            "Where": st.column_config.TextColumn(width=150),
            "Clicks": whole,
            "Sessions": whole,
            "People": whole,
            "Of visits": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100, width=110, color=palette().series[0],
                help="Visits in which it was clicked, of all visits to the pages where it is clicked at all. A visit "
                "is a stay on a page, until another page or a reload begins the next.",
            ),
            "Course": st.column_config.BarChartColumn(
                f"By {unit}", width=120, y_min=0, color=palette().series[0], help=f"Clicks by {unit}"
            ),
            "First": date,
            "Last": date,
        },
    )  # fmt: skip


def rows_of(result: ElementsResult) -> list[dict[str, Any]]:
    """The elements of this page of the list, as words and numbers."""
    return [
        {
            "element": one.element,
            "name": chart.called(one),
            "page": one.page,
            "pages": one.pages,
            "clicks": one.clicks,
            "sessions": one.sessions,
            "people": one.people,
            "share_of_views": one.share,
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
        }
        for one in result.elements
    ]


def chosen(
    params: Elements, result: ElementsResult, unit: Literal["day", "week"]
) -> tuple[ElementOutcomes, ElementOutcomesResult]:
    """The element that the link says, where it is clicked, else the first of the list; and what follows its clicks."""
    wanted = (read_selection() or {}).get("element")
    first = result.elements[0].called
    for element in [wanted, first] if isinstance(wanted, str) and wanted else [first]:
        asked = ElementOutcomes(element, params.page, unit=unit)
        found = ask(element_outcomes, asked)
        if found.totals.clicks:
            return asked, found
    return asked, found


def called(result: ElementsResult, asked: ElementOutcomes) -> str:
    """The chosen element's name; one that stands on another page of the list goes by its selector."""
    row = next((one for one in result.elements if one.called == asked.element), None)
    return chart.called(row) if row else chart.name_of(asked.element, None, None)


page = head("What do people click?")
params, where = choose()
unit = unit_of_time()
listed = list_key("elements", (params, current_scope()))
params = replace(params, unit=unit, limit=LIST_SIZE, offset=LIST_SIZE * (page_of(listed) - 1))
result = ask(elements, params)
page.answer(chart.story(params, result, where, lambda text: escape(text, 80)))
if not result.elements:
    page.actions(result.queries)
    end()

rows = rows_of(result)
table(result, rows, key(f"{listed}-{params.offset}"), unit)
pages(listed, result.totals.elements)
nameless = result.totals.unnamed
told = (
    f" {words.many(nameless, 'more click names', 'more clicks name')} no element."
    if nameless and not params.search
    else ""
)
st.caption(f"Select a row for what happened next and its sessions.{told}")
naming.proposals()
naming.names()

asked, found = chosen(params, result, unit)
name = escape(called(result, asked), 60)
st.subheader(f"“{name}”: what happened next", anchor=False)
naming.draw(asked.element, called(result, asked), [one.called for one in result.elements])
st.markdown(chart.follows(found, WITHIN_MS, lambda text: escape(text, 80)))
shown = found.outcomes[: chart.SHOWN]
figure = chart.outcomes(palette(), found, WITHIN_MS)
grid = st.grid(2, min_column_width=320, gap="medium")
with grid.cell():
    event = plotly(
        figure, key(f"outcomes-{list_key('of', asked)}"), "rerun", alt="What happened next, by share of clicks"
    )
    if rest := chart.rarer(found):
        st.caption(rest)
with grid.cell():
    plotly(chart.course(palette(), found.course, unit), key("course"), alt=f"Clicks by {unit}")
    with st.container(horizontal=True, gap="small"):
        for one in [one for one in found.pages if one.page is not None][:3]:
            label = f"Heatmap of {escape(one.page, 40)}, {words.many(one.clicks, 'click')}"
            at = {"p": {"page": one.page}, "sel": {"element": asked.element}}
            link_to("heatmap", label, {part: json.dumps(what, ensure_ascii=False) for part, what in at.items()})
points = event["selection"]["points"]
bar = int(points[0]["y"]) if points else None
things = [{"element": asked.element}] + [
    {"element": asked.element, "then": [outcome.kind, outcome.thing]} for outcome in shown
]
place = pick(
    "Sessions of clicks with",
    things,
    ["Anything after them", *(f"{chart.said(one, WITHIN_MS)}, {words.many(one.clicks, 'click')}" for one in shown)],
    bar + 1 if bar is not None and 0 <= bar < len(shown) else None,
    width=430,
)
if place:
    then = shown[place - 1]
    behind = sessions_behind(
        "element-sessions",
        f"Clicked “{name}”, then: {escape(chart.said(then, WITHIN_MS), 60)}",
        outcome_sessions,
        OutcomeSessions(asked, then.kind, then.thing),
    )
else:
    behind = sessions_behind(
        "element-sessions",
        f"Clicked “{name}”",
        heatmap_sessions,
        HeatmapSessions(params.page, element=asked.element),
    )
every = elements.queries(replace(params, unit=None, limit=MOST, offset=0), current_scope())[0]
page.actions((*result.queries, *found.queries, *behind.queries), every, "elements", figure)
