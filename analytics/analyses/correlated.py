"""Correlated: which sessions or people stopped after a step of a funnel (or went on) and had one of the things that
funnel_correlation compares, one row each."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import funnel_correlation
from analytics.analyses.dropouts import PersonRow, SessionRow
from analytics.analyses.event_sessions import Total, check_page
from analytics.analyses.funnel_correlation import FunnelCorrelation
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import MOMENT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SESSIONS = """,
listed AS (
    SELECT session_id, start, count(*) OVER () AS total, (since - {start}) // 1000 AS at_ms
    FROM population JOIN scoped_sessions ON scoped_sessions.session_key = unit
    WHERE stopped = $stopped AND unit IN (SELECT unit FROM had WHERE kind = $kind AND value = $value)
)
SELECT session_id, total, at_ms
FROM listed
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
"""
PEOPLE = """,
listed AS (
    SELECT id AS user, since, count(*) OVER () AS total
    FROM population JOIN users ON users.user_key = unit
    WHERE stopped = $stopped AND unit IN (SELECT unit FROM had WHERE kind = $kind AND value = $value)
)
SELECT user, total
FROM listed
ORDER BY since DESC, user
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM population
WHERE stopped = $stopped AND unit IN (SELECT unit FROM had WHERE kind = $kind AND value = $value)
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Correlated(FunnelCorrelation):
    """The question: of the thing of this `kind` and `value`, who had it and stopped (else: went on), latest first."""

    kind: str = "event"
    value: str = ""
    stopped: bool = True
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_page(self.limit, self.offset)
        if self.kind not in (kinds := (*funnel_correlation.KINDS, *self.fields)):
            raise InvalidQuestion(f"There is no kind {self.kind!r}; there are {', '.join(kinds)}.")


@dataclass(frozen=True)
class CorrelatedResult:
    """The answer: one page of the list, and its whole length. `at_ms` is when the session came to the step."""

    rows: tuple[SessionRow | PersonRow, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Correlated(
    funnel_correlation.EXAMPLE.steps, step=funnel_correlation.EXAMPLE.step, kind="event", value="click", limit=20
)


def queries(params: Correlated, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = funnel_correlation.compared(params, params.kind)
    which = {"stopped": int(params.stopped), "kind": params.kind, "value": params.value, **ctes.params}
    page = SESSIONS.format(start=MOMENT.replace("time)", "start)")) if params.by == "session" else PEOPLE
    listed = scope.query(ctes.sql + page, limit=params.limit, offset=params.offset, **which)
    return listed, scope.query(ctes.sql + COUNTED, **which)


def run(store: Store, params: Correlated, scope: Scope) -> CorrelatedResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    row: type[SessionRow | PersonRow] = SessionRow if params.by == "session" else PersonRow
    rows = tuple(store.rows(listed, row))
    return CorrelatedResult(rows, rows[0].total if rows else store.rows(counted, Total)[0].total, asked)
