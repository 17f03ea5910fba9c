"""Cluster sessions: which sessions are of one kind, the most typical or the latest first. The list behind a kind."""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import clustering
from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import Row, check_page
from analytics.clustering import Cluster, Feature
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

PLACED = """
WITH placed AS ({nearest}
),
members AS (
    SELECT session_id, start, {distance} AS distance
    FROM placed
    WHERE nearest = $number
)"""
LISTED = """
SELECT session_id, count(*) OVER () AS total
FROM members
ORDER BY {order}start DESC, session_id
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM members
"""


@with_config(STRICT)
@dataclass(frozen=True)
class ClusterSessions:
    """The question: sessions of the kind `cluster`, those nearest to its centre first, or the latest."""

    cluster: Cluster
    order: Literal["typical", "latest"] = "typical"
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)


@dataclass(frozen=True)
class ClusterSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = ClusterSessions(
    Cluster(
        (
            Feature("duration"),
            Feature("turns"),
            Feature("event", "change"),
            Feature("page", "products", ("/product/*",)),
        ),
        (2.0, 0.5, 0.7, 0.65),
        ((1.6, 0.1, 0.1, 0.5), (2.7, 0.9, 0.5, 1.9), (3.0, 0.8, 3.4, 1.6)),
        3,
        "Many changes",
    ),
    limit=20,
)


def queries(params: ClusterSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    kept = ("session_key", "session_id", "start")
    settled = clustering.nearest(params.cluster, "kind", kept, "scoped_sessions", "scoped_visits", measures=True)
    placed = PLACED.format(nearest=settled.sql, distance=clustering.distance(params.cluster))
    values = settled.params | {"number": params.cluster.number}
    order = "round(distance, 9), " if params.order == "typical" else ""
    page = scope.query(placed + LISTED.format(order=order), limit=params.limit, offset=params.offset, **values)
    return page, scope.query(placed + COUNTED, **values)


def run(store: Store, params: ClusterSessions, scope: Scope) -> ClusterSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return ClusterSessionsResult(*event_sessions.listing(store, asked), asked)
