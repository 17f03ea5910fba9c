"""The pictures of before and after: order, shapes, a ratio scale, words instead of a ratio, who is on which side."""

import datetime as dt
from dataclasses import replace

import pytest

from analytics.analyses.compare import Change, Compare, CompareResult, People, Side
from analytics.analyses.compare_people import Part
from analytics.charts import compare as chart
from analytics.charts import compare_people
from analytics.charts.theme import DARK, LIGHT
from analytics.scope import Scope

PARAMS = Compare(Scope(releases=("1.0",)), Scope(releases=("1.1",)))


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
        ("count", 0.0042, "0.0042"),
        ("value", 1234.5, "1,234.50"),
        ("value", None, "–"),
    ],
)
def test_a_value_in_its_unit(unit, value, text):
    assert chart.written(unit, value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("share", -0.0148, "−1.5 points"),
        ("seconds", 2.34, "+2.3 s"),
        ("count", -1.524, "−1.52"),
        ("count", 0.00212, "+0.0021"),
        ("value", 0, "0.00"),
    ],
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


def test_what_changed_comes_first_and_the_unclear_fill_up():
    clear = [change(f"clear {n}", (0.5 + n, 0.2, 0.9), "better") for n in range(3)]
    unclear = [change(f"unclear {n}") for n in range(9)]
    thin = [change("thin", None, "not enough data")]
    found = [row.metric for row in chart.foremost([*unclear, *thin, *clear], {"unclear 8"})]
    assert found == ["clear 2", "clear 1", "clear 0", "unclear 0", "unclear 1", "unclear 2", "unclear 3", "unclear 8"]
    many = [change(f"clear {n}", (0.5, 0.2, 0.9), "worse") for n in range(12)]
    assert len(chart.foremost([*many, *unclear], {"unclear 3"})) == 13


def test_sides_are_called_as_the_page_calls_them():
    result = CompareResult((change("orders"),), People(1, 1, 1), 0, (), ())
    figure = chart.figure(LIGHT, PARAMS, result, names=("Others", "<b>buyers</b>"))
    assert "Metric, Others → &lt;b&gt;buyers&lt;/…" in texts(figure)


def test_people_of_each_part_and_their_sessions():
    parts = [Part("before", 600, 700, 700, 0), Part("both", 300, 900, 500, 400), Part("after", 100, 120, 0, 120)]
    figure = compare_people.figure(LIGHT, parts, compare_people.names(("1.0", "1.1")))
    assert list(figure.data[0].x) == [600, 300, 100]
    assert [about[0] for about in figure.data[0].customdata] == ["before", "both", "after"]
    assert {"Only 1.0", "Both", "Only 1.1", "600 (60.0 %)", "300 (30.0 %)", "900"} <= set(texts(figure))
