"""Dropouts: which sessions or people a bar of a funnel counts, one row each.

A bar of the steps, of a value of the breakdown (or of the rest of its values), or of a day or week of the trend: with
`converted` those that reached at least the step, else those that stopped exactly after it. A bar of the histogram:
those whose time lies in the bin.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import MISSING, with_config

from analytics.analyses import funnel
from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import MOMENT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SESSIONS = """,
listed AS (
    SELECT session_id, start, count(*) OVER () AS total, (moment_{at} - {start}) // 1000 AS at_ms
    FROM {source} JOIN scoped_sessions ON scoped_sessions.session_key = unit
    WHERE {stood}
)
SELECT session_id, total, at_ms
FROM listed
ORDER BY start DESC, session_id, at_ms
LIMIT $limit OFFSET $offset
"""
PERSONS = """,
listed AS (
    SELECT id AS user, moment_1, count(*) OVER () AS total
    FROM {source} JOIN users ON users.user_key = unit
    WHERE {stood}
)
SELECT user, total
FROM listed
ORDER BY moment_1 DESC, user
LIMIT $limit OFFSET $offset
"""
VALUES = """,
listed AS (
    SELECT unit AS value, moment_1, count(*) OVER () AS total
    FROM {source}
    WHERE {stood}
)
SELECT value, total
FROM listed
ORDER BY moment_1 DESC, value
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM {source}
WHERE {stood}
"""
AMONG_REST = "coalesce(valued.value, '') NOT IN (SELECT value FROM most_values)"


@with_config(STRICT)
@dataclass(frozen=True)
class Dropouts(funnel.Funnel):
    """The question: a funnel and one of its bars, latest first.

    Either `step` or `bin`, of the histogram, from 1. A step's bar may be that of a `value` of the breakdown (None: of
    those without one), of its `rest`, or of the `period` of the trend that begins on that day.
    """

    step: int | None = None
    converted: bool = False
    value: str | MISSING | None = MISSING
    bin: int | None = None
    rest: bool = False
    period: date | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_page(self.limit, self.offset)
        if (self.step is None) == (self.bin is None):
            raise InvalidQuestion("A list is behind one bar: name its step, or its bin in the histogram.")
        if self.step is not None and not 1 <= self.step <= len(self.steps):
            raise InvalidQuestion(f"This funnel's steps are 1 to {len(self.steps)}; there is no step {self.step}.")
        if self.bin is not None and (self.histogram is None or self.converted or self.value is not MISSING):
            raise InvalidQuestion(f"Bin {self.bin} is one of a histogram of all, without a value and converted or not.")
        if self.value is not MISSING and self.breakdown is None:
            raise InvalidQuestion(f"The value {self.value!r} is none of a breakdown; this funnel has none.")
        if self.rest and (self.breakdown is None or self.breakdown_limit is None):
            raise InvalidQuestion("There is a rest only of a breakdown with a breakdown_limit.")
        if self.period is not None and self.trend is None:
            raise InvalidQuestion(f"The period {self.period} is none of a trend; this funnel has none.")
        kinds = (self.bin is not None, self.rest, self.period is not None, self.value is not MISSING)
        if sum(kinds) > 1:
            raise InvalidQuestion("A list is behind one bar: of a bin, a value, the rest or a period.")


@dataclass(frozen=True)
class SessionRow:
    """A session, how many there are in all, and when it did the step (of a bar of the histogram: its later one).

    `at_ms` is since the session's start.
    """

    session_id: str
    total: int
    at_ms: int | None


@dataclass(frozen=True)
class PersonRow:
    """A person by id, and how many there are in all."""

    user: str
    total: int


@dataclass(frozen=True)
class ValueRow:
    """A value of the field that is counted, and how many there are in all."""

    value: str
    total: int


@dataclass(frozen=True)
class DropoutsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[SessionRow | PersonRow | ValueRow, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Dropouts(funnel.EXAMPLE.steps, step=3, limit=20)


def queries(params: Dropouts, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes, source, stood = _bar(params)
    at = params.histogram.to_step if params.step is None and params.histogram else params.step
    parts = {"source": source, "stood": stood.sql, "at": at, "start": MOMENT.replace("time)", "start)")}
    page = {"session": SESSIONS, "user": PERSONS}.get(params.by, VALUES).format(**parts)
    values = merged([ctes.params, stood.params])
    listed = scope.query(ctes.sql + page, limit=params.limit, offset=params.offset, **values)
    return listed, scope.query(ctes.sql + COUNTED.format(**parts), **values)


def _bar(params: Dropouts) -> tuple[Condition, str, Condition]:
    """The CTEs, the one that holds the bar, and which of its rows are in it."""
    if params.bin is not None and params.histogram:
        return funnel.binned(params, params.histogram), "binned", Condition("bin = $bin", {"bin": params.bin}, "")
    # an optional step is reached by who did it, whatever came later
    stood = f"moment_{params.step} IS NOT NULL" if params.converted else f"furthest = {params.step}"
    if params.period is not None:
        within = Condition(f"{stood} AND reached.period = $begun", {"begun": params.period}, "")
        return funnel.reached(params, trend=True), "reached", within
    if params.rest:
        return funnel.with_most(params), "valued", Condition(f"{stood} AND {AMONG_REST}", {}, "")
    if params.value is MISSING:
        return funnel.reached(params), "reached", Condition(stood, {}, "")
    ctes = funnel.valued(params)
    if params.value is None:
        return ctes, "valued", Condition(f"{stood} AND valued.value IS NULL", {}, "")
    return ctes, "valued", Condition(f"{stood} AND valued.value = $value", {"value": params.value}, "")


def run(store: Store, params: Dropouts, scope: Scope) -> DropoutsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    kinds: dict[str, type[SessionRow | PersonRow | ValueRow]] = {"session": SessionRow, "user": PersonRow}
    rows = tuple(store.rows(listed, kinds.get(params.by, ValueRow)))
    return DropoutsResult(rows, rows[0].total if rows else store.rows(counted, Total)[0].total, asked)
