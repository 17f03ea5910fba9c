"""Pattern: how many sessions, and how many people, did something in a given order, and how long it took them.

The pattern is written in the language of docs/patterns.md. A session counts once. Of its matches the one that ends
first is timed, and of several that end there the one that began last; by person it is the person's first such session.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import patterns
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SCOPED = patterns.Tables("scoped_sessions", "scoped", "scoped_visits")
COUNTS = """
WITH {ctes},
in_scope AS (
    SELECT count(*) AS sessions, count(DISTINCT user_key) AS people
    FROM scoped_sessions
),
matching AS (
    SELECT count(*) AS sessions, count(DISTINCT user_key) AS people, avg(to_ms - from_ms) AS mean_ms,
        quantile_cont(to_ms - from_ms, 0.25) AS quarter_ms, median(to_ms - from_ms) AS median_ms,
        quantile_cont(to_ms - from_ms, 0.75) AS three_quarters_ms
    FROM found JOIN scoped_sessions ON scoped_sessions.session_key = found.session_key
)
SELECT matching.sessions, matching.people, in_scope.sessions AS of_sessions, in_scope.people AS of_people,
    mean_ms, quarter_ms, median_ms, three_quarters_ms
FROM matching CROSS JOIN in_scope
"""

ENDS = """
WITH {ctes}
SELECT session_key, from_position, position
FROM {ends}
ORDER BY session_key, position
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Pattern:
    """The question, as `{"pattern": "page:/cart -> page:/pay within 10m"}`.

    `every` also counts how often the pattern is matched: each time the next match that ends first, none overlapping.
    """

    pattern: str
    every: bool = False

    def __post_init__(self) -> None:
        patterns.parse(self.pattern)  # refused where it is written


@dataclass(frozen=True)
class Row:
    """As the statement gives it: `of_` are all in scope; times are None without a match."""

    sessions: int
    people: int
    of_sessions: int
    of_people: int
    mean_ms: float | None
    quarter_ms: float | None
    median_ms: float | None
    three_quarters_ms: float | None


@dataclass(frozen=True)
class Count:
    """`matching` of the `in_scope` sessions, or people with such a session."""

    by: Literal["session", "user"]
    matching: int
    in_scope: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of nobody."""
        return self.matching / self.in_scope if self.in_scope else None


@dataclass(frozen=True)
class PatternResult:
    """The answer. Times are of the sessions that match, from the first part to the last, in milliseconds.

    `matches` is None unless every match was asked for.
    """

    counts: tuple[Count, ...]
    in_words: str
    mean_ms: float | None
    quarter_ms: float | None
    median_ms: float | None
    three_quarters_ms: float | None
    matches: int | None
    queries: tuple[Query, ...]

    @property
    def sessions(self) -> int:
        """How many match."""
        return self.counts[0].matching


EXAMPLE = Pattern("page:/cart -> !search -> page:/checkout/* within 10m -> order within 1h of start => (end)")


def found(text: str) -> patterns.Found:
    """The CTEs up to `found`: one row per session of the scope that matches, with its first match."""
    return patterns.first_matches(patterns.parse(text), SCOPED, "found")


def queries(params: Pattern, scope: Scope) -> tuple[Query, ...]:
    """One statement; a second one lists all ends of matches, if every match counts."""
    matches = found(params.pattern)
    counts = scope.query(COUNTS.format(ctes=patterns.listed(matches.ctes)), **matches.params)
    if not params.every:
        return (counts,)
    every = patterns.matches(patterns.parse(params.pattern), SCOPED, "found")
    ends = ENDS.format(ctes=patterns.listed(every.ctes[:-1]), ends=every.ends)
    return counts, scope.query(ends, **every.params)


def run(store: Store, params: Pattern, scope: Scope) -> PatternResult:
    """Ask `store`; an empty scope gives zeros."""
    asked = queries(params, scope)
    row = store.rows(asked[0], Row)[0]
    return PatternResult(
        (Count("session", row.sessions, row.of_sessions), Count("user", row.people, row.of_people)),
        patterns.parse(params.pattern).words,
        row.mean_ms,
        row.quarter_ms,
        row.median_ms,
        row.three_quarters_ms,
        _without_overlap(store, asked[1]) if params.every else None,
        asked,
    )


def _without_overlap(store: Store, ends: Query) -> int:
    # one after the other, as where the next match may begin depends on the last one taken
    batches = iter(store.batches(ends))
    next(batches)  # the columns' names
    count, session, done = 0, None, 0
    for batch in batches:
        for key, begin, end in batch:
            if key != session or begin > done:  # type: ignore[operator]
                count, session, done = count + 1, key, end  # type: ignore[assignment]
    return count
