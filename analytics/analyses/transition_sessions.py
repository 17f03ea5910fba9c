"""Transition sessions: which sessions go from one item straight to another. The list behind a transition."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.transitions import Transitions
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.transition_sql import steps

MEMBERS = """,
members AS (
    SELECT min(session_key) AS session_key
    FROM steps
    WHERE {conditions}
    GROUP BY unit
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class TransitionSessions:
    """The question: sessions with a step from `source` to `target`, latest first. None is any item.

    Items are called as in the matrix, `(start)`, `(end)` and, with `shown`, `(other)` included. By user it is one
    session of each person: the first one with such a step, or that such a step leaves.
    """

    transitions: Transitions
    source: str | None = None
    target: str | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if self.source is None and self.target is None:
            raise InvalidQuestion("A transition has a source or a target; name one of them.")


@dataclass(frozen=True)
class TransitionSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = TransitionSessions(Transitions(groups=("/product/*", "/category/*")), "/cart", "/category/*", limit=20)


def queries(params: TransitionSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = steps(params.transitions, ["session_key", "unit"], each=True)
    ends = {name: value for name in ("source", "target") if (value := getattr(params, name)) is not None}
    members = ctes.sql + MEMBERS.format(conditions=" AND ".join(f"{name} = ${name}" for name in ends))
    values = {**ctes.params, **ends}
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: TransitionSessions, scope: Scope) -> TransitionSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return TransitionSessionsResult(*event_sessions.listing(store, asked), asked)
