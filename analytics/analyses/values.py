"""Values: which values a field has in scope, and in how many sessions and events: what a choice on a page offers."""

from dataclasses import dataclass

from pydantic import with_config

from analytics import conditions
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

OF_EVENTS = """
SELECT {column} AS value, count(DISTINCT session_key) AS sessions, count(*) AS events, {text} AS text
FROM scoped
WHERE {column} IS NOT NULL
GROUP BY 1
ORDER BY sessions DESC, events DESC, value
LIMIT $limit
"""
OF_SESSIONS = """
SELECT {column} AS value, count(*) AS sessions, CAST(sum(events) AS BIGINT) AS events, max(NULL) AS text
FROM scoped_sessions
WHERE {column} IS NOT NULL
GROUP BY 1
ORDER BY sessions DESC, events DESC, value
LIMIT $limit
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Values:
    """The question: the `limit` most usual values of `field` (of an event or a session), most sessions first."""

    field: str
    limit: int = 1000

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= 10_000:
            raise InvalidQuestion(f"A list has a limit from 1 to 10,000, not {self.limit}.")
        if conditions.column(self.field, "field").level == "person":
            raise InvalidQuestion(f"Values are listed of events and sessions; {self.field!r} belongs to a person.")


@dataclass(frozen=True)
class Value:
    """A value as text; `text`: what an element with it says, where it is one."""

    value: str
    sessions: int
    events: int
    text: str | None


@dataclass(frozen=True)
class ValuesResult:
    """The answer."""

    values: tuple[Value, ...]
    queries: tuple[Query, ...]


EXAMPLE = Values("page", limit=50)


def queries(params: Values, scope: Scope) -> tuple[Query, ...]:
    """One statement, over events or over sessions."""
    at = conditions.column(params.field, "field")
    text = "max(text)" if params.field == "element" else "max(NULL)"
    sql = OF_EVENTS.format(column=at.text, text=text) if at.level == "event" else OF_SESSIONS.format(column=at.text)
    return (scope.query(sql, limit=params.limit, **at.params),)


def run(store: Store, params: Values, scope: Scope) -> ValuesResult:
    """Ask `store`; an empty scope has no values."""
    asked = queries(params, scope)
    return ValuesResult(tuple(store.rows(asked[0], Value)), asked)
