"""Retention on the page: its choices, the triangle, the people of a cell, and the curve."""

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import retention, returners
from analytics.analyses.retention import Breakdown, Cohort, Retention, RetentionResult
from analytics.analyses.returners import Returners
from analytics.charts import retention as chart
from analytics.errors import InvalidQuestion
from analytics.query import Query
from pages.journeys import spans, stopped, view
from pages.journeys.builder import fields
from pages.shared import (
    Page,
    ask,
    escape,
    explain,
    key,
    legend_ramp,
    palette,
    plotly,
    read_params,
    write_params,
)
from pages.shared.links import names
from pages.shared.picking import pick

MODES = {"recurring": "Whenever they begin", "first_time": "Their first time ever"}
TOP = 5  # values with a curve of their own; the rest is the sixth
EVERYBODY, REST = "", "…"


def draw(page: Page, fresh: bool) -> None:
    """Everything below the head; `fresh`: what the link's parameters say is of another view."""
    params = choose(fresh)
    result: RetentionResult = ask(retention, params)
    counted = stopped.counted(params.by)
    page.answer(chart.sentence(params, result, lambda text: escape(text, 60), counted))
    if not any(cohort.size for cohort in result.cohorts):
        page.actions(result.queries)
        return
    part = _part(params, result)
    cohorts = part.cohorts if part else result.cohorts
    figure = chart.triangle(palette(), params, cohorts, counted)
    _legend(cohorts)
    event = plotly(figure, key("retention"), "rerun", alt=f"Retention of {len(cohorts)} cohorts")
    cells = chart.cells(cohorts)
    grid = st.grid(2, min_column_width=430, gap="medium")
    with grid.cell():
        listed = _behind(params, cells, chart.clicked(event["selection"]["points"], cells), part)
    with grid.cell():
        _curve(params, result)
    page.actions((*result.queries, *listed), chart.table(params, result), "retention", figure)


def choose(fresh: bool) -> Retention:
    """Draws the choices, keeps them in the link, and returns the question."""
    usual = spans.usual_period()
    first = Retention(usual, intervals=spans.fitting(usual), top=TOP)
    given = first if fresh else read_params(first)
    if not names("intervals"):
        given = replace(given, intervals=spans.fitting(given.period, given.week_start))
    known = spans.places()
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        period = spans.period(given.period)
        start = spans.event("Began with", "start", given.start, known)
        back = spans.event("Came back with", "return", given.returning, known)
        mode = st.selectbox(
            "Counted from",
            list(MODES),
            list(MODES).index(given.mode),
            format_func=MODES.get,
            key=key("mode"),
            width=170,
        )
        split = _split(given.breakdown)
        with st.popover("More", icon=":material/tune:", type="tertiary"):
            fits = spans.fitting(period, given.week_start)
            usual_number = given.intervals if period == given.period else fits
            intervals = spans.number(usual_number, fits, period)
            rolling = st.toggle(
                "Later counts too",
                given.rolling,
                key=key("rolling"),
                help="Who comes back in an interval also counts as back in those before it (rolling retention).",
            )
            minimum = st.number_input(
                "Events that make a return", 1, None, given.minimum_occurrences, key=key("minimum"), width=190
            )
            brackets = _brackets(given, period)
            week_start = given.week_start
            if period == "week":
                week_start = st.segmented_control(
                    "Weeks begin on",
                    ["monday", "sunday"],
                    default=given.week_start,
                    format_func=str.capitalize,
                    required=True,
                    key=key("week-start"),
                )
    try:
        params = replace(
            given, period=period, start=start, returning=back, mode=mode, breakdown=split, intervals=intervals,
            rolling=rolling, minimum_occurrences=minimum, brackets=brackets, week_start=week_start,
        )  # fmt: skip
    except InvalidQuestion as error:
        explain(error)
    write_params(params, replace(first, intervals=spans.fitting(params.period, params.week_start)))
    return params


def _split(given: str | None) -> str | None:
    options = [None, *dict.fromkeys([*fields.splitting(), *([given] if given else [])])]
    names = ["Nothing", *(fields.said(field) for field in options[1:] if field)]
    chosen = st.selectbox("Split by", range(len(options)), options.index(given), format_func=names.__getitem__,
                          key=key("split"), width=150)  # fmt: skip
    return options[chosen]


def _brackets(given: Retention, period: str) -> tuple[int, ...]:
    text = st.text_input(
        f"{period.capitalize()}s taken together",
        ", ".join(map(str, given.brackets)),
        placeholder="1, 2, 4",
        key=key("brackets"),
        help=f"1, 2, 4 counts {period} 1, then {period}s 2 to 3, then 4 to 7. Empty: each by itself.",
        width=190,
    )
    pieces = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    if not all(piece.isdecimal() and 0 < int(piece) <= retention.MOST for piece in pieces):
        st.warning(f"{escape(text, 60)} are no numbers of {period}s, such as 1, 2, 4; each is counted by itself.")
        return ()
    return tuple(int(piece) for piece in pieces)


def _part(params: Retention, result: RetentionResult) -> Breakdown | None:
    """The value whose cohorts are drawn; None: everybody's."""
    if params.breakdown is None:
        return None
    names = {EVERYBODY: "Everybody"} | {
        REST if part.others else f"={part.value or ''}": chart.value_of(part) for part in result.breakdowns
    }
    chosen = view.choose("of", "Cohorts of", names, EVERYBODY)
    return next((part for part, name in zip(result.breakdowns, list(names)[1:], strict=True) if name == chosen), None)


def _legend(cohorts: Sequence[Cohort]) -> None:
    shares = [cell.share or 0.0 for cell in chart.cells(cohorts) if cell.slot]
    hidden = len(cohorts) - chart.MOST_ROWS
    note = "of the cohort came back. Hatched: not over yet, or only in part in the range. Click a cell to see them."
    more = f" Drawn are the last {chart.MOST_ROWS} of {words.count(len(cohorts))}." if hidden > 0 else ""
    legend_ramp(
        f"0{words.SPACE}%",
        words.percent(max(shares, default=0.0), 0),
        palette().amounts[:-2],
        note + more,
    )


def _behind(
    params: Retention, cells: Sequence[chart.Cell], clicked: int | None, part: Breakdown | None
) -> tuple[Query, ...]:
    """The people of a cell, or those of its cohort that did not come back in it."""
    found = [(cell, came) for cell in cells if cell.cohort.size for came in ((True, False) if cell.slot else (True,))]
    place = next((n for n, (cell, _) in enumerate(found) if clicked is not None and cell is cells[clicked]), None)
    usual = cells[chart.usual(cells)]
    chosen = pick(
        "Which people",
        [cell.as_link(came) for cell, came in found],
        [chart.said(cell, params, came) for cell, came in found],
        place,
        next((n for n, (cell, _) in enumerate(found) if cell is usual), 0),
        width=430,
    )
    cell, came = found[chosen]
    of: dict[str, object] = {}
    if part:
        of = {"rest": True} if part.others else {"value": part.value}
    asked = Returners(cell.cohort.start, retention=params, interval=cell.slot, returned=came, **of)
    title = chart.said(cell, params, came) + (f", {chart.value_of(part)}" if part else "")
    listed = stopped.behind(asked, escape(title, 160), module=returners)
    return tuple(listed.queries)


def _curve(params: Retention, result: RetentionResult) -> None:
    st.subheader("How many come back as time passes", anchor=False)
    if all(point.share is None for _, _, points in chart.drawn(params, result) for point in points):
        st.caption("No interval after a cohort's own is over yet, so there is no mean to draw.")
        return
    plotly(chart.curve(palette(), params, result), key("retention-curve"), alt="Share that comes back over time")
