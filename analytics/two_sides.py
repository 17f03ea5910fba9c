"""Two scopes in one statement: what a comparison reads.

sided_sessions    the sessions of either side, `side` being 0 before and 1 after; one that is on both is there twice
sided             their events                         sided_visits, sided_clicks   their stays and clicks
scoped...         the same without `side`, each once, as in a statement of one scope
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from textwrap import dedent

from analytics.conditions import Condition
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import TABLES, Scope, cte, statement

SESSIONS = """sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE {before}
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE {after}
)"""
SIDED = """{name} AS NOT MATERIALIZED (
    SELECT {table}.*, side
    FROM {table} JOIN (SELECT session_key AS sided_key, side FROM sided_sessions) AS sides ON session_key = sided_key
)"""
OF_SIDES = {"sided": "scoped", "sided_visits": "scoped_visits", "sided_clicks": "scoped_clicks"}


@dataclass(frozen=True)
class TwoSides:
    """Two scopes, each already narrowed to what else is asked for."""

    before: Scope
    after: Scope

    @classmethod
    def within(cls, before: Scope, after: Scope, scope: Scope) -> "TwoSides":
        """Both narrowed to `scope`."""
        return cls(before.narrowed(scope), after.narrowed(scope))

    @property
    def disjoint(self) -> bool:
        """Whether it is plain that no session can be on both sides."""
        one, other = self.before, self.after
        apart = (one.stop and other.start and one.stop <= other.start) or (
            other.stop and one.start and other.stop <= one.start
        )
        return bool(apart) or bool(one.releases and other.releases and not set(one.releases) & set(other.releases))

    def query(self, sql: str, **values: object) -> Query:
        """Puts an analysis behind both: `sql` reads the tables named above, never those of the store."""
        body = dedent(sql).strip()
        named = set(re.findall(r"\b(?:sided|scoped)(?:_sessions|_visits|_clicks)?\b|\ball_events\b", body))
        named |= {OF_SIDES[name] for name in named & OF_SIDES.keys()}
        before, after = self.before.tests("before"), self.after.tests("after")
        sides = [_all([*side.days, *side.filters]) for side in (before, after)]
        ctes = [*before.ctes, *after.ctes]
        if named & {"sided_sessions", *OF_SIDES}:
            ctes.append(SESSIONS.format(before=sides[0], after=sides[1]))
        either = [Condition(f"(({sides[0]}) OR ({sides[1]}))", {}, "")]
        of_events = named & TABLES.keys()
        if "scoped_sessions" in named or of_events:
            ctes.append(cte("scoped_sessions", "sessions", either))
        days = self._days()
        among = Condition("session_key IN (SELECT session_key FROM scoped_sessions)", {}, "")
        ctes += [cte(name, TABLES[name], [*days, among]) for name in TABLES if name in of_events]
        ctes += [SIDED.format(name=name, table=OF_SIDES[name]) for name in OF_SIDES if name in named]
        if "all_events" in named:
            ctes.append(cte("all_events", "events", []))
        tests = [*before.days, *before.filters, *after.days, *after.filters]
        asked = [condition.params for condition in tests]
        asked += [condition.params for condition in days] if of_events else []
        return statement(body, ctes, [*asked, dict(values)])

    def _days(self) -> list[Condition]:
        """From the first day of either side to the last: what prunes the tables of events."""
        starts, stops = (self.before.start, self.after.start), (self.before.stop, self.after.stop)
        hull = Scope(start=_known(starts, min), stop=_known(stops, max))
        return list(hull.days("either"))


def check_sides(before: Scope, after: Scope) -> None:
    """Raises `InvalidQuestion` where there is nothing to compare."""
    if before == after:
        raise InvalidQuestion("Before and after are the same sessions; choose two releases or two ranges.")


def _known(ends: tuple[date | None, ...], which: Callable[[list[date]], date]) -> date | None:
    days = [day for day in ends if day]
    return which(days) if len(days) == len(ends) else None


def _all(conditions: list[Condition]) -> str:
    return " AND ".join(condition.sql for condition in conditions) or "true"
