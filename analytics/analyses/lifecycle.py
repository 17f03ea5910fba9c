"""Lifecycle: how many of a period's people are new, returning or resurrected, and how many of the last fell dormant.

    new          their first such event ever is in this period (of all stored events, in scope or not)
    returning    active in this period and in the one before
    resurrected  active in this period and not in the one before, but known from earlier
    dormant      active in the period before, and not in this one

Active is who did the event, in sessions in scope. Periods are those of the event's own time on a clock of the reporting
zone; the last one holds the scope's last day (without one, the last stored event). What was before the scope's first
day is looked at for the period before the first.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from pydantic import with_config

from analytics import intervals
from analytics.analyses.retention import ANY, MOST, Latest
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.intervals import Grid, Period, WeekStart, cte
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

Kind = Literal["new", "returning", "resurrected", "dormant"]

PAIRS = """
SELECT DISTINCT unit, {place} AS place
FROM active{also}"""
TURNS = """
SELECT unit, place,
    lag(place) OVER (PARTITION BY unit ORDER BY place) AS place_before,
    lead(place) OVER (PARTITION BY unit ORDER BY place) AS place_after
FROM pairs"""
KINDS = """
SELECT turns.unit, place,
    CASE
        WHEN place = first_place THEN 'new'
        WHEN place_before = place - 1 THEN 'returning'
        ELSE 'resurrected'
    END AS kind
FROM turns LEFT JOIN firsts ON firsts.unit = turns.unit
WHERE place > 0
UNION ALL
SELECT unit, place + 1, 'dormant'
FROM turns
WHERE place < {last} AND (place_after IS NULL OR place_after > place + 1)"""
COUNTED = """
SELECT place, kind, count(*) AS people
FROM kinds
GROUP BY place, kind
ORDER BY place, kind
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Lifecycle:
    """The question: so many `intervals` of a `period`, the last ones of the scope; `event` is what makes active."""

    period: Period = "week"
    event: Matcher = ANY
    intervals: int = 12
    week_start: WeekStart = "monday"

    def __post_init__(self) -> None:
        if not 1 <= self.intervals <= MOST:
            raise InvalidQuestion(f"Lifecycle has 1 to {MOST} intervals, not {self.intervals}.")

    @property
    def grid(self) -> Grid:
        """The periods, and the one before them."""
        return Grid(self.period, self.intervals + 1, self.week_start)


@dataclass(frozen=True)
class Row:
    """`people` are of that kind in the period at `place`; 0 is the one before the first."""

    place: int
    kind: str
    people: int


@dataclass(frozen=True)
class Stage:
    """The people of the period from `start`.

    `complete`: it was over at the last stored event, and the scope's range has all of it.
    """

    start: str
    new: int
    returning: int
    resurrected: int
    dormant: int
    complete: bool

    @property
    def people(self) -> int:
        """Who was active."""
        return self.new + self.returning + self.resurrected


@dataclass(frozen=True)
class LifecycleResult:
    """The answer: every period, also those in which nobody was active."""

    stages: tuple[Stage, ...]
    queries: tuple[Query, ...] = field(default=(), repr=False)


EXAMPLE = Lifecycle("week", Matcher(name="page_view"), intervals=8)


def kinds(params: Lifecycle, scope: Scope) -> tuple[Scope, Condition]:
    """The scope that is asked, and the CTEs up to `kinds`: a row per person, period (`place`) and `kind`."""
    grid = params.grid
    earlier, range_ = intervals.looking_back(grid, scope)
    test = params.event.test("event")
    hours = params.period == "hour"
    done = intervals.moments(test, range_) if hours else intervals.active("active", test, range_)
    ctes = [
        *range_.ctes,
        *done,
        cte("pairs", PAIRS.format(place=range_.place("active_on"), also=range_.also)),
        cte("turns", TURNS, materialized=True),
        intervals.firsts(test.sql, None, range_),
        cte("kinds", KINDS.format(last=grid.count - 1)),
    ]
    return earlier, Condition("WITH " + ",\n".join(ctes), merged([range_.params, test.params]), "")


def queries(params: Lifecycle, scope: Scope) -> tuple[Query, ...]:
    """The people of every bar, and the last stored event."""
    asked, ctes = kinds(params, scope)
    return asked.query(ctes.sql + COUNTED, **ctes.params), scope.query(intervals.LATEST)


def run(store: Store, params: Lifecycle, scope: Scope) -> LifecycleResult:
    """Ask `store`; a scope that nobody is in gives zeros, a store without events nothing."""
    latest = store.rows(scope.query(intervals.LATEST), Latest)[0].latest
    asked = queries(params, intervals.bounded(scope, latest))
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for row in store.rows(asked[0], Row):
        counts[row.place, row.kind] = row.people
    grid = params.grid
    last = grid.last(scope, latest)
    if last is None:
        return LifecycleResult((), asked)
    found = []
    for place in range(1, grid.count):
        number = last - grid.count + 1 + place
        people = {kind: counts[place, kind] for kind in ("new", "returning", "resurrected", "dormant")}
        over = number < grid.over(latest) and grid.whole(number, scope)
        found.append(Stage(grid.said(number), **people, complete=over))
    return LifecycleResult(tuple(found), asked)
