"""Step sessions: which sessions are at an item in a step, or have ended before it. The list behind a step matrix."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.step_matrix import StepMatrix, cells
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.transition_sql import END

MEMBERS = """,
members AS (
    SELECT DISTINCT session_key
    FROM cells
    WHERE step = $step AND item = $item
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class StepSessions:
    """The question: sessions of the cell (`step`, `item`), latest first; items are called as in the matrix.

    By user it is one session of each person: the one that the step is in, or, at `(end)`, the last one.
    """

    matrix: StepMatrix
    step: int
    item: str
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if not 1 <= self.step <= self.matrix.steps:
            raise InvalidQuestion(f"The matrix has steps 1 to {self.matrix.steps}; there is no step {self.step}.")


@dataclass(frozen=True)
class StepSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = StepSessions(StepMatrix(steps=6, groups=("/product/*", "/category/*")), 3, END, limit=20)


def queries(params: StepSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = cells(params.matrix)
    values = {**ctes.params, "step": params.step, "item": params.item}
    page = scope.query(ctes.sql + MEMBERS + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(ctes.sql + MEMBERS + COUNTED, **values)


def run(store: Store, params: StepSessions, scope: Scope) -> StepSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return StepSessionsResult(*event_sessions.listing(store, asked), asked)
