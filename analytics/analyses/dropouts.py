"""Dropouts: which sessions or people a bar of a funnel counts, one row each.

A bar of the steps or of a breakdown: with `converted` those that reached at least the step, else those that stopped
exactly after it. A bar of the histogram: those whose time lies in the bin.
"""

from dataclasses import dataclass

from pydantic import MISSING, with_config

from analytics.analyses import funnel
from analytics.analyses.event_sessions import Row as SessionRow
from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SESSIONS = """,
listed AS (
    SELECT session_id, start, count(*) OVER () AS total
    FROM {source} JOIN scoped_sessions ON scoped_sessions.session_key = unit
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


@with_config(STRICT)
@dataclass(frozen=True)
class Dropouts(funnel.Funnel):
    """The question: a funnel and one of its bars, latest first.

    Either `step` (with `value`, of the breakdown: None is the bar of those without one) or `bin`, of the histogram,
    from 1.
    """

    step: int | None = None
    converted: bool = False
    value: str | MISSING | None = MISSING
    bin: int | None = None
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
    page = {"session": SESSIONS, "user": PERSONS}.get(params.by, VALUES).format(source=source, stood=stood.sql)
    values = merged([ctes.params, stood.params])
    listed = scope.query(ctes.sql + page, limit=params.limit, offset=params.offset, **values)
    return listed, scope.query(ctes.sql + COUNTED.format(source=source, stood=stood.sql), **values)


def _bar(params: Dropouts) -> tuple[Condition, str, Condition]:
    """The CTEs, the one that holds the bar, and which of its rows are in it."""
    if params.bin is not None and params.histogram:
        return funnel.binned(params, params.histogram), "binned", Condition("bin = $bin", {"bin": params.bin}, "")
    # an optional step is reached by who did it, whatever came later
    stood = f"moment_{params.step} IS NOT NULL" if params.converted else f"furthest = {params.step}"
    if params.value is MISSING:
        return funnel.reached(params), "reached", Condition(stood, {}, "")
    if params.value is None:
        return funnel.valued(params), "valued", Condition(f"{stood} AND valued.value IS NULL", {}, "")
    return funnel.valued(params), "valued", Condition(f"{stood} AND valued.value = $value", {"value": params.value}, "")


def run(store: Store, params: Dropouts, scope: Scope) -> DropoutsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    kinds: dict[str, type[SessionRow | PersonRow | ValueRow]] = {"session": SessionRow, "user": PersonRow}
    rows = tuple(store.rows(listed, kinds.get(params.by, ValueRow)))
    return DropoutsResult(rows, rows[0].total if rows else store.rows(counted, Total)[0].total, asked)
