"""What happened instead: what those who stopped after a step did next, and what parts them from those who went on."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import correlated, funnel_correlation
from analytics.analyses.correlated import Correlated
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel
from analytics.analyses.funnel_correlation import FIELDS, FunnelCorrelation, FunnelCorrelationResult
from analytics.charts import funnel_correlation as chart
from analytics.query import Query
from analytics.scope import Scope
from pages.journeys import stopped, view
from pages.journeys.builder import fields
from pages.shared import ask, escape, key, legend, palette, plotly
from pages.shared.picking import pick

WITHIN = {None: "Until they left", 30: "For 30 seconds", 60: "For 1 minute", 300: "For 5 minutes", 3600: "For 1 hour"}
MOST_PROPERTIES = 8  # of events, the most usual


def draw(
    params: Funnel, names: list[str], counted: str, clicked: int | None, usual: int, scope: Scope | None
) -> tuple[Query, ...]:
    """`clicked`: the step whose bar is selected above, `usual` the one to begin with."""
    usual = min(clicked or usual, len(names) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-instead"):
        steps = {n: f"{n}. {name}" for n, name in enumerate(names[:-1], 1) if n not in params.optional}
        after = view.choose("after", "Stopped after", steps, usual if usual in steps else min(steps), 230)
        within = view.choose("within", "Looked at", WITHIN, None, 170)
    plain = replace(params, breakdown=None, attribution="first_touch", attribution_step=None, histogram=None)
    plain = replace(plain, breakdown_limit=None, trend=None)
    if plain.by not in ("session", "user"):
        st.markdown("Values have no next page: count sessions or people to see what they did instead.")
        return ()
    own = [name for name in fields.own() if name.startswith("properties.")][:MOST_PROPERTIES]
    asked = FunnelCorrelation(**vars(plain), step=after, fields=(*FIELDS, *own), within_s=within)
    result = ask(funnel_correlation, asked, scope)
    step = escape(names[after - 1], 60)
    if not result.stopped or not result.went_on:
        everybody = "went on" if result.went_on else "stopped" if result.stopped else "came here"
        who = f"All {counted} that came to {step}" if result.went_on or result.stopped else f"None of the {counted}"
        st.markdown(f"**{who}** {everybody}, so there is nobody to compare with.")
        return result.queries
    things = chart.drawn(result)
    grid = st.grid(4, min_column_width=235, gap="medium")
    with grid.cell(column_span=3):
        st.subheader("What parts those who stopped from those who went on", anchor=False)
        st.markdown(_sentence(result, things, step, counted))
        listed: tuple[Query, ...] = ()
        if things:
            legend(chart.sides(palette(), result, counted).items(), "Share that had it.")
            figure = chart.figure(palette(), things, result)
            event = plotly(figure, key(f"funnel-parts-{after}"), "rerun", alt=f"{len(things)} things compared")
        st.caption(_how(result, counted))
    with grid.cell():
        stopped.went_next(Dropouts(**vars(plain), step=after), scope, events=True)
    if things:
        listed = _behind(asked, things, chart.clicked(event["selection"]["points"], things), names[after - 1], scope)
    return (*result.queries, *listed)


def _sentence(result: FunnelCorrelationResult, things: list[funnel_correlation.Thing], step: str, counted: str) -> str:
    way = [escape(chart.said(thing, 40)) for thing in chart.way_on(result)[:3]]
    same = f" All that went on had this: {words.listed(way)}, which is rather the way on itself." if way else ""
    if not things:
        return f"After {step} nothing else that was compared is **clearly** associated with stopping or going on.{same}"
    first = things[0]
    stopped_share, went_share = chart.shares(first, result)
    what = escape(chart.said(first), 80)
    return (
        f"Most clearly associated: **{what}**. {words.percent(stopped_share)} of the {words.count(result.stopped)} "
        f"{counted} that stopped after {step} had it, and {words.percent(went_share)} of the "
        f"{words.count(result.went_on)} that went on.{same}"
    )


def _how(result: FunnelCorrelationResult, counted: str) -> str:
    looked = ""
    if result.stopped_seconds is not None and result.went_on_seconds is not None:
        looked = (
            " Looked at is what they did from this step to the next, or until they left: half of those who stopped in "
            f"up to {words.duration(result.stopped_seconds)}, half of those who went on in up to "
            f"{words.duration(result.went_on_seconds)}; who stays longer does more of everything."
        )
    wider = (
        f" Intervals are {words.number(result.design_effect**0.5, 2)} times as wide, as people come back."
        if result.design_effect > 1.005
        else ""
    )
    return (
        f"An association, not a cause. {words.many(result.tried, 'thing')} compared, and the chance of being fooled "
        f"corrected for that; {words.count(result.too_few)} more had too few {counted} to say.{looked}{wider}"
    )


def _behind(
    asked: FunnelCorrelation,
    things: list[funnel_correlation.Thing],
    clicked: int | None,
    step: str,
    scope: Scope | None,
) -> tuple[Query, ...]:
    rows = [(thing, gone) for thing in things for gone in (True, False)]
    said = [f"{chart.said(thing)}, {'stopped' if gone else 'went on'}" for thing, gone in rows]
    place = pick(
        "Who had it",
        [
            {"had": [thing.kind, thing.value], "after": asked.step, **({} if gone else {"went": True})}
            for thing, gone in rows
        ],
        said,
        None if clicked is None else 2 * clicked,
        next((n for n, (thing, gone) in enumerate(rows) if gone and thing.ratio >= 1), 0),
        width=430,
    )
    thing, gone = rows[place]
    question = Correlated(**vars(asked), kind=thing.kind, value=thing.value, stopped=gone)
    title = f"{escape(said[place], 120)} after {escape(step, 60)}"
    return tuple(stopped.behind(question, title, scope, correlated).queries)
