"""The picture of the paths page, one of its nodes or streams that is looked at, and the sessions of that one."""

from typing import Any

import streamlit as st

from analytics.analyses import path_sessions
from analytics.charts import paths as chart
from analytics.charts import sankey
from analytics.charts.paths import Flow, Node, Stream
from analytics.charts.sankey import Drawing
from analytics.scope import Scope
from pages.shared import key, palette, sessions_behind
from pages.shared.picking import pick

NAMES = 60  # letters of a name in the choice


def draw(drawing: Drawing, flow: Flow, word: str, alt: str) -> int | None:
    """Draws it; which of the flow's nodes and streams together is clicked."""
    height, width = drawing.size
    st.html(f"<style>.st-key-wide-flow > * {{ min-width: {width}px; }}</style>")  # many columns scroll sideways
    with st.container(key="wide-flow"):
        event = st.echarts_chart(
            sankey.echarts(palette(), drawing),
            height=height,
            key=key(f"{word}-{chart.fingerprint(flow)}"),  # what is selected is a number: of another flow, another
            on_select="rerun",
            theme=None,
            renderer="svg",
            alt=alt,
        )
    return chart.clicked(event["selection"], flow)


def choose(flow: Flow, clicked: int | None, usual: Node | Stream) -> Node | Stream:
    """Draws the choice of what is looked at."""
    drawn: tuple[Node | Stream, ...] = (*flow.nodes, *flow.streams)
    number = pick(
        "Sessions of",
        [chart.as_link(one) for one in drawn],
        [chart.title(one, flow.params, lambda text: chart.short(text, NAMES)) for one in drawn],
        clicked,
        drawn.index(usual),
        width=430,
    )
    return drawn[number]


def sessions(one: Node | Stream, flow: Flow, said: str, scope: Scope | None = None) -> Any:
    """Draws the list behind it; `said` is what it is of."""
    return sessions_behind("paths", said, path_sessions, chart.behind(one, flow), scope)
