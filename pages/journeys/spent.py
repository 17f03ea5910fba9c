"""How long it takes from one step of the funnel to another, and who took how long."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import funnel
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import ROUND, Funnel, Histogram
from analytics.charts import funnel_time as chart
from analytics.query import Query
from analytics.scope import Scope
from pages.journeys import stopped, view
from pages.shared import ask, escape, key, palette, plotly
from pages.shared.picking import pick


def draw(params: Funnel, names: list[str], counted: str, scope: Scope | None) -> tuple[Query, ...]:
    """The histogram between two steps that are chosen here, and the list behind one of its bars."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-spent"):
        between = view.step_pair(names, "time", (1, len(names)))
    asked = replace(params, breakdown=None, attribution="first_touch", attribution_step=None, trend=None)
    asked = replace(asked, breakdown_limit=None, histogram=Histogram(*between, even=False))
    result = ask(funnel, asked, scope)
    came, went = (escape(names[n - 1], 60) for n in between)
    if not result.spent:
        st.markdown(f"**None of the {counted}** got from {came} to {went}.")
        return result.queries
    spent = result.spent
    st.markdown(
        f"Half of the {words.count(spent.count)} {counted} that got from {came} to {went} took "
        f"**{words.duration(spent.median_seconds)}** or less; the mean is {words.duration(spent.mean_seconds)}."
    )
    bars = result.histogram
    following = round(ROUND[min(len(bars), len(ROUND) - 1)])
    drawn = chart.shown(bars)
    figure = chart.histogram(palette(), bars, following, spent.median_seconds, counted)
    event = plotly(figure, key(f"funnel-spent-{between}"), "rerun", alt=f"How long {counted} took, {len(drawn)} bars")
    number = chart.clicked(event["selection"]["points"])
    numbers = [n for n, _ in drawn]
    place = pick(
        "Who took",
        [{"took": n, "steps": list(between)} for n in numbers],
        [f"{chart.edge(bar.seconds)} to {chart.edge(ROUND[min(n, len(ROUND) - 1)])}" for n, bar in drawn],
        numbers.index(number) if number in numbers else None,
        max(range(len(drawn)), key=lambda n: drawn[n][1].count),
        width=300,
    )
    n, bar = drawn[place]
    title = f"Took {chart.edge(bar.seconds)} to {chart.edge(ROUND[min(n, len(ROUND) - 1)])}"
    listed = stopped.behind(Dropouts(**vars(asked), bin=n), title, scope)
    return (*result.queries, *listed.queries)
