"""Metric sessions: the sessions behind a metric. Of a share those that count in it, or the others; else all that have a
value, the largest first."""

from dataclasses import dataclass

from pydantic import with_config

from analytics import metrics
from analytics.analyses.event_sessions import Row, check_page, listing
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.metrics import Goal
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
numbers AS (
    SELECT session_id, start, {value} AS value
    FROM measured
),
listed AS (
    SELECT session_id, start, value, count(*) OVER () AS total
    FROM numbers
    WHERE {test}
)
"""
LISTED = """
SELECT session_id, total
FROM listed
ORDER BY {order}start DESC, session_id
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM listed
"""


@with_config(STRICT)
@dataclass(frozen=True)
class MetricSessions:
    """The question: the sessions behind `metric` (a name of metrics.METRICS, or `conversion` or `time_to_goal` of
    `goal`). `others`: of a share those of its denominator that do not count in it."""

    metric: str
    goal: Goal | None = None
    others: bool = False
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        (metric,) = metrics.chosen([self.metric], self.goal)
        if self.others and metric.kind != "share":
            raise InvalidQuestion(f"Only a share has others that do not count in it; {self.metric!r} is none.")


@dataclass(frozen=True)
class MetricSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = MetricSessions("error_rate", limit=20)


def queries(params: MetricSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    (metric,) = wanted = metrics.chosen([params.metric], params.goal)
    source = metrics.source(wanted, params.goal)
    of_share = metric.kind == "share"
    test = f"value {'=' if params.others else '>'} 0" if of_share else "value IS NOT NULL"
    members = "WITH " + source.ctes + MEMBERS.format(value=metric.value, test=test)
    order = LISTED.format(order="" if of_share else "value DESC, ")
    page = scope.query(members + order, limit=params.limit, offset=params.offset, **source.params)
    return page, scope.query(members + COUNTED, **source.params)


def run(store: Store, params: MetricSessions, scope: Scope) -> MetricSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return MetricSessionsResult(*listing(store, asked), asked)
