"""Stickiness: of the people active in a week or month, how many were so on one day of it, on two, on three and so on.

A day is one of the event's own time on a clock of the reporting zone; active is who did the event on it. The last
period holds the scope's last day (without one, the last stored event). Only events of sessions in scope count.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from pydantic import with_config

from analytics import intervals
from analytics.analyses.retention import ANY, MOST, Latest
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.intervals import Grid, WeekStart, cte
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SPREAD = """
SELECT unit, {place} AS place, bit_count(bit_or(CAST(1 AS BIGINT) << CAST({nth} AS INTEGER))) AS days
FROM active{also}
GROUP BY unit, {place}"""
COUNTED = """
SELECT place, CAST(days AS INTEGER) AS days, count(*) AS people
FROM spread
GROUP BY place, days
ORDER BY place, days
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Stickiness:
    """The question: so many `periods`, weeks or months, the last ones of the scope; `event` is what makes active."""

    period: Literal["week", "month"] = "week"
    event: Matcher = ANY
    periods: int = 12
    week_start: WeekStart = "monday"

    def __post_init__(self) -> None:
        if not 1 <= self.periods <= MOST:
            raise InvalidQuestion(f"Stickiness has 1 to {MOST} periods, not {self.periods}.")

    @property
    def grid(self) -> Grid:
        """The periods."""
        return Grid(self.period, self.periods, self.week_start)


@dataclass(frozen=True)
class Row:
    """`people` were active on `days` days of the period at `place`, from 0."""

    place: int
    days: int
    people: int


@dataclass(frozen=True)
class Spread:
    """`people` were active in the period from `start`: `days[n - 1]` of them on exactly n days of it.

    `complete`: the period was over at the last stored event, and the scope's range has all of it.
    """

    start: str
    people: int
    days: tuple[int, ...]
    complete: bool


@dataclass(frozen=True)
class StickinessResult:
    """The answer: every period, also those in which nobody was active."""

    periods: tuple[Spread, ...]
    queries: tuple[Query, ...] = field(default=(), repr=False)


EXAMPLE = Stickiness("week", Matcher(name="page_view"), periods=8)


def spread(params: Stickiness, scope: Scope) -> Condition:
    """The CTEs up to `spread`: a row per person and period, with the number of `days`."""
    grid = params.grid
    range_ = intervals.range_of(grid, scope)
    test = params.event.test("event")
    nth = grid.day_in("active_on")
    form = SPREAD.format(place=range_.place("active_on"), nth=nth, also=range_.also)
    ctes = [*range_.ctes, *intervals.active("active", test, range_), cte("spread", form)]
    return Condition("WITH " + ",\n".join(ctes), merged([range_.params, test.params]), "")


def queries(params: Stickiness, scope: Scope) -> tuple[Query, ...]:
    """The people of every bar, and the last stored event."""
    ctes = spread(params, scope)
    return scope.query(ctes.sql + COUNTED, **ctes.params), scope.query(intervals.LATEST)


def run(store: Store, params: Stickiness, scope: Scope) -> StickinessResult:
    """Ask `store`; a scope that nobody is in gives zeros, a store without events nothing."""
    latest = store.rows(scope.query(intervals.LATEST), Latest)[0].latest
    asked = queries(params, intervals.bounded(scope, latest))
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for row in store.rows(asked[0], Row):
        counts[row.place][row.days] = row.people
    grid = params.grid
    last = grid.last(scope, latest)
    if last is None:
        return StickinessResult((), asked)
    found = []
    for place in range(params.periods):
        number = last - params.periods + 1 + place
        most = (grid.begins(number + 1) - grid.begins(number)) // timedelta(days=1)
        days = tuple(counts[place].get(n, 0) for n in range(1, most + 1))
        over = number < grid.over(latest) and grid.whole(number, scope)
        found.append(Spread(grid.said(number), sum(days), days, over))
    return StickinessResult(tuple(found), asked)
