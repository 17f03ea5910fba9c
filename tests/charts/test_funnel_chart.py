"""The funnel's picture: shares with their denominators, the widest gap, what a click means."""

import json
from dataclasses import replace

import pytest

from analytics.analyses.funnel import Breakdown, FunnelResult, Rest, Step
from analytics.charts import funnel as chart
from analytics.charts.funnel import Part
from analytics.charts.theme import LIGHT


def steps(*counts):
    return tuple(Step(n, f"step {n}", count, None, None) for n, count in enumerate(counts, 1))


def result(whole, **of):
    split = tuple(Breakdown(None if value == "none" else value, steps(*counts)) for value, counts in of.items())
    return FunnelResult(steps(*whole), split, (), (), ())


NAMES = ["/product/*", "Add to cart", "Order"]


def test_shares_say_what_they_are_of():
    part = Part("phone", steps(200, 50, 10))
    assert part.reached(2) == 0.25
    assert (part.stopped(1), part.stopped(2), part.stopped(3)) == (150, 40, 10)
    passed = part.passed(3)
    assert (passed.went, passed.of, passed.share) == (10, 50, 0.2)
    assert passed.interval == pytest.approx((0.1124, 0.3304), abs=5e-5)  # Wilson
    assert part.passed(1) is None


def test_a_step_nobody_reached_has_no_share_of_the_next():
    part = Part("phone", steps(5, 0, 0))
    assert part.reached(3) == 0
    assert part.passed(3) is None
    assert Part("nobody", steps(0, 0, 0)).reached(2) is None


def test_one_part_calls_out_where_most_stop():
    (part,) = chart.parts(result((100, 40, 30)), None)
    assert chart.widest_gap([part]) == (part, 2)
    assert chart.widest_gap([Part("all", steps(10, 10, 10))]) is None


def test_several_call_out_the_gap_that_chance_does_not_make():
    desktop, phone = Part("desktop", steps(3000, 500, 400)), Part("phone", steps(2900, 480, 80))
    assert chart.widest_gap([desktop, phone]) == (phone, 3)
    few = Part("tablet", steps(40, 4, 2))
    assert chart.widest_gap([desktop, few]) is None


def test_parts_are_the_largest_in_a_steady_order():
    found = chart.parts(result((9, 9), tablet=(5, 1), phone=(50, 4), none=(7, 1), desktop=(60, 9)), "device")
    assert [part.name for part in found] == ["desktop", "phone", "tablet", "unknown"]
    assert found[-1].value is None
    releases = result((31, 4), **{"1.10": (8, 1), "1.9": (9, 1), "1.2": (7, 1), "2.0": (6, 1)})
    found = chart.parts(replace(releases, rest=Rest(2, steps(1, 0))), "release")
    assert [part.name for part in found] == ["1.2", "1.9", "1.10", "2.0", "2\u00a0other values"]
    assert chart.colours(LIGHT, found, "release")[found[-1].name] == LIGHT.context
    assert chart.bars(found, NAMES[:2], True)[-1].as_link() == {"step": 2, "rest": True, "reached": True}
    assert chart.parts(result((0, 0)), None) == []


def test_the_answer_names_place_and_size():
    parts = chart.parts(result((100, 40, 30)), None)
    text = chart.sentence(steps(100, 40, 30), parts, NAMES, str, "sessions").replace("\u00a0", " ")
    assert text == (
        "**30.0 %** of the 100 sessions that began with /product/* reached Order. "
        "Most stop before Add to cart: **60**, 60 % of those who came that far."
    )
    parts = chart.parts(result((5900, 980, 480), desktop=(3000, 500, 400), phone=(2900, 480, 80)), "device")
    text = chart.sentence(steps(5900, 980, 480), parts, NAMES, str, "people").replace("\u00a0", " ")
    assert text == (
        "**8.1 %** of the 5,900 people that began with /product/* reached Order. "
        "They part most before Order: **17 %** go on for phone, **80 %** for desktop."
    )


def test_the_picture_draws_counts_and_intervals():
    parts = chart.parts(result((59, 10, 5), desktop=(30, 5, 4), phone=(29, 5, 1)), "device")
    figure = chart.figure(LIGHT, parts, NAMES, chart.colours(LIGHT, parts, "device"))
    bars = [trace for trace in figure.data if trace.type == "bar" and trace.text]
    assert [list(trace.text) for trace in bars] == [["30", "5", "4"], ["29", "5", "1"]]
    assert list(bars[0].y) == pytest.approx([100, 100 / 6, 100 * 4 / 30])
    assert [trace.marker.color for trace in bars] == list(LIGHT.series[:2])
    points = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(points.y) == pytest.approx([100 / 6, 80])
    low, high = parts[0].passed(3).interval
    assert points.y[1] - points.error_y.arrayminus[1] == pytest.approx(100 * low)
    assert points.y[1] + points.error_y.array[1] == pytest.approx(100 * high)


def test_a_click_means_who_stopped_after_the_step():
    parts = chart.parts(result((59, 10, 5), desktop=(30, 5, 4), phone=(29, 5, 1)), "device")
    bars = chart.bars(parts, NAMES, True)
    figure = chart.figure(LIGHT, parts, NAMES, chart.colours(LIGHT, parts, "device"))
    for trace in (trace for trace in figure.data if trace.type == "bar"):
        for data in trace.customdata:
            number = chart.clicked([{"customdata": json.loads(json.dumps(list(data)))}], parts, bars)
            assert (bars[number].part, bars[number].step) == (parts[data[0]], data[1])
            assert bars[number].reached == (data[1] == len(NAMES))
    assert bars[chart.clicked([{"customdata": [1, 2, "phone", "..."]}], parts, bars)].said == (
        "phone: stopped after Add to cart"
    )
    assert chart.clicked([{"customdata": "a point below"}], parts, bars) is None
    assert chart.clicked([{"customdata": [7, 1]}], parts, bars) is None
    assert chart.clicked([], parts, bars) is None


def test_every_bar_has_a_link_of_its_own():
    parts = chart.parts(result((9, 9, 3), phone=(5, 1, 0), none=(3, 1, 0)), "device")
    bars = chart.bars(parts, NAMES, True)
    assert len({json.dumps(bar.as_link()) for bar in bars}) == len(bars) == 10
    assert bars[0].as_link() == {"step": 1, "of": "phone"}
    (everybody,) = chart.parts(result((9, 9, 3)), None)
    assert chart.bars([everybody], NAMES, False)[-1].as_link() == {"step": 3, "reached": True}


def test_names_are_text():
    name = "<b>bold</b> %{x} & more"
    parts = [Part(name, steps(10, 4)), Part("b", steps(10, 9))]
    figure = chart.figure(LIGHT, parts, [name, name], chart.colours(LIGHT, parts, "browser"))
    text = figure.to_json()
    assert "<b>bold" not in text
    assert all("%{x}" not in (trace.hovertemplate or "") for trace in figure.data)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("/cart", "/cart"),
        ("/checkout/payment", "/checkout/<br>payment"),
        ("Add to cart", "Add to cart"),
        ("Add a product to the cart", "Add a<br>product to the…"),
        ("/a/b/c", "/a/b/c"),
        ("averyveryverylongname", "averyveryverylo…"),
    ],
)
def test_names_below_the_picture_break_where_they_may(name, lines):
    assert chart.wrapped(name, 12) == lines


def test_rows_for_a_file():
    (row, other) = chart.table([Part("phone", steps(4, 1))], ["a", "b"])
    assert (row["count"], row["share_of_before"]) == (4, None)
    assert (other["part"], other["step"], other["share_of_first"], other["share_of_before"]) == ("phone", 2, 0.25, 0.25)
