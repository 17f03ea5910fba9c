"""Metric days: the sums that each metric is made of, by day, for every metric that adds up, in one statement.

From them follow the value of any range of days, its trend, and the same comparison at other dates. Quantiles have none.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import with_config

from analytics import metrics
from analytics.conditions import STRICT, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import Goal, Metric
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

OF_METRIC = "sum({sessions}) AS n_{n}, sum({numerator}) AS total_{n}, sum({denominator}) AS weight_{n}"
SQL = """
WITH {source},
by_day AS (
    SELECT day, {sums}
    FROM measured
    GROUP BY day
)
SELECT
    metric,
    day,
    CAST({n} AS BIGINT) AS n,
    CAST({total} AS DOUBLE) AS total,
    CAST({weight} AS DOUBLE) AS weight
FROM by_day CROSS JOIN (VALUES {names}) AS names (number, metric)
ORDER BY number, day
"""


@with_config(STRICT)
@dataclass(frozen=True)
class MetricDays:
    """The question: `metrics` (names of metrics.METRICS; null: all that add up) by day; a `goal` adds `conversion`."""

    metrics: tuple[str, ...] | None = None
    goal: Goal | None = None

    def __post_init__(self) -> None:
        self.adding()

    def adding(self) -> tuple[Metric, ...]:
        """The metrics meant; raises `InvalidQuestion` for one that does not add up."""
        wanted = metrics.chosen(self.metrics, self.goal)
        adding = tuple(metric for metric in wanted if metric.kind != "quantile")
        if self.metrics is not None and len(adding) < len(wanted):
            other = next(metric for metric in wanted if metric not in adding)
            raise InvalidQuestion(f"The metric {other.name!r} is a quantile, which does not add up over days.")
        return adding


@dataclass(frozen=True)
class MetricDay:
    """Of the `n` sessions of a day that have the metric: its value is `total` / `weight`."""

    metric: str
    day: date
    n: int
    total: float
    weight: float


@dataclass(frozen=True)
class MetricDaysResult:
    """The answer: a metric after the other, each with every day that has a session, in order."""

    days: tuple[MetricDay, ...]
    queries: tuple[Query, ...]


EXAMPLE = MetricDays(goal=Matcher(name="order"))


def queries(params: MetricDays, scope: Scope) -> tuple[Query, ...]:
    """One statement: a row per day with the sums of all metrics, then a row for each."""
    wanted = params.adding()
    source = metrics.source(wanted, params.goal)
    numbered = list(enumerate(wanted, 1))
    sql = SQL.format(
        source=source.ctes,
        sums=",\n        ".join(
            OF_METRIC.format(n=n, sessions=one.sessions, numerator=one.numerator, denominator=one.denominator)
            for n, one in numbered
        ),
        names=", ".join(f"({n}, '{one.name}')" for n, one in numbered),
        **{
            column: f"CASE number {' '.join(f'WHEN {n} THEN {column}_{n}' for n, _ in numbered)} END"
            for column in ("n", "total", "weight")
        },
    )
    return (scope.query(sql, **source.params),)


def run(store: Store, params: MetricDays, scope: Scope) -> MetricDaysResult:
    """Ask `store`; an empty scope has no days."""
    found = queries(params, scope)
    return MetricDaysResult(tuple(store.rows(found[0], MetricDay)), found)
