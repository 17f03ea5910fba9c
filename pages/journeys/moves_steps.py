"""The step matrix of the transitions page: of the scope, or as the difference of two."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.analyses import step_matrix, step_sessions
from analytics.analyses.step_matrix import Cell, Changed, StepMatrix
from analytics.analyses.step_sessions import StepSessions
from analytics.analyses.transitions import Transitions
from analytics.charts import heat_table
from analytics.charts import step_matrix as chart
from analytics.charts.paths import Order
from analytics.charts.transitions import WHO
from analytics.query import Query
from analytics.transition_sql import END
from pages.journeys import against, moves_drawn, view
from pages.journeys.against import Pair
from pages.shared import Page, ask, escape, key, legend, legend_ramp, palette, sessions_behind
from pages.shared.lists import ROW
from pages.shared.picking import pick

LENGTHS = {number: f"{number} steps" for number in (5, 8, 10, 12, 15, 20)}


def draw(page: Page, params: Transitions, pair: Pair | None, order: Order) -> None:
    """The whole page below its choices."""
    with st.container(horizontal=True, key="quiet-steps"):
        steps = view.choose("steps", "Length", LENGTHS, 10, 120)
    asked = StepMatrix(
        params.level, params.by, params.collapse_repeats, params.include, params.exclude, params.groups, params.shown,
        steps,
    )  # fmt: skip
    if pair:
        _two(page, asked, pair, order)
    else:
        _one(page, asked, order)


def _one(page: Page, asked: StepMatrix, order: Order) -> None:
    result = ask(step_matrix, asked)
    if not result.cells:
        page.answer("**No session** has a step here. Leave out less.")
        page.actions(result.queries)
        return
    page.answer(chart.sentence(result, asked, lambda text: escape(text, 80)))
    legend_ramp(
        "few",
        "many",
        palette().amounts[:-2],
        f"Share of all {_who(asked)}. Click a cell. A dot is less than half a percent.",
    )
    figure = chart.figure(palette(), result, order, asked)
    event = moves_drawn.wide(figure, asked.steps, "steps", f"Items of the first {asked.steps} steps")
    place = heat_table.clicked(event["selection"]["points"])
    queries = _behind(asked, result.cells, chart.clicked(place, result.cells, order), None)
    page.actions((*result.queries, *queries), chart.table(result.cells), "steps", figure)


def _who(asked: StepMatrix) -> str:
    return WHO[asked.by][1]


def _two(page: Page, asked: StepMatrix, pair: Pair, order: Order) -> None:
    there, here = ask(step_matrix, asked, pair.there), ask(step_matrix, asked, pair.here)
    changes, names = step_matrix.changed(there, here), (pair.there_name, pair.here_name)
    queries = (*there.queries, *here.queries)
    if not changes:
        page.answer(f"**No session** to compare: {escape(names[0 if not there.cells else 1])} has none here.")
        page.actions(queries)
        return
    page.answer(chart.sentence_of_changes(changes, asked.level, names, lambda text: escape(text, 80)))
    less, more = palette().changes[2], palette().changes[-3]
    legend(
        [(f"less in {names[1]}", less), (f"more in {names[1]}", more), ("within noise", palette().context)],
        f"Points of the share of all {_who(asked)}, against {names[0]}. Click for sessions.",
    )
    figure = chart.difference(palette(), changes, order, asked.level, names)
    event = moves_drawn.wide(figure, asked.steps, "steps-changed", "What differs, by item and step")
    rows = chart.rows(changes, asked.level, names)
    st.subheader("What differs, cell by cell", anchor=False)
    st.dataframe(
        pd.DataFrame(rows),
        key=key("steps-table"),
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 10) + 32,
        alt="Each cell's share on both sides with its difference",
    )
    st.caption("Intervals are by person; q is corrected for all cells at once.")
    place = heat_table.clicked(event["selection"]["points"])
    number = chart.clicked(place, changes, order)
    listed = _behind(asked, changes, number, pair)
    page.actions((*queries, *listed), rows, "steps-changed", figure)


def _behind(
    asked: StepMatrix, cells: Sequence[Cell | Changed], clicked: int | None, pair: Pair | None
) -> tuple[Query, ...]:
    """The sessions of a cell; of two scopes those of the chosen side."""
    usual = next((n for n, cell in enumerate(cells) if cell.item != END), 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = cells[
            pick(
                "Sessions of",
                [{"step": one.step, "at": one.item} for one in cells],
                [chart.said(one, asked.level) for one in cells],
                clicked,
                usual,
                width=430,
            )
        ]
        scope, side = against.side(pair) if pair else (None, "")
    title = escape(chart.said(cell, asked.level), 90) + (f", {escape(side)}" if pair else "")
    behind = StepSessions(asked, cell.step, cell.item)
    title += moves_drawn.one_each(asked.by)
    queries: tuple[Query, ...] = sessions_behind("steps", title, step_sessions, behind, scope).queries
    return queries
