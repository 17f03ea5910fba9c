"""Metric series: one metric by day or week, with the sums that its interval needs."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import with_config

from analytics import metrics
from analytics.conditions import STRICT
from analytics.metrics import Goal
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SQL = """,
numbers AS (
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, {sessions} AS counted, {denominator} AS n, {value} AS x
    FROM measured
)
SELECT
    start,
    CAST(sum(counted) AS BIGINT) AS sessions,
    CAST(sum(n) AS DOUBLE) AS n,
    coalesce(sum(x), 0e0) AS total,
    coalesce(sum(x * x), 0e0) AS squares,
    {figure} AS value
FROM numbers
GROUP BY start
ORDER BY start
"""
MEAN = "sum(x) / nullif(sum(n), 0)"
QUANTILE = "quantile_cont(x, {at})"


@with_config(STRICT)
@dataclass(frozen=True)
class MetricSeries:
    """The question: `metric` (a name of metrics.METRICS, or `conversion` or `time_to_goal` of `goal`) by `grain`."""

    metric: str
    grain: Literal["day", "week"] = "day"
    goal: Goal | None = None

    def __post_init__(self) -> None:
        metrics.chosen([self.metric], self.goal)


@dataclass(frozen=True)
class Point:
    """Of the `sessions` that began in the day or week and have a value: sum and sum of squares of it, and what it is
    divided by (`n`: their number, of a ratio the sum of its denominator). `value` is the metric, None of no session.
    """

    start: date
    sessions: int
    n: float
    total: float
    squares: float
    value: float | None


@dataclass(frozen=True)
class MetricSeriesResult:
    """The answer: days or weeks with a session, in order."""

    series: tuple[Point, ...]
    queries: tuple[Query, ...]


EXAMPLE = MetricSeries("error_rate", grain="week")


def queries(params: MetricSeries, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    (metric,) = wanted = metrics.chosen([params.metric], params.goal)
    source = metrics.source(wanted, params.goal)
    sql = (
        "WITH "
        + source.ctes
        + SQL.format(
            sessions=metric.sessions,
            denominator=metric.denominator,
            value=metric.value,
            figure=QUANTILE.format(at=metric.at) if metric.kind == "quantile" else MEAN,
        )
    )
    return (scope.query(sql, grain=params.grain, **source.params),)


def run(store: Store, params: MetricSeries, scope: Scope) -> MetricSeriesResult:
    """Ask `store`; an empty scope has no points."""
    asked = queries(params, scope)
    return MetricSeriesResult(tuple(store.rows(asked[0], Point)), asked)
