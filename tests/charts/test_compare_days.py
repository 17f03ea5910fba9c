"""One metric of before and after by day: points, means, intervals, and where after begins."""

import datetime as dt
from dataclasses import replace

import pytest

from analytics.analyses.compare import Side
from analytics.analyses.metric_series import Point
from analytics.charts import compare_days as chart
from analytics.charts.theme import DARK, LIGHT, with_alpha
from tests.charts.test_compare_chart import change, texts

MONDAY = dt.date(2026, 3, 2)


def points(first, *counts):
    """(sessions, those with the thing) a day."""
    return [
        Point(first + dt.timedelta(days=n), of, of, float(hit), float(hit), hit / of if of else None)
        for n, (of, hit) in enumerate(counts)
    ]


def sides(before, after):
    return chart.Side("1.0", "Release 1.0", before, 0.2, (0.15, 0.25)), chart.Side(
        "1.1", "Release 1.1", after, 0.1, (0.05, 0.15)
    )


WEEK = points(MONDAY, *[(100, 20)] * 7)
NEXT = points(MONDAY + dt.timedelta(days=7), *[(100, 10)] * 7)


def test_days_means_intervals_and_where_after_begins():
    worse = change("orders", (-0.5, -0.6, -0.4), "worse")
    figure = chart.figure(LIGHT, worse, *sides(WEEK, NEXT))
    (dots,) = figure.data
    assert list(dots.y) == pytest.approx([20] * 7 + [10] * 7)
    bands = [(shape.y0, shape.y1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert bands == [pytest.approx((15, 25)), pytest.approx((5, 15))]
    lines = [shape for shape in figure.layout.shapes if shape.type == "line" and shape.y0 == shape.y1]
    assert [(line.y0, line.line.color) for line in lines] == [(20, LIGHT.ink), (10, LIGHT.bad)]
    assert "Release 1.1, 9 Mar" in texts(figure)


def test_a_day_of_few_sessions_is_left_out():
    straggler = points(MONDAY + dt.timedelta(days=7), (3, 3))
    drawn_sides = sides([*WEEK, *straggler], NEXT)
    assert chart.thin(drawn_sides) == straggler
    figure = chart.figure(LIGHT, change(), *drawn_sides)
    assert len(figure.data[0].x) == 14
    assert figure.layout.yaxis.range[1] < 40


def test_after_begins_on_the_day_from_which_it_has_more_sessions():
    tried_out = points(MONDAY + dt.timedelta(days=3), (2, 0), (1, 0), (0, 0), (4, 0))
    before, after = sides(WEEK, [*tried_out, *NEXT])
    assert chart.turn(before, after) == MONDAY + dt.timedelta(days=7)
    beside, _ = sides(WEEK, NEXT)
    assert chart.turn(beside, beside) is None


def test_one_side_alone_and_no_interval():
    before, after = sides(WEEK, [])
    figure = chart.figure(
        DARK, change("value", unit="value"), replace(before, interval=None), replace(after, mean=None)
    )
    assert len(figure.data[0].x) == 7
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"]


def test_weeks_say_so():
    figure = chart.figure(LIGHT, change(), *sides(WEEK[:1], NEXT[:1]), weekly=True)
    assert figure.data[0].customdata[0][0].startswith("Week of 2")


def test_long_times_are_in_minutes():
    long = change(
        "duration", unit="seconds", before=Side(240.0, 10, 10, None, None), after=Side(250.0, 10, 10, None, None)
    )
    assert chart.figure(LIGHT, long, *sides(WEEK, NEXT)).layout.yaxis.ticksuffix.strip("\u00a0") == "m"


def test_a_ratio_and_a_quantile_are_drawn_as_they_are_and_counted_by_session():
    ratio = [Point(MONDAY, 10, 40, 8.0, 8.0, 0.2), Point(MONDAY + dt.timedelta(days=1), 10, 50, 5.0, 5.0, 0.1)]
    figure = chart.figure(LIGHT, change("errors", unit="count", kind="ratio"), *sides(ratio, NEXT))
    assert list(figure.data[0].y)[:2] == pytest.approx([0.2, 0.1])
    assert "0.20 of 10 sessions" in figure.data[0].customdata[0][0].replace("\u00a0", " ")


def test_sides_that_ran_side_by_side_are_told_apart():
    figure = chart.figure(LIGHT, change(), *sides(WEEK, points(MONDAY, *[(100, 10)] * 7)))
    (dots,) = figure.data
    assert dots.marker.color[0] == LIGHT.context
    assert dots.marker.color[7] == with_alpha(LIGHT.series[0], 0.6)
    assert dots.customdata[0][0].startswith("1.0, 2\u00a0Mar")
