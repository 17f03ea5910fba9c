"""Two ranges of days: what is said of them, and the whole weeks that are offered instead."""

import datetime as dt

import pytest

from analytics.scope import Scope
from pages.changes import ranges

FIRST, LAST = dt.date(2026, 8, 3), dt.date(2026, 10, 25)  # a Monday and a Sunday


def side(first, last):
    return Scope(start=dt.date.fromisoformat(f"2026-{first}"), stop=dt.date.fromisoformat(f"2026-{last}") + ranges.DAY)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(("08-31", "09-06"), ("09-07", "09-13"), [], id="whole weeks of one length"),
        pytest.param(("09-02", "09-08"), ("09-09", "09-15"), [], id="seven days from a Wednesday hold every weekday"),
        pytest.param(("08-31", "09-08"), ("09-12", "09-29"), ["Before covers 9 days, after 18: not whole"], id="cut"),
        pytest.param(("08-31", "09-02"), ("09-07", "09-09"), ["Both cover 3 days: not whole weeks"], id="both alike"),
        pytest.param(("08-31", "09-06"), ("09-07", "09-10"), ["Before covers 7 days, after 4: after is"], id="one cut"),
        pytest.param(("08-31", "09-06"), ("09-07", "09-20"), ["Before covers 7 days, after 14: both"], id="longer"),
        pytest.param(
            ("08-31", "09-06"), ("09-06", "09-12"), ["1 day is in both ranges; their sessions count"], id="overlap"
        ),
    ],
)  # fmt: skip
def test_what_is_said(before, after, said):
    found = [text.replace("\u00a0", " ") for text in ranges.remarks(side(*before), side(*after))]
    assert len(found) == len(said)
    assert all(text.startswith(beginning) for text, beginning in zip(found, said, strict=True))


@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        pytest.param(("08-31", "09-08"), ("09-12", "09-29"), (("08-31", "09-06"), ("09-14", "09-20")), id="shortened"),
        pytest.param(("09-01", "09-06"), ("09-07", "09-12"), (("08-31", "09-06"), ("09-07", "09-13")), id="a day more"),
        pytest.param(("10-20", "10-22"), ("10-23", "10-25"), (("10-12", "10-18"), ("10-19", "10-25")), id="at the end"),
        pytest.param(("09-07", "09-20"), ("09-07", "09-13"), (("08-31", "09-06"), ("09-07", "09-13")), id="no overlap"),
        pytest.param(("09-21", "09-28"), ("08-03", "08-09"), (("09-21", "09-27"), ("08-03", "08-09")), id="backwards"),
    ],
)
def test_the_nearest_whole_weeks(before, after, offered):
    assert ranges.whole_weeks(side(*before), side(*after), FIRST, LAST) == tuple(side(*one) for one in offered)


def test_too_few_days_hold_no_two_weeks():
    assert ranges.whole_weeks(side("08-03", "08-06"), side("08-07", "08-12"), FIRST, dt.date(2026, 8, 14)) is None
