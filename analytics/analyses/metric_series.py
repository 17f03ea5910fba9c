"""Metric series: one metric by day or week, with the sums that its interval needs."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import with_config

from analytics import metrics
from analytics.conditions import STRICT, Matcher
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SQL = """
SELECT
    CAST(date_trunc($grain, day) AS DATE) AS start,
    count(x) AS n,
    coalesce(sum(x), 0e0) AS total,
    coalesce(sum(x * x), 0e0) AS squares
FROM (SELECT day, {x} AS x FROM scoped_sessions) AS measured
GROUP BY start
ORDER BY start
"""


@with_config(STRICT)
@dataclass(frozen=True)
class MetricSeries:
    """The question: `metric` (a name of metrics.METRICS, or `conversion` to `goal`) by `grain`."""

    metric: str
    grain: Literal["day", "week"] = "day"
    goal: Matcher | None = None

    def __post_init__(self) -> None:
        metrics.chosen([self.metric], self.goal)


@dataclass(frozen=True)
class Point:
    """Over the `n` sessions that began in the day or week and have a value: sum and sum of squares of it."""

    start: date
    n: int
    total: float
    squares: float


@dataclass(frozen=True)
class MetricSeriesResult:
    """The answer: days or weeks with a session, in order."""

    series: tuple[Point, ...]
    queries: tuple[Query, ...]


EXAMPLE = MetricSeries("error_rate", grain="week")


def queries(params: MetricSeries, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    (metric,) = metrics.chosen([params.metric], params.goal)
    goal = metrics.conversion(params.goal).condition.params if params.metric == metrics.GOAL and params.goal else {}
    return (scope.query(SQL.format(x=metric.sql), grain=params.grain, **goal),)


def run(store: Store, params: MetricSeries, scope: Scope) -> MetricSeriesResult:
    """Ask `store`; an empty scope has no points."""
    asked = queries(params, scope)
    return MetricSeriesResult(tuple(store.rows(asked[0], Point)), asked)
