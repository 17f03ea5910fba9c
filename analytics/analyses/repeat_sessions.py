"""Repeat sessions: which sessions did one thing so often before another was first reached. The list behind repeats."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.repeats import EXAMPLE as REPEATS
from analytics.analyses.repeats import Repeats, counted
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
members AS (
    SELECT session_key
    FROM counted
    WHERE reached = $reached AND times BETWEEN $least AND $most
)"""
MANY = 2_000_000_000


@with_config(STRICT)
@dataclass(frozen=True)
class RepeatSessions:
    """The question: sessions of `repeats` that `reached` the other thing (or never did) after doing the one at least
    `least` and at most `most` times, latest first."""

    repeats: Repeats
    reached: bool = True
    least: int = 1
    most: int | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise InvalidQuestion(f"Times are counted from 0 up; these are {self.least} to {self.most}.")


@dataclass(frozen=True)
class RepeatSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = RepeatSessions(REPEATS, least=2, limit=20)


def queries(params: RepeatSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = counted(params.repeats)
    members = ctes.sql + MEMBERS
    most = MANY if params.most is None else params.most
    values = {**ctes.params, "reached": int(params.reached), "least": params.least, "most": most}
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: RepeatSessions, scope: Scope) -> RepeatSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return RepeatSessionsResult(*event_sessions.listing(store, asked), asked)
