"""Dropouts: which sessions or people a funnel's bar counts, one row each.

With `converted` those that reached at least the step, else those that stopped exactly after it.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import funnel
from analytics.analyses.event_sessions import Row as SessionRow
from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SESSIONS = """,
listed AS (
    SELECT session_id, start, count(*) OVER () AS total
    FROM reached JOIN scoped_sessions ON scoped_sessions.session_key = unit
    WHERE {stood}
)
SELECT session_id, total
FROM listed
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
"""
PERSONS = """,
listed AS (
    SELECT id AS user, moment_1, count(*) OVER () AS total
    FROM reached JOIN users ON users.user_key = unit
    WHERE {stood}
)
SELECT user, total
FROM listed
ORDER BY moment_1 DESC, user
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM reached
WHERE {stood}
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Dropouts(funnel.Funnel):
    """The question: who reached `step` of a funnel (`converted`), or stopped exactly there; latest first."""

    step: int = 1
    converted: bool = False
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_page(self.limit, self.offset)
        if not 1 <= self.step <= len(self.steps):
            raise InvalidQuestion(f"This funnel's steps are 1 to {len(self.steps)}; there is no step {self.step}.")


@dataclass(frozen=True)
class PersonRow:
    """A person by id, and how many there are in all."""

    user: str
    total: int


@dataclass(frozen=True)
class DropoutsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[SessionRow | PersonRow, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Dropouts(funnel.EXAMPLE.steps, step=3, limit=20)


def queries(params: Dropouts, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = funnel.reached(params)
    stood = f"furthest {'>=' if params.converted else '='} {params.step}"
    page = (SESSIONS if params.by == "session" else PERSONS).format(stood=stood)
    listed = scope.query(ctes.sql + page, limit=params.limit, offset=params.offset, **ctes.params)
    return listed, scope.query(ctes.sql + COUNTED.format(stood=stood), **ctes.params)


def run(store: Store, params: Dropouts, scope: Scope) -> DropoutsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    kind: type[SessionRow | PersonRow] = SessionRow if params.by == "session" else PersonRow
    rows = tuple(store.rows(listed, kind))
    return DropoutsResult(rows, rows[0].total if rows else store.rows(counted, Total)[0].total, asked)
