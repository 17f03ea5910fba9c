"""The pictures of before and after: order, shapes, a ratio scale, words where there is no ratio, the days."""

import datetime as dt
from dataclasses import replace

import pytest

from analytics.analyses.compare import Change, Compare, CompareResult, People, Side
from analytics.analyses.metric_series import Point
from analytics.charts import compare as chart
from analytics.charts.theme import DARK, LIGHT
from analytics.scope import Scope

PARAMS = Compare(Scope(releases=("1.0",)), Scope(releases=("1.1",)))
MONDAY = dt.date(2026, 3, 2)


def change(metric="orders", relative=(0.0, -0.1, 0.1), verdict="no clear change", unit="share", **more):
    at, low, high = relative or (None, None, None)
    made = Change(
        metric=metric,
        label=metric.capitalize(),
        unit=unit,
        kind="share",
        higher_is_better=True,
        before=Side(0.2, 1000, 800, 0.18, 0.22),
        after=Side(0.2 * (1 + (at or 0)), 1000, 800, None, None),
        difference=0.2 * (at or 0),
        low=0.2 * (low or 0),
        high=0.2 * (high or 0),
        relative=at,
        relative_low=low,
        relative_high=high,
        smallest_detectable=0.05,
        p=0.5,
        q=0.5,
        verdict=verdict,
        note=None,
    )
    return replace(made, **more)


NOTHING = {"difference": None, "low": None, "high": None, "p": None, "q": None, "smallest_detectable": None}


def drawn(*changes, palette=LIGHT, chosen=""):
    return chart.figure(palette, PARAMS, CompareResult(changes, People(0, 0, 0), 0, (), ()), chosen)


def marks(figure):
    """By metric: where its mark stands, with its look."""
    return {
        about[0]: (x, trace.marker)
        for trace in figure.data
        if trace.customdata is not None
        for x, about in zip(trace.x, trace.customdata, strict=True)
    }


def texts(figure):
    return [note.text.replace("\u00a0", " ") for note in figure.layout.annotations]


def test_worst_news_first_then_good_then_unclear_the_largest_of_each_first():
    rows = [
        change("little", (0.1, 0.05, 0.15), "better"),
        change("unclear"),
        change("thin", None, "not enough data"),
        change("much", (1.0, 0.5, 1.5), "better"),
        change("longer", (0.3, 0.2, 0.4), "changed"),
        change("halved", (-0.5, -0.6, -0.4), "worse"),
        change("tripled", (2.0, 1.5, 2.5), "worse"),
        change("also unclear", (0.4, -0.2, 0.9)),
        change("from nothing", None, "worse"),
    ]
    order = ["from nothing", "tripled", "halved", "much", "little", "longer", "unclear", "also unclear", "thin"]
    assert [row.metric for row in chart.ordered(rows)] == order


def test_twice_and_half_are_equally_far_from_nothing():
    found = marks(drawn(change("twice", (1.0, 0.8, 1.2), "better"), change("half", (-0.5, -0.6, -0.4), "worse")))
    assert found["twice"][0] == pytest.approx(1)
    assert found["half"][0] == pytest.approx(-1)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_verdict_is_a_shape_and_a_colour(palette):
    verdicts = ("worse", "better", "changed", "no clear change")
    found = marks(drawn(*(change(verdict, verdict=verdict) for verdict in verdicts), palette=palette))
    looks = [(found[verdict][1].symbol, found[verdict][1].color) for verdict in verdicts]
    assert looks == [
        ("diamond", palette.bad),
        ("circle", palette.good),
        ("square", palette.ink),
        ("circle-open", palette.muted),
    ]
    assert len(set(chart.GLYPHS.values())) == len(chart.GLYPHS)


def test_the_picture_is_also_the_table():
    found = texts(drawn(change("orders", (-0.3, -0.4, -0.2), "worse")))
    assert {"Orders", "20.0 % → 14.0 %", "−30 %", "−40 to −20", "Metric, 1.0 → 1.1"} <= set(found)


def test_an_interval_beyond_the_axis_ends_in_an_arrow_and_not_below_nothing():
    figure = drawn(change("wild", (8.0, -1.4, 40.0)))
    arrows = [trace.marker.symbol for trace in figure.data if isinstance(trace.marker.symbol, tuple)]
    assert arrows == [("triangle-left", "triangle-right")]
    assert "−100 to +4,000" in texts(figure)


def test_without_a_relative_change_words_stand_in_its_place():
    from_nothing = change("orders", None, "better", difference=0.3, low=0.24, high=0.36)
    thin = change("errors", None, "not enough data", **NOTHING, note="Only 3 people before; 10 are needed.")
    figure = drawn(from_nothing, thin)
    found = " ".join(texts(figure))
    assert "+30.0 points (+24.0 to +36.0)" in found
    assert "Only 3 people before; 10 are needed." in found
    assert not marks(figure)


def test_the_chosen_row_is_underlaid():
    figure = drawn(change("first"), change("second"), chosen="second")
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(box.y0, box.y1) for box in boxes] == [(0.5, 1.5)]
    assert [shape for shape in drawn(change("first")).layout.shapes if shape.type == "rect"] == []


def test_names_from_data_are_no_markup():
    figure = drawn(change("orders", label="<b>%{x}</b><a href='https://elsewhere.example'>"))
    assert not any("<b>" in text or "<a" in text for text in texts(figure))
    trace = next(trace for trace in figure.data if trace.customdata is not None)
    assert "%{x}" not in trace.hovertemplate
    assert "<b>" not in trace.customdata[0][1]


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("share", 0.0441, "4.4 %"),
        ("share", 0.0076, "0.76 %"),
        ("share", 0.0, "0.0 %"),
        ("seconds", 200, "3 m 20 s"),
        ("count", 4.23, "4.2"),
        ("count", 0.31, "0.31"),
        ("value", 1234.5, "1,234.50"),
        ("value", None, "–"),
    ],
)
def test_a_value_in_its_unit(unit, value, text):
    assert chart.written(unit, value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [("share", -0.0148, "−1.5 points"), ("seconds", 2.34, "+2.3 s"), ("count", -1.524, "−1.52"), ("value", 0, "0.00")],
)
def test_a_difference_in_its_unit(unit, value, text):
    assert chart.apart(unit, value).replace("\u00a0", " ") == text


def test_small_changes_of_much_data_keep_a_decimal():
    assert chart.percents(change(relative=(0.004, 0.001, 0.007))) == ("+0.4", "+0.1", "+0.7")
    assert chart.percents(change(relative=None)) is None


@pytest.mark.parametrize(
    ("side", "other", "text"),
    [
        (Scope(releases=("1.1",)), None, "1.1"),
        (Scope(dt.date(2026, 3, 2), dt.date(2026, 3, 9)), None, "2 Mar to 8 Mar 2026"),
        (Scope(dt.date(2026, 3, 2), dt.date(2026, 3, 9)), Scope(dt.date(2026, 4, 1), dt.date(2026, 4, 2)),
         "2 Mar to 8 Mar"),
        (Scope(dt.date(2025, 12, 29), dt.date(2026, 1, 5)), Scope(dt.date(2026, 1, 5), dt.date(2026, 1, 12)),
         "29 Dec 2025 to 4 Jan 2026"),
        (Scope(devices=("phone",)), None, "on phone"),
    ],
)  # fmt: skip
def test_what_a_side_is_called(side, other, text):
    assert chart.name(side, other).replace("\u00a0", " ") == text


# --- Days -------------------------------------------------------------------------------------------------------------


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
    figure = chart.days(LIGHT, worse, *sides(WEEK, NEXT))
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
    figure = chart.days(LIGHT, change(), *drawn_sides)
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
    figure = chart.days(DARK, change("value", unit="value"), replace(before, interval=None), replace(after, mean=None))
    assert len(figure.data[0].x) == 7
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"]


def test_weeks_say_so():
    figure = chart.days(LIGHT, change(), *sides(WEEK[:1], NEXT[:1]), weekly=True)
    assert figure.data[0].customdata[0][0].startswith("Week of 2")


def test_long_times_are_in_minutes():
    long = change(
        "duration", unit="seconds", before=Side(240.0, 10, 10, None, None), after=Side(250.0, 10, 10, None, None)
    )
    assert chart.days(LIGHT, long, *sides(WEEK, NEXT)).layout.yaxis.ticksuffix.strip("\u00a0") == "m"
