"""The pictures of retention, stickiness and lifecycle: shares, what is not over, what a click means, the words."""

import pytest

from analytics.analyses.lifecycle import Lifecycle, LifecycleResult, Stage
from analytics.analyses.retention import Breakdown, Cohort, Point, Retention, RetentionResult
from analytics.analyses.stickiness import Spread, Stickiness, StickinessResult
from analytics.charts import lifecycle as stages
from analytics.charts import retention as chart
from analytics.charts import stickiness as days
from analytics.charts.theme import DARK, LIGHT

COHORTS = (
    Cohort("2026-08-03", 100, (100, 40, 20), 3, 2),
    Cohort("2026-08-10", 50, (50, 10), 1, 1),
    Cohort("2026-08-17", 0, (0,), 0, 0),
)
CURVE = (Point(1, 40, 100, 1, 0.31, 0.5), Point(2, 0, 0, 0, None, None))
WEEKS = Retention("week", intervals=3)


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_triangle_hatches_what_is_not_over(palette):
    (cells,) = chart.triangle(palette, WEEKS, COHORTS).data
    assert [tuple(data[:2]) for data in cells.customdata] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]
    assert [plain(text) for text in cells.text] == ["100 %", "40 %", "20 %", "100 %", "20 %", ""]
    assert list(cells.marker.pattern.shape) == ["", "", "/", "", "/", ""]
    assert "40 came back 1 week later<br>40.0 % (30.9 % to 49.8 %)" in plain(cells.customdata[1][2])  # Wilson
    assert "not over yet" in cells.customdata[2][2]
    assert plain(cells.customdata[5][2]) == "Nobody began in the week of 17 Aug 2026"


def test_what_a_click_means():
    cells = chart.cells(COHORTS)
    assert chart.clicked([{"customdata": [1, 1, "..."]}], cells) == 4
    assert chart.clicked([{"customdata": [9, 9, "..."]}], cells) is None
    assert chart.clicked([], cells) is None
    assert cells[chart.usual(cells)].as_link() == {"cohort": "2026-08-03", "after": 1}


@pytest.mark.parametrize(
    ("asked", "slot", "column", "sentence"),
    [
        pytest.param({}, 1, "1", "1 week later", id="one by one"),
        pytest.param({"rolling": True}, 2, "2", "2 weeks later or after that", id="rolling"),
        pytest.param({"brackets": (1, 4)}, 1, "1", "1 week later", id="a bracket of one"),
        pytest.param({"brackets": (1, 4)}, 2, "2–5", "2 to 5 weeks later", id="a bracket of four"),
        pytest.param({"period": "hour"}, 3, "3", "3 hours later", id="hours"),
    ],
)
def test_what_a_column_is_called(asked, slot, column, sentence):
    params = Retention(**{"period": "week", "intervals": 12} | asked)
    assert chart.head(slot, params) == column
    assert plain(chart.after(slot, params)) == sentence


def test_the_sentence_says_interval_and_denominator():
    result = RetentionResult(COHORTS, CURVE)
    assert plain(chart.sentence(WEEKS, result, str)) == (
        "**40.0 %** (31.0 to 50.0 %) come back 1 week later; mean of 1 cohort of 100 people."
    )
    nothing_over = RetentionResult(COHORTS, (Point(1, 0, 0, 0, None, None),))
    assert "no week after that is over yet" in chart.sentence(WEEKS, nothing_over, str)
    assert chart.sentence(WEEKS, RetentionResult(COHORTS[2:], ()), str).startswith("**Nobody**")


def test_values_are_told_apart_only_where_their_intervals_are():
    def of(value, low, high):
        return Breakdown(value, 0, COHORTS, (Point(1, 40, 100, 1, low, high),))

    params = Retention("week", intervals=3, breakdown="device")
    alike = RetentionResult(COHORTS, CURVE, (of("phone", 0.3, 0.5), of("desktop", 0.4, 0.6)))
    assert chart.sentence(params, alike, str).endswith("Between the values no difference is clear.")
    rest = Breakdown(None, 7, COHORTS, CURVE)
    apart = RetentionResult(COHORTS, CURVE, (of("phone", 0.3, 0.35), of(None, 0.45, 0.6), rest))
    assert [name for name, _, _ in chart.drawn(params, apart)] == ["phone", "unknown", "7\u00a0other values"]
    assert chart.colours(LIGHT, params, apart)["7\u00a0other values"] == LIGHT.context
    lines = chart.curve(LIGHT, params, apart).data
    assert [list(line.x) for line in lines] == [[1], [1], [1]]


def test_the_table_has_every_cell():
    rows = chart.table(WEEKS, RetentionResult(COHORTS, CURVE))
    assert len(rows) == 6
    assert rows[2] == {
        "cohort": "2026-08-03", "size": 100, "after": "2", "returned": 20, "share": 0.2,
        "low": pytest.approx(0.1334, abs=5e-5), "high": pytest.approx(0.2888, abs=5e-5), "over": False,
    }  # fmt: skip


def test_stickiness_shows_the_last_week_that_is_over():
    result = StickinessResult((
        Spread("2026-08-03", 10, (8, 2, 0, 0, 0, 0, 0), True),
        Spread("2026-08-10", 20, (10, 0, 0, 10, 0, 0, 0), True),
        Spread("2026-08-17", 4, (4, 0, 0, 0, 0, 0, 0), False),
    ))  # fmt: skip
    params = Stickiness("week", periods=3)
    shown = days.usual(result)
    assert shown.start == "2026-08-10"
    assert days.mean_days(shown) == 2.5
    assert plain(days.sentence(params, result)) == (
        "Who comes in a week comes on **2.07 days** of it; **33.3 %** come on 4 days or more. "
        "Mean of 2 weeks, 15 people each."
    )
    figure = days.figure(LIGHT, params, result, shown)
    assert list(figure.data[1].y) == [50, 0, 0, 50, 0, 0, 0]
    assert [round(y, 1) for y in figure.data[2].y] == [60, 6.7, 0, 33.3, 0, 0, 0]
    assert days.clicked([{"customdata": [4, "..."]}], days.bars(shown)) == 3
    assert [row["active"] for row in days.table(result)][:2] == [8, 2]


def test_lifecycle_draws_who_stayed_away_below_zero():
    result = LifecycleResult((Stage("2026-08-03", 9, 0, 0, 0, True), Stage("2026-08-10", 3, 4, 1, 5, False)))
    params = Lifecycle("week", intervals=2)
    figure = stages.figure(LIGHT, params, result)
    assert [list(trace.y) for trace in figure.data] == [[0, 4], [0, 1], [9, 3], [0, -5]]
    assert all(list(trace.marker.pattern.shape) == ["", "/"] for trace in figure.data)
    found = stages.bars(result)
    assert [bar.people for bar in found] == [9, 4, 1, 3, 5]
    assert stages.clicked([{"customdata": ["2026-08-10", "dormant", "..."]}], found) == 4
    assert plain(stages.said(found[4], params)) == "Did not come again in the week of 10 Aug"
    assert plain(stages.sentence(params, result)).startswith(
        "In the week of 3 Aug, the last that is over, **9** people"
    )
