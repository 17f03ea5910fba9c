"""Sessions: the list behind a figure, one row each, with what is needed to choose one to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import with_config

from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT, Where
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SQL = """
SELECT
    session_id,
    (SELECT max(id) FROM users WHERE users.user_key = chosen.user_key) AS user,
    start, stop AS "end", start_local, events, page_views, clicks, errors,
    duration_ms / 1e3 AS duration_s, active_ms / 1e3 AS active_s,
    bounce, value, entry_page, exit_page, device, browser, os, country, release, campaign, total
FROM (
    SELECT *, count(*) OVER () AS total
    FROM scoped_sessions
) AS chosen
ORDER BY {order}, start, session_id
LIMIT $limit OFFSET $offset
"""
COUNT = "SELECT count(*) AS total FROM scoped_sessions"
Order = Literal[
    "start", "-start", "duration_s", "-duration_s", "events", "-events", "errors", "-errors", "clicks", "-clicks",
    "page_views", "-page_views", "value", "-value", "active_s", "-active_s",
]  # fmt: skip


@with_config(STRICT)
@dataclass(frozen=True)
class Sessions:
    """The question: sessions that also pass `where`, `limit` of them after the first `offset`; `-` means largest
    first."""

    where: tuple[Where, ...] = ()
    order_by: Order = "-start"
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)


@dataclass(frozen=True)
class Row:
    """One session. Times are UTC, `start_local` is the wall clock of the reporting zone; durations are in seconds."""

    session_id: str
    user: str | None
    start: datetime
    end: datetime
    start_local: datetime
    events: int
    page_views: int
    clicks: int
    errors: int
    duration_s: float
    active_s: float
    bounce: bool | None
    value: float | None
    entry_page: str | None
    exit_page: str | None
    device: str | None
    browser: str | None
    os: str | None
    country: str | None
    release: str | None
    campaign: str | None
    total: int


@dataclass(frozen=True)
class SessionsResult:
    """The answer: one page of the list, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Sessions(order_by="-errors", limit=20)


def queries(params: Sessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    narrowed = scope.also(params.where)
    column, descending = params.order_by.lstrip("-"), params.order_by.startswith("-")
    order = f"{column} {'DESC' if descending else 'ASC'} NULLS LAST"
    listed = narrowed.query(SQL.format(order=order), limit=params.limit, offset=params.offset)
    return listed, narrowed.query(COUNT)


def run(store: Store, params: Sessions, scope: Scope) -> SessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    rows = tuple(store.rows(listed, Row))
    total = rows[0].total if rows else store.rows(counted, Total)[0].total
    return SessionsResult(rows, total, asked)
