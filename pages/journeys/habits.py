"""Stickiness and lifecycle on the page: their choices, their pictures, and the people of a bar."""

from dataclasses import replace

import streamlit as st

from analytics.analyses import lifecycle, returners, stickiness
from analytics.analyses.lifecycle import Lifecycle, LifecycleResult
from analytics.analyses.returners import Returners
from analytics.analyses.stickiness import Spread, Stickiness, StickinessResult
from analytics.charts import lifecycle as stages
from analytics.charts import stickiness as days
from pages.journeys import spans, stopped
from pages.shared import Page, ask, escape, key, legend, palette, plotly, read_params, read_selection, write_params
from pages.shared.links import names
from pages.shared.picking import pick


def stickiness_view(page: Page, fresh: bool) -> None:
    """On how many days of a week or month people come."""
    usual = "month" if spans.usual_period() == "month" else "week"
    first = Stickiness(usual, periods=spans.fitting(usual))
    given = first if fresh else read_params(first)
    if not names("periods"):
        given = replace(given, periods=spans.fitting(given.period, given.week_start))
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        period = spans.period(given.period, ("week", "month"))
        event = spans.event("Active is who did", "event", given.event, spans.places())
        fits = spans.fitting(period, given.week_start)
        periods = spans.number(given.periods if period == given.period else fits, fits, f"stick-{period}")
        params = replace(given, period=period, event=event, periods=periods)
        write_params(params, replace(first, periods=fits))
        result: StickinessResult = ask(stickiness, params)
        spread = _spread(params, result)
    page.answer(days.sentence(params, result))
    if spread is None:
        page.actions(result.queries)
        return
    legend(
        [], _note(f"Grey marks: mean of the {period}s that are over. Click a bar to see who they are.", spread.complete)
    )
    figure = days.figure(palette(), params, result, spread)
    found = days.bars(spread)
    event_ = plotly(figure, key(f"stickiness-{spread.start}"), "rerun", alt=f"People by active days of a {period}")
    filled = [bar for bar in found if bar.people]
    click = days.clicked(event_["selection"]["points"], filled)
    grid = st.grid(2, min_column_width=430, gap="medium")
    with grid.cell():
        usual_bar = max(range(len(filled)), key=lambda n: filled[n].days)
        place = pick(
            "Which people", [bar.as_link() for bar in filled], [days.said(bar, params) for bar in filled], click,
            usual_bar, width=430,
        )  # fmt: skip
        asked = Returners(filled[place].spread.start, stickiness=params, days=filled[place].days)
        listed = stopped.behind(asked, escape(days.said(filled[place], params)), module=returners)
    with grid.cell():
        st.subheader("Over time", anchor=False)
        plotly(
            days.over_time(palette(), params, result), key("stickiness-time"), alt="Days per active person over time"
        )
    page.actions((*result.queries, *listed.queries), days.table(result), "stickiness", figure)


def _spread(params: Stickiness, result: StickinessResult) -> Spread | None:
    """The period that is drawn: the selected bar's, else the last one that is over."""
    found = [one for one in reversed(result.periods) if one.people]
    if not found:
        return None
    begin = days.usual(result)
    selected = (read_selection() or {}).get("period")
    begin = next((one for one in found if one.start == selected), begin)
    chosen: Spread = st.selectbox(
        "Shown",
        found,
        found.index(begin) if begin in found else 0,
        format_func=lambda one: _note(
            days.titled(one, params)[:1].upper() + days.titled(one, params)[1:], one.complete
        ),
        key=key(f"spread-{params.period}"),
        width=230,
    )
    return chosen


def _note(text: str, over: bool) -> str:
    return text if over else f"{text} Not over yet." if text.endswith(".") else f"{text}, not over yet"


def lifecycle_view(page: Page, fresh: bool) -> None:
    """Who is new, returning, back after a pause, or gone."""
    usual = spans.usual_period()
    first = Lifecycle(usual, intervals=spans.fitting(usual))
    given = first if fresh else read_params(first)
    if not names("intervals"):
        given = replace(given, intervals=spans.fitting(given.period, given.week_start))
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        period = spans.period(given.period)
        event = spans.event("Active is who did", "event", given.event, spans.places())
        fits = spans.fitting(period, given.week_start)
        intervals = spans.number(given.intervals if period == given.period else fits, fits, f"life-{period}")
    params = replace(given, period=period, event=event, intervals=intervals)
    write_params(params, replace(first, intervals=fits))
    result: LifecycleResult = ask(lifecycle, params)
    page.answer(stages.sentence(params, result))
    found = stages.bars(result)
    if not found:
        page.actions(result.queries)
        return
    hues = stages.colours(palette())
    legend(
        [(stages.WORDS[kind], hues[kind]) for kind in stages.KINDS],
        "Hatched: not over yet, or only in part in the range. Click a bar to see who they are.",
    )
    figure = stages.figure(palette(), params, result)
    event_ = plotly(figure, key("lifecycle"), "rerun", alt=f"People by {period}: new, returning, back again, gone")
    place = pick(
        "Which people",
        [bar.as_link() for bar in found],
        [stages.said(bar, params) for bar in found],
        stages.clicked(event_["selection"]["points"], found),
        stages.usual(found),
        width=430,
    )
    asked = Returners(found[place].stage.start, lifecycle=params, kind=found[place].kind)
    listed = stopped.behind(asked, escape(stages.said(found[place], params)), module=returners)
    page.actions((*result.queries, *listed.queries), stages.table(result), "lifecycle", figure)
