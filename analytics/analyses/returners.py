"""Returners: the people behind a cell of retention, a bar of stickiness or a bar of the lifecycle, one row each.

A cell of retention lists the cohort's people that came back in it, or with `returned` false those that did not; value
0 is the whole cohort. Who was seen last is first.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import MISSING, with_config

from analytics import intervals, retention_sql
from analytics.analyses import lifecycle, retention, stickiness
from analytics.analyses.dropouts import PersonRow, ValueRow
from analytics.analyses.event_sessions import Total, check_page
from analytics.analyses.lifecycle import Kind, Lifecycle
from analytics.analyses.retention import ALIASED, Latest, Retention
from analytics.analyses.stickiness import Stickiness
from analytics.conditions import Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.intervals import Grid, cte
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

OF_CELL = """
SELECT unit
FROM started JOIN cells ON of_place = place{also}
WHERE place = {place} AND slot = {slot} AND {came}{of}"""
OF_BAR = """
SELECT unit
FROM {source}{also}
WHERE place = {place} AND {test}"""
PERSONS = """,
listed AS (
    SELECT id AS user, last_seen, count(*) OVER () AS total
    FROM chosen JOIN users ON users.user_key = unit
)
SELECT user, total
FROM listed
ORDER BY last_seen DESC, user
LIMIT $limit OFFSET $offset
"""
VALUES = """,
listed AS (
    SELECT unit AS value, count(*) OVER () AS total
    FROM chosen
)
SELECT value, total
FROM listed
ORDER BY value
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM chosen
"""


@with_config(ALIASED)
@dataclass(frozen=True)
class Returners:
    """The question: one of the three, and which of its cells or bars, by its `start` as the answer names it.

    retention: `interval` is the place of the value in the row, from 0; with a breakdown `value` (None: those without
    one) or `rest`. stickiness: `days`. lifecycle: `kind`.
    """

    start: str
    retention: Retention | None = None
    stickiness: Stickiness | None = None
    lifecycle: Lifecycle | None = None
    interval: int = 0
    returned: bool = True
    value: str | MISSING | None = MISSING
    rest: bool = False
    days: int | None = None
    kind: Kind | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if sum(one is not None for one in (self.retention, self.stickiness, self.lifecycle)) != 1:
            raise InvalidQuestion("A list is behind retention, stickiness or lifecycle: give one of them.")
        if (self.stickiness is None) != (self.days is None) or (self.lifecycle is None) != (self.kind is None):
            raise InvalidQuestion("A bar of stickiness is named by its days, one of the lifecycle by its kind.")
        try:
            datetime.fromisoformat(self.start)
        except ValueError:
            raise InvalidQuestion(f"start is a day such as 2026-08-03, not {self.start!r}.") from None
        if self.retention is not None and not 0 <= self.interval <= len(self.retention.slots):
            raise InvalidQuestion(
                f"A cohort's values are 0 to {len(self.retention.slots)}; there is no {self.interval}."
            )
        parted = self.value is not MISSING or self.rest
        if parted and (self.retention is None or self.retention.breakdown is None):
            raise InvalidQuestion("A value, or the rest of them, is one of a breakdown; there is none here.")

    @property
    def by(self) -> str:
        """What a row is: `user`, or the field whose values retention counts."""
        return self.retention.by if self.retention is not None else "user"

    @property
    def grid(self) -> Grid:
        """The intervals of the question."""
        asked = self.retention or self.stickiness or self.lifecycle
        if asked is None:
            raise TypeError("one of the three is there")
        return asked.grid


@dataclass(frozen=True)
class ReturnersResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[PersonRow | ValueRow, ...]
    total: int
    queries: tuple[Query, ...] = field(default=(), repr=False)


EXAMPLE = Returners(
    "2026-08-31", Retention("week", Matcher(name="page_view"), Matcher(name="order"), intervals=8), interval=1, limit=20
)


def queries(params: Returners, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    within, ctes = _chosen(params, scope)
    page = PERSONS if params.by == "user" else VALUES
    listed = within.query(ctes.sql + page, limit=params.limit, offset=params.offset, **ctes.params)
    return listed, within.query(ctes.sql + COUNTED, **ctes.params)


def _chosen(params: Returners, scope: Scope) -> tuple[Scope, Condition]:
    """The scope that is asked, and the CTEs up to `chosen`, a row per `unit` of the cell or bar."""
    number = params.grid.number(datetime.fromisoformat(params.start))
    own: dict[str, object] = {"start_no": number}
    range_ = intervals.range_of(params.grid, scope)
    place = f"CAST($start_no - {range_.first} AS INTEGER)"
    within = scope
    if params.retention is not None:
        ctes = retention.started(params.retention, scope, alone=True)
        back = retention_sql.came_back(retention.shape(params.retention))
        came = "true" if params.interval == 0 else f"({back})" if params.returned else f"NOT ({back})"
        of = ""
        if params.rest:
            of = f"\n    AND rank > {params.retention.top}"
        elif params.value is not MISSING:
            of, own["value"] = "\n    AND value = $value", params.value or ""
        text = OF_CELL.format(place=place, slot=params.interval, came=came, of=of, also=range_.also)
    elif params.stickiness is not None:
        ctes = stickiness.spread(params.stickiness, scope)
        own["days"] = params.days
        text = OF_BAR.format(source="spread", place=place, test="days = $days", also=range_.also)
    else:
        if params.lifecycle is None:
            raise TypeError("one of the three is there")
        within, ctes = lifecycle.kinds(params.lifecycle, scope)
        own["kind"] = params.kind
        text = OF_BAR.format(source="kinds", place=place, test="kind = $kind", also=range_.also)
    return within, Condition(f"{ctes.sql},\n{cte('chosen', text)}", merged([ctes.params, own]), "")


def run(store: Store, params: Returners, scope: Scope) -> ReturnersResult:
    """Ask `store`; an empty scope gives an empty list."""
    latest = store.rows(scope.query(intervals.LATEST), Latest)[0].latest
    listed, counted = asked = queries(params, intervals.bounded(scope, latest))
    kind: type[PersonRow | ValueRow] = PersonRow if params.by == "user" else ValueRow
    rows = tuple(store.rows(listed, kind))
    return ReturnersResult(rows, rows[0].total if rows else store.rows(counted, Total)[0].total, asked)
