"""Pattern sessions: which sessions match a pattern, and where in each the match is. The list behind its figures."""

from dataclasses import dataclass

from pydantic import with_config

from analytics import patterns
from analytics.analyses import pattern
from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

LISTED = """
WITH {ctes}
SELECT session_id, from_position, from_ms, to_position, to_ms, count(*) OVER () AS total
FROM found JOIN scoped_sessions ON scoped_sessions.session_key = found.session_key
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
"""
COUNTED = """
WITH {ctes}
SELECT count(*) AS total
FROM found
"""


@with_config(STRICT)
@dataclass(frozen=True)
class PatternSessions:
    """The question: sessions that match `pattern`, latest first."""

    pattern: str
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        patterns.parse(self.pattern)


@dataclass(frozen=True)
class Row:
    """A session, and its first match: events `from_position` to `to_position`, milliseconds since its start.

    The session's own start has position 0, its end the position after its last event. `total`: how many there are.
    """

    session_id: str
    from_position: int
    from_ms: int
    to_position: int
    to_ms: int
    total: int


@dataclass(frozen=True)
class PatternSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = PatternSessions(pattern.EXAMPLE.pattern, limit=20)


def queries(params: PatternSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    matches = pattern.found(params.pattern)
    ctes = patterns.listed(matches.ctes)
    page = scope.query(LISTED.format(ctes=ctes), limit=params.limit, offset=params.offset, **matches.params)
    return page, scope.query(COUNTED.format(ctes=ctes), **matches.params)


def run(store: Store, params: PatternSessions, scope: Scope) -> PatternSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    rows = tuple(store.rows(asked[0], Row))
    return PatternSessionsResult(rows, rows[0].total if rows else store.rows(asked[1], Total)[0].total, asked)
