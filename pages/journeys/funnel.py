"""Funnel: at which step people stop on the way to a goal, and who they are."""

import streamlit as st

from analytics import words
from analytics.analyses import funnel
from analytics.analyses.dropouts import Dropouts
from analytics.charts import funnel as chart
from pages.journeys import stages, steps, stopped
from pages.shared import ask, escape, head, key, legend, palette, plotly
from pages.shared.picking import pick

page = head("Where do people stop?")
params = stages.choose()
if params is None:
    page.answer("Choose at least **two steps**: pages, events, or things that are clicked on.")
    st.stop()

result = ask(funnel, params)
counted = "sessions" if params.by == "session" else "people"
names = steps.names(params)
parts, others = chart.parts(result, params.breakdown)
if not parts:
    page.answer(f"**None of the {counted}** did the first step, {escape(names[0], 60)}.")
    page.actions(result.queries)
    st.stop()

page.answer(chart.sentence(result.steps, parts, names, lambda text: escape(text, 60), counted))
colours = chart.colours(palette(), parts, params.breakdown)
more = f" Not drawn: {words.many(others, 'further value')}." if others else ""
legend(
    colours.items() if params.breakdown else [],
    f"Bars carry their number of {counted}. Click a bar to see who stopped after it.{more}",
)
figure = chart.figure(palette(), parts, names, colours, counted)
many = len(parts) * len(names) > 8  # bars whose numbers need room: on a narrow screen they scroll
with st.container(key="wide-funnel" if many else "funnel-picture"):
    event = plotly(figure, key("funnel"), "rerun", alt=f"Funnel of {len(names)} steps")
bars = chart.bars(parts, names, params.breakdown is not None)

grid = st.grid(4, min_column_width=235, gap="medium")
with grid.cell(column_span=3):
    place = pick(
        f"Which {counted}",
        [bar.as_link() for bar in bars],
        [bar.said for bar in bars],
        chart.clicked(event["selection"]["points"], parts, bars),
        chart.usual(parts, bars),
        width=430,
    )
    bar = bars[place]
    of = {"value": bar.part.value} if bar.split else {}
    asked = Dropouts(**vars(params), step=bar.step, converted=bar.reached, **of)
    listed = stopped.behind(asked, escape(bar.said, 120))
with grid.cell():
    if not bar.reached:
        stopped.went_next(asked)
page.actions((*result.queries, *listed.queries), chart.table(parts, names), "funnel", figure)
