"""The questions that every engine is asked, and the form in which its answers are compared.

    overview   by day and in all: sessions, people, events, page views, errors, bounces, duration and active time
    heatmap    clicks on the busiest page, on squares of 20 pixels and by element
    scroll     how far down the busiest page its views came, in steps of 5 %
    elements   every clicked element: clicks, sessions and people
    paths      the first five pages of every session: links, and items with those who left
        around the same around every session's first view of the busiest page: up to three pages before, four after
    moves      how often each page comes straight after each other one, a path's start and end included
    whole      the most usual whole sessions, page by page
    pattern    sessions that do four things in this order, as a pattern
    funnel     four steps in this order within a session
        window     the same within five minutes
        person     the same by person, over sessions
        days       the same by person within seven days
        breakdown  the first one by country, of which there are ten
    compare    a month against the month before: every metric, with what its interval by person needs
    placebo    every metric by day, of which the same comparison at earlier dates is made
    retention  weekly cohorts of people who did anything, and how many come back in each later week

Each over everything, over two weeks, and over the sessions of one country, a tenth of all. An answer is a mapping from
a key to a list of whole numbers, so that answers of different engines are equal or are not.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

FUNNELS = ("funnel", "funnel window", "funnel person", "funnel days", "funnel breakdown")
PATHS = ("paths", "paths around")
QUESTIONS = (
    *("overview", "heatmap", "scroll", "elements", *PATHS, "moves", "whole", "pattern", *FUNNELS),
    *("compare", "placebo", "retention"),
)
PAGE = "/"  # the busiest by construction
CELL = 20
ITEMS = 5
BEFORE = 3  # items before the page
MOST = 30  # whole sessions
FUNNEL = ("page_view", "product_viewed", "add_to_cart", "purchase")
WINDOW_S = {"funnel window": 300, "funnel days": 7 * 86_400}
BY_PERSON = ("funnel person", "funnel days")
MONTHS = ("2026-01-05", "2026-02-04", "2026-03-06")  # of the made-up releases 1.0 and 1.1
GOAL = "purchase"
METRICS = ("conversion", "error_rate", "events", "page_views", "duration")  # the others are not asked of other engines
FIRST_WEEK, WEEKS = dt.date(2026, 1, 5), 13  # of the made-up events

Answer = dict[str, list[int]]


@dataclass(frozen=True)
class Slice:
    """Which sessions: those that began on `start` or later and before `stop`, of `country`; None is any."""

    name: str
    words: str
    start: str | None = None
    stop: str | None = None
    country: str | None = None


SLICES = (
    Slice("all", "everything"),
    Slice("weeks", "two weeks", start="2026-02-09", stop="2026-02-23"),
    Slice("country", "one country", country="FR"),
)
"""A tenth of the made-up sessions come from the country."""


def key(*parts: object) -> str:
    return " ".join(map(str, parts))


def overview(rows: Iterable[Any]) -> Answer:
    """From (day or None, sessions, people, events, page_views, errors, bounces, duration_ms, active_ms)."""
    return {key("day", day or "all"): [int(figure or 0) for figure in figures] for day, *figures in rows}


def heatmap(cells: Iterable[Any], elements: Iterable[Any]) -> Answer:
    """From (column_no, row_no, events, sessions) and (element, events, sessions)."""
    found = {key("cell", column, row): [int(events), int(sessions)] for column, row, events, sessions in cells}
    return found | {key("element", element): [int(events), int(sessions)] for element, events, sessions in elements}


def scroll(rows: Iterable[Any]) -> Answer:
    """From (depth in percent, views that came so far and no further)."""
    depths = [(int(depth), int(views)) for depth, views in rows]
    return {key("reached", step): [sum(views for depth, views in depths if depth >= step)] for step in range(0, 105, 5)}


def elements(rows: Iterable[Any]) -> Answer:
    """From (element, clicks, sessions, people)."""
    return {key("element", element): [int(figure) for figure in figures] for element, *figures in rows}


def paths(links: Iterable[Any], items: Iterable[Any]) -> Answer:
    """From (depth, source, target, sessions) and (depth, item, sessions, left)."""
    found = {key("link", depth, source, target): [int(sessions)] for depth, source, target, sessions in links}
    return found | {key("item", depth, item): [int(sessions), int(left)] for depth, item, sessions, left in items}


def moves(rows: Iterable[Any]) -> Answer:
    """From (page or "(start)", page or "(end)", how often); the ends are a kind of their own."""
    return {
        key("end" if source == "(start)" or target == "(end)" else "move", source, target): [int(count)]
        for source, target, count in rows
    }


def whole(rows: Iterable[Any]) -> Answer:
    """From (pages, sessions), the most usual first, `MOST` at most; of those as usual as the last any may be listed."""
    found = [(key("path", *pages), int(sessions)) for pages, sessions in rows]
    least = found[-1][1] if len(found) == MOST else 0
    return {path: [sessions] for path, sessions in found if sessions > least}


def pattern(sessions: int) -> Answer:
    return {"sessions": [int(sessions)]}


def funnel(counts: Iterable[Any]) -> Answer:
    return {key("step", step): [int(count)] for step, count in enumerate(counts, 1)}


def funnels(counts: Iterable[Any]) -> Answer:
    """From (value, count of step 1, of step 2, ...)."""
    return {key("step", value, step): [int(count)] for value, *of in counts for step, count in enumerate(of, 1)}


def retention(cells: Iterable[Any]) -> Answer:
    """From (week from 0, weeks later, people); cohorts of nobody are left out."""
    return {key("cohort", week, later): [int(people)] for week, later, people in cells if people}


def sides(one: Slice) -> tuple[str, str, str]:
    """The first day of before, of after, and the one after that: a week each within two weeks."""
    if one.start is None or one.stop is None:
        return MONTHS
    return one.start, (dt.date.fromisoformat(one.start) + dt.timedelta(days=7)).isoformat(), one.stop


def compare(people: Iterable[Any], metrics: Iterable[Any]) -> Answer:
    """From (only before, only after, on both sides) and (metric, side from 0, sessions, people, total of it)."""
    found = {key("people"): [int(number) for number in people]}
    return found | {key("metric", name, side): [int(number) for number in numbers] for name, side, *numbers in metrics}


def placebo(rows: Iterable[Any]) -> Answer:
    """From (metric, day, sessions, total of it)."""
    return {key("day", metric, day): [int(sessions), int(total)] for metric, day, sessions, total in rows}


def differences(ours: Answer, theirs: Answer) -> list[str]:
    """What is not equal, in words; at most five lines.

    Another engine may answer less (items without links, without those who left): compared are the kinds of key that it
    gives at all, and as many figures as it gives; of these every one.
    """
    if not theirs:
        return ["no answer"]
    kinds = {name.split()[0] for name in theirs}
    figures = {name.split()[0]: len(found) for name, found in theirs.items()}
    mine = {name: found for name, found in ours.items() if name.split()[0] in kinds}
    wrong = []
    for name in sorted(mine.keys() | theirs.keys()):
        here, there = mine.get(name, [])[: figures[name.split()[0]]], theirs.get(name, [])
        if here != there:
            wrong.append(f"{name}: {here} here, {there} there")
    return wrong[:5]
