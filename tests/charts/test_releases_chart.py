"""The adoption curve and the words of what changed most."""

from datetime import date, datetime, timedelta

import pytest

from analytics.analyses.item_changes import Item
from analytics.analyses.releases import Day
from analytics.charts import releases as chart
from analytics.charts.theme import LIGHT
from analytics.conditions import Matcher
from analytics.metrics import FunnelGoal
from analytics.workspace.notes import Note

FIRST = date(2026, 3, 2)
DAYS = [
    Day(FIRST + timedelta(days=n), 10, tuple(pair for pair in (("1", 10 - 2 * n), ("2", 2 * n)) if pair[1]))
    for n in range(6)
]
FUNNEL = FunnelGoal((Matcher(name="cart"), Matcher(name="order")))


def item(kind="event", name="order", part=None, counts=(40, 20), **more):
    return Item(kind, name, part, more.pop("text", None), counts, (100, 100), **more)


CLEAR = {"low": -0.3, "high": -0.1, "p": 0.001, "q": 0.002}


def test_a_line_is_the_share_of_each_day():
    drawn = chart.course(LIGHT, DAYS, ["1", "2"], "2", {"1": FIRST, "2": FIRST + timedelta(days=3)})
    one, other = drawn.data
    assert list(one.y) == pytest.approx([100, 80, 60, 40, 20, 0])
    assert list(other.y) == pytest.approx([0, 20, 40, 60, 80, 100])
    assert (one.line.color, other.line.color) == (LIGHT.context, LIGHT.series[0])
    assert "60.0\xa0%: 6 of 10\xa0sessions" in other.customdata[3]
    assert [note.text for note in drawn.layout.annotations] == ["Release 1, 2\xa0Mar", "Release 2, 5\xa0Mar"]


def test_without_a_release_the_sessions_are_drawn():
    drawn = chart.course(LIGHT, DAYS, (), None, {"New": FIRST + timedelta(days=2), "Later": date(2027, 1, 1)})
    assert list(drawn.data[0].y) == [10] * 6
    assert len(drawn.layout.shapes) == 1  # one beyond the days is none
    assert not chart.course(LIGHT, [], (), None, {}).data


def test_notes_stand_on_their_days_as_text():
    notes = [
        Note("1", FIRST + timedelta(days=1), "<b>Sale</b>"), Note("2", FIRST + timedelta(days=5), "Fair"),
        Note("3", date(2027, 1, 1), "Later"),
    ]  # fmt: skip
    drawn = chart.course(LIGHT, DAYS, ["1"], "1", {}, notes)
    marks = drawn.data[-1]
    assert [when.date() if isinstance(when, datetime) else when for when in marks.x] == [notes[0].day, notes[1].day]
    assert marks.text[0].strip() == "&lt;b&gt;Sale&lt;/b&gt;"
    assert list(marks.textposition) == ["middle right", "middle left"]


def test_of_each_item_the_part_where_it_shows_most():
    phones, everybody = item(part="phone", **CLEAR), item(**CLEAR)
    pages = item("page", "/", None, (5, 6))
    assert chart.strongest([phones, everybody, pages]) == [phones, pages]
    assert chart.foremost([phones, pages]) == [phones, pages]
    assert chart.foremost([phones] * 7 + [pages]) == [phones] * 7


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (item(**CLEAR), "less"),
        (item(counts=(20, 40), low=0.1, high=0.3, p=0.001, q=0.002), "more"),
        (item(counts=(0, 40), low=0.1, high=0.3, p=0.001, q=0.002), "new"),
        (item(counts=(40, 0), **CLEAR), "gone"),
        (item(**CLEAR | {"q": 0.2}), "within noise"),
        (item(), "too few to say"),
    ],
)
def test_what_the_figures_allow_to_say(one, said):
    assert chart.verdict(one) == said


def test_a_row_has_the_interval_beside_the_difference():
    (row,) = chart.rows([item(part="phone", **CLEAR)], None)
    assert row == {
        "What": "Event order", "Among": "phones", "Points": "−20.0 (−30.0 to −10.0)", "Before": "40.0\xa0%",
        "After": "20.0\xa0%", "q": "0.002", "In words": "less",
    }  # fmt: skip
    assert chart.rows([item()], None)[0]["Points"] == "–"
    assert chart.figures([item(part="phone", **CLEAR)])[0]["verdict"] == "less"


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (item("step", "2"), "2 of 2: order"),
        (item("element", "#pay", text="Pay now"), "Pay now (#pay)"),
        (item("element", "#pay"), "#pay"),
        (item("error", "boom"), "boom"),
    ],
)
def test_an_item_by_its_name(one, name):
    assert chart.named(one, FUNNEL) == name
