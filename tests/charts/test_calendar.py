"""The calendar of two ranges: where a day stands, what is framed, which months are named."""

import datetime as dt

import pytest

from analytics.charts import calendar as chart
from analytics.charts.theme import DARK, LIGHT

MONDAY = dt.date(2026, 8, 3)


def days(first, number, sessions=100):
    return {first + dt.timedelta(days=n): sessions for n in range(number)}


def drawn(counts, *ranges, palette=LIGHT):
    colours = chart.colours(palette)
    marked = [chart.Marked(letter, colour, days) for letter, colour, days in zip("AB", colours, ranges, strict=False)]
    return chart.figure(palette, counts, marked)


def place(figure, day):
    """Week and weekday of a day's square, from 0."""
    (trace,) = figure.data
    at = [about[0] for about in trace.customdata].index(day.isoformat())
    return trace.x[at], trace.y[at]


def texts(figure):
    return [note.text.replace("\u00a0", " ") for note in figure.layout.annotations]


def test_weeks_across_and_weekdays_down():
    figure = drawn(days(MONDAY, 21))
    assert place(figure, MONDAY) == (0, 0)
    assert place(figure, dt.date(2026, 8, 9)) == (0, 6)
    assert place(figure, dt.date(2026, 8, 12)) == (1, 2)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_more_sessions_are_further_from_the_page_and_none_is_an_empty_square(palette):
    figure = drawn({MONDAY: 40, dt.date(2026, 8, 4): 100, dt.date(2026, 8, 6): 60}, palette=palette)
    shown = list(figure.data[0].marker.color)
    assert shown[0] == palette.amounts[0]
    assert shown[1] == palette.amounts[chart.LIGHT - 1]
    assert shown[2] == palette.panel


def test_a_range_is_framed_by_its_own_colour_and_letter():
    before, after = (dt.date(2026, 8, 5), dt.date(2026, 8, 11)), (dt.date(2026, 8, 17), dt.date(2026, 8, 18))
    figure = drawn(days(MONDAY, 21), before, after)
    one, other = figure.layout.shapes
    assert (one.line.color, other.line.color) == (LIGHT.ink, LIGHT.series[0])
    # Wednesday to Tuesday: around the corner of the next week
    assert one.path == "M-0.5,1.5L0.5,1.5L0.5,-0.5L1.5,-0.5L1.5,1.5L0.5,1.5L0.5,6.5L-0.5,6.5Z"
    assert other.path == "M1.5,-0.5L2.5,-0.5L2.5,1.5L1.5,1.5Z"
    assert [text for text in texts(figure) if text in "AB"] == ["A", "B"]
    (trace,) = figure.data
    hovers = [about[1].replace("\u00a0", " ") for about in trace.customdata]
    assert "Wed, 5 Aug 2026: 100 sessions, in A" in hovers


def test_two_ranges_from_the_same_day_keep_both_letters():
    same = (MONDAY, dt.date(2026, 8, 9))
    figure = drawn(days(MONDAY, 21), same, (MONDAY, dt.date(2026, 8, 12)))
    places = [(note.x, note.y) for note in figure.layout.annotations if note.text in ("A", "B")]
    assert places == [(0, 0), (1, 2)]


def test_a_range_beyond_the_days_that_are_known_is_framed_as_far_as_they_go():
    figure = drawn(
        days(MONDAY, 7), (dt.date(2026, 8, 8), dt.date(2026, 9, 8)), (dt.date(2031, 1, 1), dt.date(2031, 1, 7))
    )
    assert len(figure.layout.shapes) == 1
    assert figure.layout.shapes[0].path == "M-0.5,4.5L0.5,4.5L0.5,6.5L-0.5,6.5Z"


def test_months_are_named_where_they_begin_and_never_touch():
    assert texts(drawn(days(dt.date(2026, 8, 3), 84))) == ["Aug 2026", "Sep", "Oct"]
    assert texts(drawn(days(dt.date(2026, 8, 31), 30))) == ["Sep"]  # a single day of August has no room
    assert texts(drawn(days(dt.date(2026, 12, 1), 60))) == ["Dec 2026", "Jan 2027"]


def test_what_is_longer_than_a_year_is_a_strip_a_year():
    figure = drawn(days(dt.date(2024, 11, 1), 500), (dt.date(2024, 12, 25), dt.date(2025, 1, 7)))
    assert place(figure, dt.date(2024, 12, 31))[1] == 1
    assert place(figure, dt.date(2025, 1, 1)) == (0, chart.ROWS + 2)
    assert len(figure.layout.shapes) == 2  # a frame in each strip
    assert "Jan 2025" in texts(figure)
    assert figure.layout.width == chart.width(dt.date(2024, 11, 1), dt.date(2026, 3, 15)) < 1150
