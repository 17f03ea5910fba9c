"""Funnel: at which step people stop on the way to a goal, who they are, and what parts them from those who go on."""

from dataclasses import replace

import streamlit as st

from analytics.analyses import funnel
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel
from analytics.charts import funnel as chart
from analytics.charts import funnel_shares as sure
from analytics.charts.funnel import Part
from analytics.query import Query
from analytics.scope import Scope
from pages.journeys import against, instead, over_time, spent, split, stages, steps, stopped, view
from pages.journeys.against import Pair
from pages.journeys.builder import fields
from pages.shared import ask, end, escape, head, key, legend, palette, plotly
from pages.shared.picking import pick

HERE, THERE = "here", "there"


def short(text: str) -> str:
    """Text from data, for a sentence."""
    return escape(text, 60)


def of_pair(params: Funnel, pair: Pair) -> tuple[list[Part], tuple[Query, ...]]:
    """The same funnel on two scopes: the other one first."""
    there, here = ask(funnel, params, pair.there), ask(funnel, params, pair.here)
    both = [Part(pair.there_name, there.steps, THERE), Part(pair.here_name, here.steps, HERE)]
    return [part for part in both if part.steps[0].count], (*there.queries, *here.queries)


def who(bars: list[chart.Bar], clicked: int | None, usual: int, pair: Pair | None) -> tuple[Query, ...]:
    """The list behind a bar, and where those went who stopped there."""
    grid = st.grid(4, min_column_width=235, gap="medium")
    with grid.cell(column_span=3):
        place = pick(
            f"Which {counted}",
            [bar.as_link() for bar in bars],
            [bar.said for bar in bars],
            clicked,
            usual,
            width=430,
        )
        bar = bars[place]
        of = {"rest": True} if bar.part.rest else {"value": bar.part.value} if bar.split and not pair else {}
        scope = scope_of(bar.part, pair)
        asked = Dropouts(**vars(params), step=bar.step, converted=bar.reached, **of)
        listed = stopped.behind(asked, escape(bar.said, 120), scope)
    with grid.cell():
        if not bar.reached:
            stopped.went_next(asked, scope)
    return tuple(listed.queries)


def bar_chosen() -> None:
    """A click on a bar asks who stopped there, whatever section was open; what happened instead is asked of it too."""
    chosen = st.session_state[key("funnel")]["selection"]["points"]
    if chosen and view.read("show") != "instead":
        view.open_section("who")


def scope_of(part: Part, pair: Pair | None) -> Scope | None:
    """Where a part's sessions are; None: in the sidebar's scope."""
    if pair is None:
        return None
    return pair.there if part.value == THERE else pair.here


page = head("Where do people stop?")
params = stages.choose()
if params is None:
    page.answer("Choose at least **two steps**: pages, events, or things that are clicked on.")
    end()

beside = st.container(horizontal=True, vertical_alignment="center", key="quiet-compare")
with beside:
    pair = against.choose()
given = params
params = replace(params, breakdown_limit=chart.MOST if params.breakdown else None, histogram=None, trend=None)
if pair:  # two scopes are two colours: there is none left for values
    params = replace(params, breakdown=None, attribution="first_touch", attribution_step=None, breakdown_limit=None)
counted = stopped.counted(params.by)
names = steps.names(params)
others = 0
if pair:
    parts, queries = of_pair(params, pair)
else:
    result = ask(funnel, params)
    parts, queries = chart.parts(result, params.breakdown), result.queries
    others = result.rest.values if result.rest else 0
if not parts:
    page.answer(f"**None of the {counted}** did the first step, {short(names[0])}.")
    page.actions(queries)
    end()

if pair:
    changes, by_person, more = against.compared(params, pair)
    queries = (*queries, *more)
    page.answer(sure.said_of_change(changes, names, pair.there_name, pair.here_name, short, counted))
    colours = dict(zip([pair.there_name, pair.here_name], (palette().context, palette().series[0]), strict=True))
else:
    page.answer(chart.sentence(result.steps, parts, names, short, counted))
    colours = chart.colours(palette(), parts, params.breakdown)
left_out = f" Not split by {fields.said(given.breakdown).lower()} while comparing." if pair and given.breakdown else ""
with beside, st.container():
    legend(
        colours.items() if params.breakdown or pair else [],
        f"Bars carry their number of {counted}. Click a bar to see who stopped after it.{left_out}",
    )
figure = chart.figure(palette(), parts, names, colours, counted)
many = len(parts) * len(names) > 8  # bars whose numbers need room: on a narrow screen they scroll
with st.container(key="wide-funnel" if many else "funnel-picture"):
    event = plotly(figure, key("funnel"), bar_chosen, alt=f"Funnel of {len(names)} steps")
bars = chart.bars(parts, names, params.breakdown is not None or pair is not None)
clicked = chart.clicked(event["selection"]["points"], parts, bars)
usual = chart.usual(parts, bars)

sections = {"who": counted.capitalize()}
if pair:
    sections["changed"] = "What differs"
sections |= {"instead": "What happened instead", "time": "How long it takes", "trend": "Over time"}
if params.breakdown:
    sections["split"] = f"By {fields.said(params.breakdown).lower()}"
shown = view.section(sections, "changed" if pair else "who")
looked_at = bars[usual if clicked is None else clicked]
if shown == "who":
    queries = (*queries, *who(bars, clicked, usual, pair))
elif shown == "changed" and pair:
    against.draw(changes, names, pair, by_person)
elif shown == "instead":
    step = looked_at.step if clicked is not None else None
    queries = (*queries, *instead.draw(params, names, counted, step, bars[usual].step, pair.here if pair else None))
elif shown == "time":
    queries = (*queries, *spent.draw(params, names, counted, pair.here if pair else None))
elif shown == "trend":
    queries = (*queries, *over_time.draw(params, names, counted, pair.here if pair else None))
else:
    queries = (*queries, *split.draw(params, names, counted, others))
page.actions(queries, chart.table(parts, names), "funnel", figure)
