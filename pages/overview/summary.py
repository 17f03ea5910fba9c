"""Overview: how it is going, how many reach the goal over time, and what stands out."""

import datetime as dt
from dataclasses import replace
from functools import partial

import streamlit as st

from analytics import words
from analytics.analyses import overview, values
from analytics.charts import base
from analytics.charts import overview as chart
from analytics.charts.theme import device_colours
from pages.overview import figures, findings, goals, selected
from pages.shared import ask, current_scope, head, key, legend, palette, plotly
from pages.shared.releases import takeovers

DRAWN, ENOUGH = 3, 0.08  # at most so many lines of devices, each with this share of the sessions

page = head("How is it going?")
scope = current_scope()
days = (scope.start or dt.date.min, (scope.stop or dt.date.max) - dt.timedelta(days=1))
place_of_answer = st.container()
params = goals.choose(scope)
goal = goals.said(params.goal)

result = ask(overview, params)
used = ask(values, values.Values("device"), scope).values
devices = [one.value for one in used if one.sessions >= ENOUGH * result.totals.sessions][:DRAWN]
split = {device: ask(overview, params, replace(scope, devices=(device,))) for device in devices}
lines = {device: answer.series for device, answer in split.items()} if len(split) > 1 else {"": result.series}
releases = takeovers(scope)

grid = st.grid(4, min_column_width=236, gap="medium")
with grid.cell(column_span=3):
    st.subheader(f"Sessions{f' with {goal}' if goal else ''}, by {params.grain}", anchor=False)
    colours = device_colours(palette(), lines) if len(lines) > 1 else {"": palette().series[0]}
    figure = chart.course(palette(), lines, colours, releases, days, params.grain, params.goal is not None)
    name = key(f"course-{params.grain}")
    said = "Share of sessions, the band its 95 % interval. " if goal else ""
    rare = [one.value for one in used if one.value not in lines] if len(lines) > 1 else []
    left_out = f" Too few to draw: {words.listed([base.cut(name, 24) for name in rare[:4]])}." if rare else ""
    legend([], f"{said}Click a point for its sessions.{left_out}")
    plotly(figure, name, partial(selected.picked, name), alt=f"Course of the sessions by {params.grain}")
with grid.cell():
    st.subheader("In figures", anchor=False)
    uncut = [point for point in result.series if not chart.is_cut(point.start, params.grain, *days)]
    figures.draw(params, result.totals, uncut or result.series, scope)

selected.draw(params, scope, days)

found = findings.found(scope, params.goal, goal, releases, devices)
findings.draw(found)
page.answer(findings.answer(result.totals, goal, found))
rows = [
    {"device": name or "all", "start": point.start, **vars(point)} for name, series in lines.items() for point in series
]
page.actions(result.queries, rows, "overview", figure)
