"""Step matrix: which share of sessions (or people) is at which item in step 1, 2, ..., those that have ended included.

Over people, as shares of two scopes are compared: a person's sessions are not independent of each other.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics import stats
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.path_items import Group
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store
from analytics.transition_sql import END, OTHER, Items, one_by_one

ENOUGH = 10

CELLS = """,
numbered AS (
    SELECT session_key, unit, {item} AS item,
        row_number() OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS step
    FROM items
),
whole AS (
    SELECT unit, max(step) AS last, arg_max(session_key, step) AS session_key
    FROM numbered
    GROUP BY unit
),
cells AS (
    SELECT session_key, step, item
    FROM numbered
    WHERE step <= $steps
    UNION ALL
    SELECT session_key, number AS step, $end AS item
    FROM whole CROSS JOIN (SELECT unnest(generate_series(2, $steps)) AS number) AS numbers
    WHERE number > last
)"""
SUMMED = """,
of_person AS (
    SELECT person, step, item, CAST(count(*) AS DOUBLE) AS n
    FROM cells
    JOIN (SELECT session_key AS key_, user_key AS person FROM scoped_sessions) AS whose ON key_ = session_key
    GROUP BY person, step, item
),
beside AS (
    SELECT *, sum(CASE WHEN step = 1 THEN n ELSE 0 END) OVER (PARTITION BY person) AS m
    FROM of_person
)
SELECT step, item, sum(n) AS total, sum(n * n) AS squares, sum(n * m) AS crosses, count(DISTINCT person) AS people
FROM beside
GROUP BY GROUPING SETS ((step, item), ())
ORDER BY step, total DESC, item
"""


@with_config(STRICT)
@dataclass(frozen=True)
class StepMatrix(Items):
    """The question: the first `steps` steps, 2 to 20. `shown` items stand for themselves, all others are one.

    By user, the steps are those of a person's sessions one after another, and people are counted.
    """

    steps: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.steps <= 20:
            raise InvalidQuestion(f"A step matrix has 2 to 20 steps, not {self.steps}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it; without a step: all of them."""

    step: int | None
    item: str | None
    total: float | None
    squares: float | None
    crosses: float | None
    people: int


@dataclass(frozen=True)
class Cell:
    """`sessions` (by user: people) are at `item` in `step`, or have ended before it; `sums` are over people, of all."""

    step: int
    item: str
    sessions: int
    sums: Sums

    @property
    def share(self) -> float:
        """Of all sessions that have a path."""
        return self.sums.mean


@dataclass(frozen=True)
class StepMatrixResult:
    """The answer; of every step the cells add up to `sessions`. `base` is a cell of nobody."""

    cells: tuple[Cell, ...]
    sessions: int
    base: Sums | None
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Changed:
    """A cell on two scopes; q is None where a side has too few people, or the cell too few sessions."""

    step: int
    item: str
    before: float
    after: float
    sessions: tuple[int, int]
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether it is more than noise."""
        return self.q is not None and self.q < 0.05


EXAMPLE = StepMatrix(steps=6, groups=(Group("Looking around", ("/product/*", "/category/:name")), "/:area/customers/*"))


def cells(params: StepMatrix) -> Condition:
    """The CTEs up to `cells`: a row per path and step, with its session (of an ended path the last one)."""
    ctes = one_by_one(params)
    values: dict[str, object] = {"steps": params.steps, "end": END}
    item = "item"
    if params.shown:
        item = "CASE WHEN list_contains($shown, item) THEN item ELSE $other END"
        values |= {"shown": list(params.shown), "other": OTHER}
    return Condition(ctes.sql + CELLS.format(item=item), merged([ctes.params, values]), "")


def queries(params: StepMatrix, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    ctes = cells(params)
    return (scope.query(ctes.sql + SUMMED, **ctes.params),)


def run(store: Store, params: StepMatrix, scope: Scope) -> StepMatrixResult:
    """Ask `store`; an empty scope has no cells."""
    asked = queries(params, scope)
    rows = list(store.rows(asked[0], Row))
    people = next((row.people for row in rows if row.step is None), 0)
    begun = [row for row in rows if row.step == 1]
    n = round(sum(row.total or 0 for row in begun))
    counts = sum(row.crosses or 0 for row in begun)
    found = tuple(
        Cell(
            row.step, row.item, round(row.total or 0),
            Sums(n, row.total or 0, row.total or 0, people, row.squares or 0, row.crosses or 0, counts),
        )
        for row in rows
        if row.step is not None and row.item is not None
    )  # fmt: skip
    return StepMatrixResult(found, n, Sums(n, 0, 0, people, 0, 0, counts) if n else None, asked)


def changed(before: StepMatrixResult, after: StepMatrixResult) -> tuple[Changed, ...]:
    """Every cell of either scope, the surest and largest changes first; none where a side has no session."""
    if before.base is None or after.base is None:
        return ()
    sides = [{(cell.step, cell.item): cell.sums for cell in side.cells} for side in (before, after)]
    found = [
        _compared(at, sides[0].get(at, before.base), sides[1].get(at, after.base))
        for at in dict.fromkeys([*sides[0], *sides[1]])
    ]
    corrected = stats.corrected(found)
    return tuple(sorted(corrected, key=lambda each: (not each.clear, -abs(each.change), each.step, each.item)))


def _compared(at: tuple[int, str], one: Sums, other: Sums) -> Changed:
    sessions = round(one.total), round(other.total)
    if min(one.people, other.people) < ENOUGH or sum(sessions) < ENOUGH:
        return Changed(*at, one.mean, other.mean, sessions)
    figures = stats.by_person(one, other)
    return Changed(*at, one.mean, other.mean, sessions, figures.low, figures.high, figures.p)
