"""Before and after: did it help, by how much, and could chance or something else have done it?"""

from dataclasses import replace

import streamlit as st

from analytics import metrics
from analytics.analyses import compare
from analytics.charts import compare as chart
from pages.changes import causes, choosing, folded, one_metric, people, sides, verdict
from pages.shared import ask, end, head, key, legend, link_to, palette, plotly, read_params, write_params

top = st.container()
usual = sides.usual()
given = read_params(usual)
with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
    what = choosing.kind(given)
    by = choosing.by(given)
    goal = choosing.goal(given)
wanted = tuple(name for name in given.metrics or () if goal or name not in metrics.OF_GOAL) or None
asked = choosing.asked(given, sides.Sides(given.before, given.after), metrics=wanted, by=by, goal=goal)
chosen = choosing.sides(what, asked, usual)
if chosen is None:
    with top:
        page = head("How does a segment differ from everybody else?", "No segment is kept in this store.")
    page.answer(
        "**No segment is kept yet.** Choose filters at the left, open **Segments** below them and save them under a "
        "name; or keep one of the kinds of sessions."
    )
    link_to("kinds", "Kinds of sessions")
    end()
with top:
    page = head(chosen.title, chosen.describe(by, len(metrics.chosen(wanted, goal))))
if chosen.before == chosen.after:
    page.answer("Before and after are **the same sessions**. Choose two different ones.")
    end()
params = choosing.asked(asked, chosen)
write_params(params, usual)
if missing := chosen.empty():
    page.answer(missing)
    page.actions(compare.queries(params, chosen.within))
    end()

result = ask(compare, params, chosen.within)
page.answer(verdict.sentence(result.metrics, chosen.days_after, None if chosen.of_time else chosen.inline))
rows = chart.ordered(result.metrics)
metric = one_metric.chosen(rows)
usual_metric = next((row.metric for row in rows if row.metric == metrics.GOAL), rows[0].metric)
foremost = chart.foremost(rows, {metric, usual_metric})
grid = st.grid(5, min_column_width=180, gap="medium")
with grid.cell(column_span=3):
    verdicts = {row.verdict for row in rows} | {"worse", "better", "no clear change"}
    marks = [(name, colour) for name, colour in chart.colours(palette()).items() if name in verdicts]
    legend(marks, "Click a mark to see its days.", chart.GLYPHS)
    place = st.container()
    shown = rows if folded.unfold(rows, foremost) else foremost
    figure = chart.figure(palette(), params, replace(result, metrics=tuple(shown)), metric, chosen.inline)
    forest = key(f"forest-{metric}-{len(shown)}")  # one per metric: a second click on the same mark is then heard
    with place:
        plotly(
            figure,
            forest,
            lambda: one_metric.clicked(forest),
            alt=f"Relative change of {len(shown)} metrics with intervals",
        )
    about_people = people.draw(params, chosen, key(one_metric.LISTED))
with grid.cell(column_span=2):
    change = one_metric.choose(rows, metric)
    days = one_metric.draw_days(params, chosen, change)
    st.subheader("What else could explain it", anchor=False)
    explained = causes.causes(params, change)
    causes.draw(explained)
one_metric.draw_behind(params, chosen, change, usual_metric)
page.actions((*result.queries, *about_people, *days, *explained.queries), one_metric.rows(rows), "before-after", figure)
