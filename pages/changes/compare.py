"""Before and after: did it help, by how much, and could chance or something else have done it?"""

from dataclasses import replace

import streamlit as st

from analytics import metrics
from analytics.analyses import compare
from analytics.charts import compare as chart
from pages.changes import causes, one_metric, sides, verdict
from pages.shared import ask, end, head, key, legend, palette, plotly, read_params, write_params

top = st.container()
usual = sides.usual()
given = read_params(usual)
with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
    chosen = sides.choose_sides(given)
    by = sides.choose_by(given)
    goal = sides.choose_goal(given)
wanted = tuple(name for name in given.metrics or () if goal or name != metrics.GOAL) or None
with top:
    page = head(chosen.title, chosen.describe(by, len(metrics.chosen(wanted, goal))))
if chosen.before == chosen.after:
    page.answer("Before and after are **the same sessions**. Choose two releases, or two ranges of days.")
    end()
params = replace(given, before=chosen.before, after=chosen.after, metrics=wanted, by=by, goal=goal)
write_params(params, usual)
if missing := chosen.empty():
    page.answer(missing)
    page.actions(compare.queries(params, chosen.within))
    end()

result = ask(compare, params, chosen.within)
page.answer(verdict.sentence(result.metrics, chosen.days_after))
rows = chart.ordered(result.metrics)
metric = one_metric.chosen(rows)
grid = st.grid(5, min_column_width=180, gap="medium")
with grid.cell(column_span=3):
    verdicts = {row.verdict for row in rows} | {"worse", "better", "no clear change"}
    marks = [(name, colour) for name, colour in chart.colours(palette()).items() if name in verdicts]
    legend(marks, "Click a mark to see its days.", chart.GLYPHS)
    figure = chart.figure(palette(), params, result, metric)
    forest = key(f"forest-{metric}")  # another one per metric: a click on the same mark is then heard again
    plotly(
        figure,
        key=forest,
        on_select=lambda: one_metric.clicked(forest),
        alt=f"Relative change of {len(rows)} metrics with intervals",
    )
with grid.cell(column_span=2):
    change = one_metric.choose(rows, metric)
    days = one_metric.draw_days(params, change)
    st.subheader("What else could explain it", anchor=False)
    causes.draw(causes.causes(params, result.caveats, change))
one_metric.draw_behind(params, change)
page.actions((*result.queries, *days), one_metric.rows(rows), "before-after", figure)
