"""Outcome sessions: which sessions hold a click on an element that a given thing follows. The list behind it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.element_outcomes import ElementOutcomes, after
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
members AS (
    SELECT DISTINCT session_key
    FROM outcomes
    WHERE kind = $kind AND {thing}
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class OutcomeSessions:
    """The question: sessions with a click that `outcomes` is of, after which comes the `thing` of this `kind` (None:
    nothing, or what names none), latest first."""

    outcomes: ElementOutcomes
    kind: Literal["page", "again", "element", "event", "nothing"]
    thing: str | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)


@dataclass(frozen=True)
class OutcomeSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = OutcomeSessions(ElementOutcomes("button#pay-now", "/checkout/*"), "nothing", limit=20)


def queries(params: OutcomeSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    outcomes = after(params.outcomes)
    thing = "thing IS NULL" if params.thing is None else "thing = $thing"
    members = outcomes.sql + MEMBERS.format(thing=thing)
    values = {**outcomes.params, "kind": params.kind}
    if params.thing is not None:
        values["thing"] = params.thing
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: OutcomeSessions, scope: Scope) -> OutcomeSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return OutcomeSessionsResult(*event_sessions.listing(store, asked), asked)
