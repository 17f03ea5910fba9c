"""How the funnel's conversion changes by day or week of entry, and who began when."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import funnel
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel
from analytics.charts import funnel_time as chart
from analytics.query import Query
from analytics.scope import Scope
from pages.journeys import stopped, view
from pages.shared import ask, key, legend, palette, plotly
from pages.shared.picking import pick

GRAINS = {"day": "Day", "week": "Week"}
REACHED, BEGAN = "went all the way", "all that began"


def draw(params: Funnel, names: list[str], counted: str, scope: Scope | None) -> tuple[Query, ...]:
    """The course of conversion, and the list behind one of its points."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-trend"):
        grain = view.choose("grain", "By", GRAINS, params.trend or "week", 110)
    asked = replace(params, breakdown=None, attribution="first_touch", attribution_step=None, histogram=None)
    asked = replace(asked, breakdown_limit=None, trend=grain)
    result = ask(funnel, asked, scope)
    periods = [period for period in result.trend if period.counts[0]]
    if not periods:
        st.markdown(f"**None of the {counted}** began.")
        return result.queries
    open_ones = sum(not period.complete for period in periods)
    limit = f" and its {words.duration(params.window_s)} to go on" if params.window_s else ""
    note = f"Hollow: the {grain}{limit} is not over yet, so its share can still rise." if open_ones else ""
    legend([], f"{note} Each attempt counts where it began. Click a point for its {counted}.".strip())
    figure = chart.trend(palette(), result.trend, counted, grain)
    event = plotly(figure, key(f"funnel-trend-{grain}"), "rerun", alt=f"Conversion by {grain}, {len(periods)} points")
    things = [
        (period, reached)
        for period in periods
        for reached in ((True, False) if period.counts[-1] < period.counts[0] else (True,))
    ]
    number = chart.clicked(event["selection"]["points"])
    at = result.trend[number] if number is not None and number < len(result.trend) else None
    last = len(names)
    place = pick(
        "Who began in",
        [{"begun": period.start.isoformat(), **({} if reached else {"all": True})} for period, reached in things],
        [f"{_said(period, grain)}: {REACHED if reached else BEGAN}" for period, reached in things],
        next((n for n, (period, reached) in enumerate(things) if period is at and reached), None),
        next(n for n, (period, _) in reversed(list(enumerate(things))) if period is periods[-1] or n == 0),
        width=350,
    )
    period, reached = things[place]
    step = last if reached else 1
    listed = stopped.behind(
        Dropouts(**vars(asked), step=step, converted=True, period=period.start),
        f"{_said(period, grain)}, {REACHED if reached else BEGAN}",
        scope,
    )
    return (*result.queries, *listed.queries)


def _said(period: funnel.Period, grain: str) -> str:
    text = chart.said(period, grain)
    return f"{text[:1].upper()}{text[1:]}"
