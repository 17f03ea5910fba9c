"""Step counts: in how many sessions, and of how many people, there is an event that each of several matchers picks."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MOST = 50
FOUND = """
WITH found AS (
    SELECT session_key, user_key,{marks}
    FROM scoped
    WHERE {either}
    GROUP BY session_key, user_key
)
{counts}
ORDER BY step
"""
# a person's events may lie in somebody else's session, so both are counted apart
COUNTED = """SELECT {n} AS step, count(DISTINCT session_key) AS sessions, count(DISTINCT user_key) AS people
FROM found
WHERE did_{n} = 1"""


@with_config(STRICT)
@dataclass(frozen=True)
class StepCounts:
    """The question: how usual each of `steps` is by itself, whatever came before it; up to fifty of them."""

    steps: tuple[Matcher, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST:
            raise InvalidQuestion(f"Counts are made of 1 to {MOST} steps at once, not of {len(self.steps)}.")


@dataclass(frozen=True)
class Count:
    """`sessions` hold an event that step number `step` picks, done by `people`."""

    step: int
    sessions: int
    people: int


@dataclass(frozen=True)
class StepCountsResult:
    """The answer: one `Count` per step, in their order."""

    steps: tuple[Count, ...]
    queries: tuple[Query, ...]


EXAMPLE = StepCounts((Matcher(name="page_view", page="/product/*"), Matcher(name="add_to_cart"), Matcher(name="order")))


def queries(params: StepCounts, scope: Scope) -> tuple[Query, ...]:
    """One statement: the events are read once for all steps."""
    tests = [step.test(f"step_{n}") for n, step in enumerate(params.steps, 1)]
    marks = ",".join(
        f"\n        max(CASE WHEN {test.sql} THEN 1 ELSE 0 END) AS did_{n}" for n, test in enumerate(tests, 1)
    )
    either = "\n        OR ".join(f"({test.sql})" for test in tests)
    counts = "\nUNION ALL\n".join(COUNTED.format(n=n) for n in range(1, len(tests) + 1))
    sql = FOUND.format(marks=marks, either=either, counts=counts)
    return (scope.query(sql, **merged(test.params for test in tests)),)


def run(store: Store, params: StepCounts, scope: Scope) -> StepCountsResult:
    """Ask `store`; a step that nobody did counts nothing."""
    asked = queries(params, scope)
    return StepCountsResult(tuple(store.rows(asked[0], Count)), asked)
