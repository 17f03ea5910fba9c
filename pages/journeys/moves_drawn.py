"""The two pictures of transitions with their legends; what is clicked in them."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analytics import grouping, words
from analytics.charts import paths as paths_chart
from analytics.charts import transitions as chart
from analytics.charts.transitions import Drawn
from pages.journeys import view
from pages.shared import key, legend, legend_ramp, palette, plotly

LEAST = {0.0: "all links", 0.0025: "0.25 %", 0.005: "0.5 %", 0.01: "1 %", 0.02: "2 %", 0.05: "5 %"}
USUAL = 0.005
CELL = 42  # px, the least a column needs


def one_each(by: str) -> str:
    """What a list has, where people are counted."""
    return ", one session each" if by == "user" else ""


def choose_pinned(items: Sequence[str], level: str) -> tuple[str, ...]:
    """Draws the choice of what stands first, whatever the order of all others; kept in the link."""
    given = view.read("pins")
    known = [item for item in given if item in items] if isinstance(given, list) else []
    with (
        st.popover("Arrange", icon=":material/keep:", type="tertiary", help="What stands where in matrix and graph"),
        st.container(width=380),
    ):
        found = st.multiselect(
            "Pinned on top, in this order",
            list(items),
            known,
            format_func=lambda item: paths_chart.short(paths_chart.called(item, level), 40),
            placeholder="Nothing",
            key=key(f"pins-{level}"),
        )
        st.caption("All others follow in the order of the whole store, which no filter changes.")
    view.keep("pins", found, [])
    return tuple(found)


def choose_least() -> float:
    """Draws the choice of how weak a link may be to be drawn."""
    given = view.read("least")
    options = list(LEAST)
    least: float = st.select_slider(
        "Links from this share of all steps",
        options,
        given if given in options else USUAL,
        format_func=LEAST.__getitem__,
        key=key("least"),
        width=330,
    )
    view.keep("least", least, USUAL)
    return least


def legend_of_graph(drawn: Drawn, order: paths_chart.Order) -> None:
    """Colours of sections, and how to read ways."""
    sections = {grouping.section(item) for item in drawn.items}
    colours = paths_chart.section_colours(palette(), order)
    entries = [(paths_chart.called(s, drawn.params.level), c) for s, c in colours.items() if s in sections]
    legend(
        [*entries, ("all else", palette().context)],
        "Right: on, down the order. Left: back up. Ring: the same again, with its share. Click a mark.",
    )


def legend_of_matrix(norm: str, by: str) -> None:
    """The ramp, and what a cell counts."""
    counted = chart.norms(by)[norm]
    dot = " A dot is less than half a percent." if norm in ("from", "to") else ""
    legend_ramp("little", "much", palette().amounts[:-2], f"{counted}. Click a cell for its sessions.{dot}")


def graph(figure: go.Figure, drawn: Drawn, least: float, word: str = "") -> int | None:
    """Draws it; which link is clicked."""
    event = plotly(
        figure,
        key(f"graph-{least}{word}"),
        "rerun",
        alt=f"Graph of {words.many(len(drawn.items), drawn.params.level)} and the steps between them",
    )
    st.caption(chart.note(drawn, least))
    return chart.arc_clicked(event["selection"]["points"], drawn)


def matrix(figure: go.Figure, drawn: Drawn, word: str = "") -> int | None:
    """Draws it; which link is clicked."""
    event = wide(
        figure,
        len(drawn.columns),
        f"matrix-{drawn.params.norm}{word}",
        f"Matrix of {words.many(len(drawn.rows), 'row')} by {words.many(len(drawn.columns), 'column')}",
    )
    return chart.cell_clicked(event["selection"]["points"], drawn)


def wide(figure: go.Figure, columns: int, name: str, alt: str) -> Any:
    """Draws a heat table, which scrolls sideways where its cells would not hold their text; what is selected."""
    st.html(f"<style>.st-key-wide-flow > * {{ min-width: {190 + CELL * columns}px; }}</style>")
    with st.container(key="wide-flow"):
        return plotly(figure, key(name), "rerun", alt=alt)
