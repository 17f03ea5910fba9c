"""Session totals: how many sessions and people a list holds, and how they fared: the sentence above it."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import sessions
from analytics.analyses.sessions import Among
from analytics.conditions import STRICT, Matcher
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# People come from the sessions where those are one person's (nearly all), else from the events, as in the overview.
SQL = """{kept}persons_listed AS (
    SELECT user_key
    FROM listed
    WHERE people = 1
    UNION ALL
    SELECT user_key
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM listed WHERE people > 1)
)
SELECT
    count(*) AS sessions,
    (SELECT count(DISTINCT user_key) FROM persons_listed) AS people,
    count(CASE WHEN errors > 0 THEN 1 END) AS with_error,
    count(CASE WHEN bounce THEN 1 END) AS bounces,
    count(bounce) AS with_bounce_value,
    coalesce(CAST(sum(duration_ms) AS BIGINT), 0) AS duration_ms
FROM listed
"""
ANY = Among()


@with_config(STRICT)
@dataclass(frozen=True)
class SessionTotals:
    """The question: of which list; `{}` is every session of the scope."""

    among: Among = ANY


@dataclass(frozen=True)
class Totals:
    """`with_error` had at least one; `bounces` are among `with_bounce_value`; `duration_ms` of all together."""

    sessions: int
    people: int
    with_error: int
    bounces: int
    with_bounce_value: int
    duration_ms: int


@dataclass(frozen=True)
class SessionTotalsResult:
    """The answer."""

    totals: tuple[Totals, ...]
    queries: tuple[Query, ...]

    @property
    def of_all(self) -> Totals:
        """The one row."""
        return self.totals[0]


EXAMPLE = SessionTotals(Among(did=(Matcher(name="order"),)))


def queries(params: SessionTotals, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    chosen = sessions.kept(params.among)
    return (scope.also(params.among.where).query(SQL.format(kept=chosen.sql), **chosen.params),)


def run(store: Store, params: SessionTotals, scope: Scope) -> SessionTotalsResult:
    """Ask `store`; an empty scope has zeros."""
    asked = queries(params, scope)
    return SessionTotalsResult(tuple(store.rows(asked[0], Totals)), asked)
