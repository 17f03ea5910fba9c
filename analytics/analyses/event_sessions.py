"""Event sessions: which sessions hold an event that a matcher picks. The list behind a goal, an element, a region of
a page."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, Matcher
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

LISTED = """
, found AS (
    SELECT session_id, start, count(*) OVER () AS total
    FROM scoped_sessions
    WHERE session_key IN (SELECT session_key FROM members)
)
SELECT session_id, total
FROM found
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
"""
COUNTED = """
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
"""
ANY = Matcher()
MEMBERS = """
WITH members AS (
    SELECT DISTINCT session_key
    FROM scoped
    WHERE {test}
)"""


def check_page(limit: int | None, offset: int) -> None:
    """A list is read in pages; raises `InvalidQuestion` for one that is none. No limit is for streams."""
    if (limit is not None and limit < 0) or offset < 0:
        raise InvalidQuestion(f"A list has a limit and an offset from 0; these are {limit} and {offset}.")


@with_config(STRICT)
@dataclass(frozen=True)
class EventSessions:
    """The question: sessions with at least one event that `matcher` picks, latest first."""

    matcher: Matcher = ANY
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)


@dataclass(frozen=True)
class Row:
    """A session, and how many there are in all."""

    session_id: str
    total: int


@dataclass(frozen=True)
class Total:
    """How many there are in all."""

    total: int


@dataclass(frozen=True)
class EventSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = EventSessions(Matcher(name="order"), limit=20)


def listing(store: Store, asked: tuple[Query, ...]) -> tuple[tuple[Row, ...], int]:
    """The rows of a page and the length of the whole list, which a page beyond its end has to ask for."""
    rows = tuple(store.rows(asked[0], Row))
    return rows, rows[0].total if rows else store.rows(asked[1], Total)[0].total


def queries(params: EventSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    test = params.matcher.test("matcher")
    members = MEMBERS.format(test=test.sql)
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **test.params)
    return page, scope.query(members + COUNTED, **test.params)


def run(store: Store, params: EventSessions, scope: Scope) -> EventSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return EventSessionsResult(*listing(store, asked), asked)
