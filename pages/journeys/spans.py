"""The choices that retention, stickiness and lifecycle share: how long an interval is, how many, and which event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import streamlit as st

from analytics.conditions import Matcher
from analytics.intervals import Grid, Period
from pages.journeys import grouped, steps
from pages.shared import current_scope, key

ANY = Matcher()
PERIODS = {"hour": "Hour", "day": "Day", "week": "Week", "month": "Month"}
MOST: dict[Period, int] = {"hour": 48, "day": 31, "week": 26, "month": 24}  # intervals that are shown unasked
NUMBERS = (2, 3, 4, 6, 8, 12, 14, 21, 26, 31, 48, 62)


def fitting(period: Period, week_start: Literal["monday", "sunday"] = "monday") -> int:
    """How many intervals the scope's range has, at most as many as a picture takes."""
    scope = current_scope()
    if scope.start is None or scope.stop is None:
        return min(12, MOST[period])
    grid = Grid(period, 1, week_start)
    first = grid.number(datetime.combine(scope.start, datetime.min.time()))
    last = grid.number(datetime.combine(scope.stop, datetime.min.time()) - timedelta(microseconds=1))
    return max(1, min(last - first + 1, MOST[period]))


def usual_period() -> Period:
    """The longest interval of which the range has enough to see anybody come back."""
    for period in ("month", "week", "day"):
        if fitting(period) >= (12 if period == "month" else 5):
            return period
    return "day" if fitting("day") > 2 else "hour"


def places() -> dict[Matcher, str]:
    """The pages, groups of pages and events that may be asked for."""
    return steps.events() | steps.pages(grouped.usual()) | steps.elements()


def event(label: str, name: str, given: Matcher, known: Mapping[Matcher, str], width: int = 200) -> Matcher:
    """Draws the choice of an event; any is one of them."""
    offered = {ANY: "Anything"} | {one: text for one, text in steps.labels(known, (given,)).items() if one != ANY}
    options = list(offered)
    found: Matcher = st.selectbox(
        label, options, options.index(given), format_func=offered.__getitem__, key=key(name), width=width
    )
    return found


def period(given: Any, offered: tuple[str, ...] = tuple(PERIODS)) -> Any:
    """Draws the choice of the interval's length."""
    return st.segmented_control(
        "Interval", list(offered), default=given, format_func=PERIODS.get, required=True, key=key("period")
    )


def number(given: int, fits: int, name: str) -> int:
    """Draws the choice of how many intervals, the last ones of the range; `fits` is all of it."""
    numbers = [n for n in NUMBERS if n != fits]
    numbers += [given] if given not in (fits, *numbers) else []
    words = {"All of the range": fits} | {f"The last {n}": n for n in sorted(numbers)}
    begin = next(place for place, n in enumerate(words.values()) if n == given)
    chosen = st.selectbox("How many intervals", list(words), begin, key=key(f"{name}-number-{fits}"), width=170)
    return words[chosen]
